"""The finding of a comparison: which choices differ by more than chance, and which cannot be told apart."""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import fmean, variance
from typing import Literal

from resviz.families.resnet.spec import known
from resviz.runs.studies import Results, Study, accuracies, of_choice, rounds
from resviz.topics.compared.question import published
from resviz.words.say import percent, same_accuracy

# Student's t at 95%, two-sided, for 1, 2, ... degrees of freedom; two groups of ten seeds have 18.
_T95 = (
    12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13, 2.12, 2.11, 2.10,
)  # fmt: skip
Verdict = Literal["worse", "same", "better"]


def beyond_seeds(a: list[float], b: list[float]) -> bool:
    """Return whether two means differ by more than seeds vary (Welch's t at 95%). A single seed shows no variation, so any
    difference counts then."""
    if min(len(a), len(b)) < 2:
        return a != b
    va, vb = variance(a) / len(a), variance(b) / len(b)
    if va + vb == 0:
        return fmean(a) != fmean(b)
    freedom = (va + vb) ** 2 / (va**2 / (len(a) - 1) + vb**2 / (len(b) - 1))
    return abs(fmean(a) - fmean(b)) > _T95[max(1, min(int(freedom), len(_T95))) - 1] * math.sqrt(va + vb)


def verdict(values: list[float], reference: list[float], images: int) -> Verdict:
    """Compare a choice with the reference; "same" if the seeds or the number of test images cannot tell them apart."""
    here, there = fmean(values), fmean(reference)
    if same_accuracy(here, there, images) or not beyond_seeds(values, reference):
        return "same"
    return "better" if here > there else "worse"


def finding(study: Study, results: Results) -> str:
    """Return what the study shows so far; "" until one seed is done with every choice. Paragraphs as in `train_finding`."""
    seeds = rounds(study, results)
    values = {c.name: [v for _, v in accuracies(study, results, c)] for c in study.choices}
    reference = values[study.reference.name]
    if not seeds or not reference:
        return ""
    name, data = study.reference.label, known(study.base).data
    text = f"{name} reads {percent(fmean(reference))} of unseen {data.noun}"
    if len(reference) > 1:
        text += f" on average over {len(reference)} seeds ({percent(min(reference))} to {percent(max(reference))})"
    so_far = f"So far, {seeds} of {study.seeds} seeds: {text}."
    parts = [f"{text[:1].upper()}{text[1:]}." if seeds == study.seeds else so_far]
    others = {c.name: c for c in study.choices[1:]}
    stopped = {key: sum(o.stopped is not None for _, o in of_choice(study, results, c)) for key, c in others.items()}
    told = {
        key: verdict(values[key], reference, data.test)
        for key in others
        if not stopped[key] and len(values[key]) >= min(2, len(reference))
    }
    images = f"{data.test:,} test {data.noun}"
    by = f"more than seeds vary and {images} leave open" if seeds > 1 else f"more than {images} leave open"
    for side, says in (
        ("worse", f"Worse than {name} by {by}"),
        ("better", f"Better than {name} by {by}"),
        (
            "same",
            f"No difference from {name} that {f'{seeds} seeds' if seeds > 1 else 'one seed'} and {images} could show",
        ),
    ):
        if found := [f"{others[key].label} ({percent(fmean(values[key]))})" for key in told if told[key] == side]:
            parts.append(f"{says}: {', '.join(found)}.")
    if lost := [f"{others[key].label} in {n} of {seeds} runs" for key, n in stopped.items() if n]:
        parts.append(f"Numbers left the range of float32: {', '.join(lost)}.")
    if seeds == 1:
        parts.append("With one seed nothing tells how much of this is chance.")
    return "\n\n".join(filter(None, [*parts, _beside_paper(study, told)]))


def _beside_paper(study: Study, told: Mapping[str, Verdict]) -> str:
    """Return where the published table and the measured verdicts agree."""
    ours = published(study, study.reference)
    if not ours or ours[0].error is None:
        return ""
    better, worse = [], 0
    agree: dict[str, list[str]] = {"as there": [], "not told apart": [], "the other way round": []}
    for choice in study.choices[1:]:
        if rows := published(study, choice):
            there = "worse" if rows[0].error is None or rows[0].error > ours[0].error else "better"
            worse += there == "worse"
            better += [f"{choice.label} ({rows[0].text})"] if there == "better" else []
            if here := told.get(choice.name):
                how = "not told apart" if here == "same" else "as there" if here == there else "the other way round"
                agree[how].append(choice.label)
    others = "the others" if better else "all others"
    said = [f"{', '.join(better)} better" if better else "", f"{others} worse" if worse else ""]
    text = (
        f"{study.source} ({ours[0].network}, {ours[0].data}) finds {' and '.join(filter(None, said))} than "
        f"{study.reference.label} ({ours[0].text} error)."
    )
    seen = "; ".join(f"{how}: {', '.join(names)}" for how, names in agree.items() if names)
    return f"{text} Here ({known(study.base).depth} layers, {known(study.base).data.label}), {seen}." if seen else text
