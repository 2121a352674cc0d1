"""Faults between the browser and the server: addresses, viewers, what is kept."""

from tests.mutants.fault import Fault

EULER, ATTRIBUTION, PANEL = (f"tests/browser/test_{name}.py" for name in ("euler_page", "attribution_page", "panel"))

BLOCK, CALCULATOR, DEPTH, SIGNAL = (
    f"tests/browser/test_{name}_page.py" for name in ("block", "calculator", "depth", "signal")
)

FAULTS = [
    Fault(
        "resviz/ui/assets/address.js",
        "const search = this.search(NO_SETTINGS), url",
        "const search = this.search([]), url",
        "a change leads to the page's first view",
        (PANEL, EULER),
    ),
    Fault(
        "resviz/ui/assets/address.js",
        "    this.begin(this.named());",
        '    this.begin("");',
        "a panel opens with its defaults, whatever the link says",
        (CALCULATOR, EULER),
    ),
    Fault(
        "resviz/ui/assets/address.js",
        "if (epoch !== this.epoch) return;\n    this.pending.splice",
        "this.pending.splice",
        "an answer that was on its way takes back what Undo has led to",
        (CALCULATOR,),
    ),
    Fault(
        "resviz/runs/answers.py",
        "            job.leases.pop(viewer, None)\n",
        "            job.leases.clear()\n",
        "one who stops ends what another watches",
        (PANEL,),
    ),
    Fault(
        "resviz/ui/asking.py",
        '"share": look.share,',
        '"share": float(look.share >= 1),',
        "no progress is told",
        (PANEL,),
    ),
    Fault(
        "resviz/ui/sources.py",
        "return Question(self.kind, spec, _pictures[spec.own])",
        "return Question(self.kind, spec)",
        "a photograph of one's own does not reach the network",
        (ATTRIBUTION,),
    ),
    Fault(
        "resviz/ui/style.py",
        '"block": 680',
        '"block": 300',
        "what stands below the picture jumps when it comes",
        (BLOCK,),
    ),
    Fault(
        "resviz/ui/boards.py",
        "wish(scheduler(), study, viewer, again=anew)",
        "wish(scheduler(), study, viewer)",
        "what failed is not tried again at a press",
        (DEPTH, "tests/ui/test_board_panels.py"),
    ),
    Fault(
        "resviz/ui/assets/panel.js",
        "if (page.alone) this.address = new Address(false);",
        "",
        "a panel that stands alone changes the settings of the page",
        (BLOCK,),
    ),
    Fault(
        "resviz/ui/assets/dom.js",
        'window.dispatchEvent(new PopStateEvent("popstate"));',
        "",
        "a link of the path changes the address, and nothing else",
        ("tests/topics/start/test_page.py",),
    ),
]
