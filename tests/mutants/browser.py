"""Faults between the browser and the server: addresses, viewers, what is kept."""

from tests.mutants.fault import Fault

EULER, ATTRIBUTION, PANEL = (f"tests/browser/test_{name}.py" for name in ("euler_page", "attribution_page", "panel"))

BLOCK, CALCULATOR, DEPTH, SIGNAL = (
    f"tests/browser/test_{name}_page.py" for name in ("block", "calculator", "depth", "signal")
)

FAULTS = [
    Fault(
        "resviz/ui/panel.py",
        "st.query_params.from_dict(kept | words)",
        "st.query_params.from_dict(words)",
        "a change leads to the page's first view",
        (EULER,),
    ),
    Fault(
        "resviz/ui/panel.py",
        '"query": spec.query(),',
        '"query": "",',
        "a panel opens with its defaults, whatever the link says",
        (EULER,),
    ),
    Fault(
        "resviz/ui/panel.py",
        "    show_problems(problems)\n",
        "",
        "what cannot be used in a link is not said",
        (EULER,),
    ),
    Fault(
        "resviz/ui/sources.py",
        "seen = {other for other, _ in self.looking.values()}",
        "seen = {key}",
        "one who stops ends what another watches",
        (PANEL,),
    ),
    Fault(
        "resviz/ui/panel_routes.py",
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
        (CALCULATOR,),
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
