"""Faults of the browser's half."""

from tests.mutants.fault import Fault

ASSETS = "resviz/ui/assets/"
BRANCHES, DRAWING, NETWORKS = (f"tests/harness/test_{name}.py" for name in ("branches", "drawing", "networks"))
NUMBERS, TIMELINE = (f"tests/harness/test_{name}.py" for name in ("same_numbers", "timeline"))

FAULTS = [
    # the drawing, and networks before training
    Fault(
        f"{ASSETS}drawing.js",
        "return this.network.stem + (n - 0.5) * this.network.per + 0.5;",
        "return this.network.stem + n * this.network.per + 0.5;",
        "a block stands half a block beside its layers",
        (DRAWING,),
    ),
    Fault(
        f"{ASSETS}drawing.js",
        "const inRange = (set) => [...set].filter((n) => n >= first && n <= last).length;",
        "const inRange = (set) => [...set].filter((n) => n > first && n <= last).length;",
        "a group of blocks does not count what is cut in its first one",
        (NETWORKS, DRAWING),
    ),
    Fault(
        f"{ASSETS}net.js",
        "if (!set.delete(n)) set.add(n);",
        "set.add(n);",
        "a shortcut that is cut cannot be restored by a click",
        (DRAWING,),
    ),
    Fault(
        f"{ASSETS}net.js",
        "const last = stem + (i + 1) * per; // the layer that ends block i + 1",
        "const last = stem + i * per; // the layer that ends block i + 1",
        "a block has the colour of the one before it",
        (NETWORKS,),
    ),
    Fault(
        f"{ASSETS}still.js",
        "if (asked !== this.asked || this.abort.signal.aborted) return false;",
        "if (this.abort.signal.aborted) return false;",
        "a late answer takes the place of a later one",
        (DRAWING,),
    ),
    Fault(
        f"{ASSETS}still.js",
        "if (page) this.turn(page); // what could not be measured is not shown as if it had been",
        "",
        "the numbers of one network stand under another that could not be measured",
        (DRAWING,),
    ),
    Fault(
        f"{ASSETS}dom.js",
        '(event.shiftKey ? "redo" : "undo")',
        '(event.shiftKey ? "undo" : "redo")',
        "the keys of undo and redo are swapped",
        (DRAWING, BRANCHES),
    ),
    # figures
    Fault(
        f"{ASSETS}records.js",
        "if (r.step > cursor) break;",
        "if (r.step >= cursor) break;",
        "a line ends one step before the slider",
        (NUMBERS, TIMELINE),
    ),
    Fault(
        f"{ASSETS}plots.js",
        "y: filled.y.map((v) => (v > 0 ? v : null))",
        "y: filled.y.map((v) => v ?? null)",
        "a block that is out is drawn as 0 on a log scale, not as a gap",
        (NUMBERS, DRAWING),
    ),
    # runs and branches
    Fault(
        f"{ASSETS}live.js",
        "return this.playing ? FOREVER : this.records.preview",
        "return !this.playing ? FOREVER : this.records.preview",
        "a pause lets the training go on, and play stops it",
        (TIMELINE,),
    ),
    Fault(
        f"{ASSETS}stream.js",
        "if (!this.streamed) this.polling = true;",
        "if (this.streamed) this.polling = true;",
        "where no stream comes through, nothing is asked for",
        (TIMELINE,),
    ),
    Fault(
        f"{ASSETS}editor.js",
        "return at > 1 ? at : 0;",
        "return at > 0 ? at : 0;",
        "a change before training acts after the first step",
        (BRANCHES,),
    ),
    Fault(
        f"{ASSETS}editor.js",
        "} catch (error) { return error.message; }",
        '} catch (error) { return ""; }',
        "a change that is refused is not said",
        (BRANCHES,),
    ),
    Fault(
        f"{ASSETS}editor.js",
        "      from.pop();\n      to.push(here);",
        "      from.pop();",
        "what was undone cannot be done again",
        (BRANCHES,),
    ),
    Fault(
        f"{ASSETS}editor.js",
        'if (view.run !== run || view.abort.signal.aborted) return ""; // the page has moved on meanwhile',
        "",
        "the answer to a click comes back to a page that has moved on",
        (BRANCHES,),
    ),
]
