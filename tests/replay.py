"""A replay as fast as a browser can draw it, and what it leaves behind."""

# What a replay does at each fifth of a second, as fast as it can: the cursor goes on, and what has changed is drawn.
REPLAY = """async (repaints) => {
  const view = window.resviz;
  for (let i = 0; i < repaints; i++) {
    view.playhead.playing = true;
    view.playhead.position = view.playhead.cursor = 1 + (2 * i) % view.records.head;
    view.dirty = true;
    view.tick(i % 60 ? "" : "all");
    if (i % 50 === 0) await new Promise(requestAnimationFrame);
  }
}"""


def kept(cdp):
    """Bytes of the heap and nodes of the document, once what nobody needs has gone."""
    for _ in range(3):
        cdp.send("HeapProfiler.collectGarbage")
    found = {each["name"]: each["value"] for each in cdp.send("Performance.getMetrics")["metrics"]}
    return found["JSHeapUsedSize"], found["Nodes"]


def play(page, repaints):
    """What `repaints` fifths of a second of replay draw, on a page that shows a run with all its records."""
    page.evaluate(REPLAY, repaints)
