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
        "resviz/ui/sources.py",
        "seen = {other for other, _ in self.looking.values()}",
        "seen = {key}",
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
        "resviz/ui/controls.py",
        'key = f"{name}_{number}" if number else name',
        "key = name",
        "what stood in a widget of a closed box comes back with the next change",
        (BLOCK,),
    ),
    Fault(
        "resviz/ui/live.py",
        "on_query_change=lambda: _follow(key))",
        "on_query_change=lambda: None)",
        "a change in the view does not reach the address",
        (SIGNAL,),
    ),
    Fault(
        "resviz/ui/style.py",
        '"st-key-flow": 286',
        '"st-key-flow": 86',
        "what stands below the picture jumps when it comes",
        (BLOCK,),
    ),
    Fault(
        "resviz/ui/study_routes.py",
        'wish(runs, study, viewer, again=bool(told.get("anew")))',
        "wish(runs, study, viewer)",
        "what failed is not tried again at a press",
        (DEPTH,),
    ),
]
