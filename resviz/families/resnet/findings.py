"""Findings: sentences made from measured numbers, worded so that they hold for whatever was measured."""

from __future__ import annotations

import math
import statistics
from itertools import pairwise

from resviz.families.resnet.family import ARMS
from resviz.families.resnet.spec import FIELDS, LIVE, Spec, of
from resviz.train.records import ArmRecord, History, Record
from resviz.words.say import percent, same_accuracy, times
from resviz.words.text import text_of, write_numbers

APART = 100  # a factor between the gradients of both networks, beyond which it is named first
FELL = 0.05  # of the accuracy: smaller falls after a change are not explained
ELSEWHERE = 0.9  # cosine below which what a block passes on points elsewhere: about 26 degrees
VANISHED, EXPLODED = 1e-2, 1e2  # first layer's gradient over the last convolution's: beyond these a profile is steep


def gradient_ratio(arm: ArmRecord) -> float | None:
    """Return the first convolution's gradient norm over the last one's; None if there is no such pair or the last is 0."""
    norms = arm.grad_norm[:-1]  # without the head, which is no convolution
    return norms[0] / norms[-1] if len(norms) > 1 and norms[-1] > 0 else None


def train_finding(history: History) -> str:
    """Describe what the twins show after the last record; paragraphs are separated by an empty line."""
    if not history.records:
        return ""
    parts = [_stopped(history), _changes(history), _accuracy(history), _gradients(history), _silent(history)]
    return "\n\n".join(part for part in parts if part)


def _stopped(history: History) -> str:
    return " ".join(
        f"The {arm} network stopped at step {found[0]}: {found[1]}" for arm in ARMS if (found := history.ended(arm))
    )


def change_in_words(before: Spec, after: Spec, done: bool = False) -> str:
    """Describe the difference between the settings before and after a change: "cut shortcut 7, learning rate 0.02 to 0.01";
    if `done`, in the past: "restored shortcut 7, changed learning rate 0.02 to 0.01"."""
    parts = []
    removed, restored, changed = ("removed", "restored", "changed ") if done else ("remove", "restore", "")
    for name, verb, back, noun in (("cut", "cut", restored, "shortcut"), ("remove", removed, "put back", "block")):
        old, new = set(getattr(before, name)), set(getattr(after, name))
        parts += [
            f"{word} {_some(numbers, noun, before)}"
            for word, numbers in ((verb, new - old), (back, old - new))
            if numbers
        ]
    for name in LIVE:
        old, new = getattr(before, name), getattr(after, name)
        if name not in ("cut", "remove") and old != new:
            choices = FIELDS[name].choices
            shown = [choices.get(text_of(value), text_of(value)) for value in (old, new)]
            parts.append(f"{changed}{FIELDS[name].label} {shown[0]} to {shown[1]}")
    return ", ".join(parts)


def _some(numbers: set[int], noun: str, spec: Spec) -> str:
    there = spec.shortcuts if noun == "shortcut" else spec.blocks
    if len(numbers) == there > 1:
        return f"all {there} {noun}s"
    text = write_numbers(numbers)
    return (
        f"{noun} {text}" if len(numbers) == 1 else f"{noun}s {text}" if len(text) <= 24 else f"{len(numbers)} {noun}s"
    )


def _changes(history: History) -> str:
    """Describe the latest change made during training, what each network read before and after it, and why."""
    now = history.records[-1].step
    pairs = [(b, at, a) for (_, b), (at, a) in pairwise(of(history).segments)]
    made = [pair for pair in pairs if pair[1] < now]
    if not made:
        over = all(history.ended(arm) for arm in ARMS)
        return f"The change after step {pairs[0][1]} was never reached." if over and pairs else ""
    before, at, after = made[-1]
    text = f"You {change_in_words(before, after, done=True)} after step {at}."
    touched = ARMS if _concerns_both(before, after) else ARMS[:1]
    return " ".join([text, *(told for arm in touched if (told := _effect(history, arm, at, len(touched) > 1)))])


def _concerns_both(before: Spec, after: Spec) -> bool:
    """Return whether a change also concerns the plain network, which has no shortcuts to cut."""
    return any(getattr(before, name) != getattr(after, name) for name in LIVE if name not in ("cut", "shortcut_scale"))


def _effect(history: History, arm: str, at: int, named: bool) -> str:
    """Describe what a network read before and after the change made after step `at`, and why: "Reading fell from 84% to 10% at
    once, and is back at 97%. ..." """
    old, new = _read_around(history, arm, at)
    if not old or not new:
        return ""
    before, once, now = old[-1], new[0], new[-1]
    who = f"Reading in the {arm} network" if named else "Reading"
    if abs(once - before) < FELL:
        text = f"{who} hardly changed at once: {percent(before)} before, {percent(once)} one step after"
        text += f", {percent(now)} now" if len(new) > 1 else ""
        return f"{text}."
    text = f"{who} {'fell' if once < before else 'rose'} from {before:.0%} to {once:.0%} at once"
    if len(new) > 1:
        text += f", and is {'back ' if once < before <= now + FELL / 2 else ''}at {now:.0%}"
    return " ".join(
        part for part in (f"{text}.", _cause(history, arm, at, before - once) if once < before else "") if part
    )


def _read_around(history: History, arm: str, at: int) -> tuple[list[float], list[float]]:
    """Return the test accuracies of a network up to step `at`, and those after it."""
    known = list(zip(*history.column(arm, "test_accuracy"), strict=True))
    old, new = ([v for s, v in known if (s > at) == later] for later in (False, True))
    return old, new


RECOVERS = ("it does not fall", "it falls and comes back", "it falls and stays lower")


def recovery(history: History) -> tuple[str, str] | None:
    """Return which of RECOVERS happened to reading in the residual network after the first change during the run, and a sentence
    with the numbers; None before the last step, and without a change."""
    spec, last = of(history), history.records[-1].step
    if len(spec.segments) < 2 or last < spec.steps:
        return None
    at = spec.segments[1][0]
    old, new = _read_around(history, ARMS[0], at)
    if not old or not new:
        return None
    before, once, now = old[-1], new[0], new[-1]
    said = f"It read {percent(before)} before the change, {percent(once)} one step after it, and {percent(now)} at the end."
    return RECOVERS[0 if once > before - FELL else 1 if now >= before - FELL / 2 else 2], said


def _cause(history: History, arm: str, at: int, fall: float) -> str:
    """Explain a fall in reading by what was measured on the next training batch, with the weights of before: what the changed
    block passes on, and how much of that batch is read, where batch normalisation uses the batch's own averages. "Because" only
    where the direction has changed, since normalisation evens out sizes, and where the batch is read worse as well."""
    batch = {r.step: a for r in history.records if r.step in (at, at + 1) and (a := r.arms.get(arm))}
    if len(batch) < 2 or (shift := batch[at + 1].shift) is None:
        return ""
    spec = of(history).during(at + 1)
    block = min(_touched(of(history).during(at), spec, arm))
    next_ = f"block {block + 1}" if block < spec.blocks else "the last layer"
    ratio, cosine = shift
    elsewhere = cosine < ELSEWHERE
    direction = "points elsewhere" if elsewhere else "points nearly the same way"
    reaches = f"what reaches {next_} is {times(ratio)} times as large and {direction} (cosine {cosine:.2f})"
    now, lost = batch[at + 1].accuracy, batch[at].accuracy - batch[at + 1].accuracy
    read = f"the network reads {now:.0%} of a training batch"
    averages = f"the averages that normalisation has stored for unseen {spec.data.noun}"
    stale = spec.norm == "batch" and fall - lost > FELL
    main = lost >= fall / 2
    if lost > FELL and elsewhere:
        text = f"It fell because {reaches}" if main or not stale else f"{reaches[:1].upper()}{reaches[1:]}"
        text += f": {read} instead of {now + lost:.0%}."
    else:
        text = f"{reaches[:1].upper()}{reaches[1:]}. {read[:1].upper()}{read[1:]}, {now + lost:.0%} before."
    if stale and main:
        return f"{text} {averages[:1].upper()}{averages[1:]} no longer fit either."
    return f"{text} Most of the fall is due to {averages}: they no longer fit." if stale else text


def _touched(before: Spec, after: Spec, arm: str) -> set[int]:
    """Return the blocks of a network that a change cuts, removes or restores."""
    changed = set(before.remove) ^ set(after.remove)
    return changed | (set(before.cut) ^ set(after.cut)) if arm == ARMS[0] else changed


def _sentence(parts: list[str]) -> str:
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}."


def initial_finding(spec: Spec, record: Record) -> str:
    """Describe what the twins show before training; paragraphs are separated by an empty line."""
    residual, plain = (record.arms[arm] for arm in ARMS)
    if not spec.shortcuts:
        return "Neither network has a shortcut here: both are the same."
    if residual.grad_norm == plain.grad_norm:
        if len(spec.cut) == spec.shortcuts:
            return "All shortcuts are cut: these are the same network, to the last digit."
        return "Both networks give the same numbers, to the last digit: here a shortcut makes no difference."
    if lost := [arm for arm, a in record.arms.items() if not all(map(math.isfinite, a.grad_norm))]:
        where = "both networks" if len(lost) == 2 else f"the {lost[0]} network"
        return (
            f"In {where} numbers leave the range of float32 (up to 3.4 × 10³⁸), so not every layer's gradient is known."
        )
    ratios = {arm: gradient_ratio(record.arms[arm]) for arm in ARMS}
    if (p := ratios["plain"]) is not None and (r := ratios["residual"]) is not None:
        return (
            f"{_levels(residual, plain)}Without shortcuts the first layer is pushed {times(p)} times as hard as the last "
            f"convolution. With them, {times(r)} times. Measured before training, on a batch of {spec.batch:,} images: how large "
            "the gradient of their weights is."
        )
    parts = [
        f"in the {arm} network the last convolution gets no gradient"
        if ratio is None
        else f"in the {arm} network the gradient of the first layer's weights is {times(ratio)} times that of the last "
        "convolution's"
        for arm, ratio in reversed(ratios.items())
    ]
    return _sentence(parts)


def _levels(residual: ArmRecord, plain: ArmRecord) -> str:
    """Say how much larger one network's gradients are than the other's, where that is what one sees first; else nothing."""
    residual_level, plain_level = (statistics.median(arm.grad_norm[:-1]) for arm in (residual, plain))
    if not residual_level or not plain_level:
        return ""
    ratio = residual_level / plain_level
    if 1 / APART < ratio < APART:
        return ""
    more, less = ("With", "without") if ratio > 1 else ("Without", "with")
    return f"{more} shortcuts the gradients are {times(max(ratio, 1 / ratio))} times as large as {less}. "


def _accuracy(history: History) -> str:
    spec = of(history)
    if not spec.shortcuts:
        same = all(r.arms.get("plain") == r.arms.get("residual") for r in history.records)
        return "Neither network has a shortcut here, so both are the same network. This is the control: " + (
            "every number so far is the same in both." if same else "yet their numbers differ."
        )
    accuracy = {arm: history.last(arm, "test_accuracy") for arm in ARMS}
    residual, plain = accuracy["residual"], accuracy["plain"]
    noun = spec.data.noun
    if residual is None or plain is None:
        known = next(((arm, value) for arm, value in accuracy.items() if value is not None), None)
        return f"The {known[0]} network reads {percent(known[1])} of unseen {noun}." if known else ""
    steps = {history.column(arm, "test_accuracy")[0][-1] for arm in ARMS}
    at = f"After step {steps.pop()}" if len(steps) == 1 else "When last tested"
    if same_accuracy(residual, plain, spec.data.test):
        chance = 1 / spec.data.classes
        error = math.sqrt(chance * (1 - chance) / spec.data.test)
        guessing = max(abs(residual - chance), abs(plain - chance)) <= 2 * error
        guess = f", near the {percent(chance)} of guessing" if guessing else ""
        return (
            f"{at} there is no difference that {spec.data.test:,} test {noun} could show: the residual network reads "
            f"{percent(residual)} of unseen {noun}, the plain one {percent(plain)}{guess}."
        )
    return f"{at} the residual network reads {percent(residual)} of unseen {noun}, the plain one {percent(plain)}."


def _silent(history: History) -> str:
    """Count the layers whose gradient is exactly 0, to explain why they are missing on a log scale."""
    last = history.records[-1]
    counts = {arm: sum(norm == 0 for norm in last.arms[arm].grad_norm) for arm in ARMS if arm in last.arms}
    return " ".join(
        f"At step {last.step}, {count} of the {of(history).depth} layers of the {arm} network get no gradient at all, and "
        "are not drawn."
        for arm, count in counts.items()
        if count
    )


def _gradients(history: History) -> str:
    if not of(history).shortcuts:
        return ""
    first, last = history.records[0], history.records[-1]
    if set(first.arms) != set(ARMS) or set(last.arms) != set(ARMS):
        return ""
    before = {arm: gradient_ratio(first.arms[arm]) for arm in ARMS}
    if (plain := before["plain"]) is None or (residual := before["residual"]) is None:
        zero = " and ".join(arm for arm in ("plain", "residual") if before[arm] is None and of(history).depth > 2)
        return f"At the start the last convolution of the {zero} network gets no gradient at all." if zero else ""
    text = (
        f"At the start the gradient of the first layer's weights is {times(plain)} times that of the last convolution's in the "
        f"plain network, {times(residual)} times in the residual one."
    )
    now = gradient_ratio(last.arms["plain"])
    if last.step == first.step or now is None:
        return text
    calmer = abs(math.log10(max(now, 1e-300))) < abs(math.log10(max(plain, 1e-300)))
    healthy = VANISHED < now < EXPLODED
    text += f" By step {last.step} it is {times(now)} times in the plain network"
    if calmer and healthy and plain > EXPLODED:
        text += ": it no longer explodes, and it has not vanished"
    elif calmer and healthy and plain < VANISHED:
        text += ": it has recovered"
    text += "."
    gap = last.arms["plain"].loss - last.arms["residual"].loss
    if healthy and gap > 0.5:
        text += (
            f" Yet its training loss is {last.arms['plain'].loss:.2f} against {last.arms['residual'].loss:.2f}. So a vanishing "
            "gradient is not the reason. [Landscape](landscape) shows where it got stuck."
        )
    return text
