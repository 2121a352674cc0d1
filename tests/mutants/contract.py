"""Faults of what all kinds of questions have in common: links, records, bits, panels, cards, files, and what is imported."""

from tests.mutants.fault import Fault

IN_SPECS, IN_ANSWERS = ("tests/contract/test_specs.py",), ("tests/contract/test_answers.py",)
IN_SHOWN, IN_PANELS = ("tests/contract/test_shown.py",), ("tests/contract/test_panels.py",)
IN_OPENINGS, IN_STUDIES = ("tests/contract/test_openings.py",), ("tests/contract/test_studies.py",)

FAULTS = [
    Fault(
        "resviz/words/fields.py",
        'shlex.quote(f"{key}={value}")',
        'f"{key}={value}"',
        "a setting with a space in it comes apart on the command line",
        IN_SPECS,
    ),
    Fault(
        "resviz/words/fields.py",
        "self.model_dump(exclude=later)",
        'self.model_dump(exclude={*later, "seed"})',
        "two seeds have one answer",
        IN_SPECS,
    ),
    Fault(
        "resviz/topics/shattered/question.py",
        'for name in ("x", "depths"):',
        'for name in ("x",):',
        "a record does not come back from text as it was",
        IN_ANSWERS,
    ),
    Fault(
        "resviz/topics/crossing/experiment.py",
        "generator = torch.Generator().manual_seed(spec.seed)",
        "generator = torch.Generator().manual_seed(torch.seed())",
        "the same spec gives other weights each time",
        IN_ANSWERS,
    ),
    Fault(
        "resviz/topics/lesion/experiment.py",
        "yield replace(record, done=1.0 if length == blocks else done, norm=tuple(norm))",
        "yield replace(record, done=done * (blocks + 1) / (blocks + 2), norm=tuple(norm))",
        "the last part is not told to be the last",
        IN_ANSWERS,
    ),
    Fault(
        "resviz/runs/recorded.py",
        '"several", "lengths", "landscape"',
        '"several", "landscape"',
        "a page opens on nothing although it takes seconds",
        IN_OPENINGS,
    ),
    Fault(
        "resviz/runs/commands.py",
        '"inside.paths:several_finding", "figures.paths:several_figures"',
        '"inside.paths:several_finding", "figures.paths:lesion_figures"',
        "the command line draws what belongs to another question",
        IN_SHOWN,
    ),
    Fault(
        "resviz/ui/panels.py",
        'Control("smooth", (0.0,',
        'Control("smoothing", (0.0,',
        "a panel offers a setting that its spec has not",
        IN_PANELS,
    ),
    Fault(
        "resviz/ui/panels.py",
        'Control("repeats", (1, 2, 4, 8, 16, 50))',
        'Control("repeats", (1, 2, 4, 8, 16, 100))',
        "a slider goes past what the setting takes",
        IN_PANELS,
    ),
    Fault(
        "resviz/ui/panels.py",
        'Measured("landscape", affordable)',
        'Measured("landscape")',
        "whole trainings start without being weighed",
        IN_PANELS,
    ),
    Fault(
        "resviz/ui/assets/panel.css",
        ".rv-area-land_surfaces {",
        ".rv-area-land_surface {",
        "a card is laid out under a name that it has not",
        IN_ANSWERS,
    ),
    Fault(
        "resviz/topics/lesion/question.py",
        'f"{2**n:,}" if n <= 40',
        'f"{2**n}" if n <= 40',
        "a finding counts paths in a row of digits",
        IN_SHOWN,
    ),
    Fault(
        "resviz/draw/table.py",
        '[[template["title"]], rows["header"], *rows["rows"], []]',
        '[[template["title"]], *rows["rows"], []]',
        "the tables of a file have no header",
        IN_SHOWN,
    ),
    Fault(
        "resviz/runs/studies.py",
        "numbers = (loss, found.train_accuracy, found.test_accuracy, found.stopped)",
        "numbers = (loss, found.test_accuracy, found.train_accuracy, found.stopped)",
        "training and test change places in the file of a study",
        IN_STUDIES,
    ),
    Fault(
        "resviz/runs/studies.py",
        'words |= {"seeds": str(self.seeds)} if self.seeds != usual.seeds else {}',
        'words |= {"seeds": str(self.seeds)} if self.seeds > usual.seeds else {}',
        "the link of a study of fewer seeds is that of more",
        IN_STUDIES,
    ),
    Fault(
        "resviz/runs/questions.py",
        "from pydantic import TypeAdapter\n",
        "from pydantic import TypeAdapter\n\nimport resviz.train.twins.lockstep  # noqa: F401\n",
        "the server imports torch",
        ("tests/test_imports.py",),
    ),
]
