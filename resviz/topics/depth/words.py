"""The finding about error against depth: degradation (He 2015, arXiv 1512.03385, section 1), overfitting, or neither."""

from __future__ import annotations

from statistics import fmean

from resviz.families.resnet.family import ARMS
from resviz.families.resnet.findings import VANISHED
from resviz.families.resnet.spec import known
from resviz.runs.studies import Results, Study
from resviz.words.say import enumerated, percent, same_accuracy


def errors(study: Study, results: Results, arm: str, half: str) -> dict[int, list[tuple[int, float]]]:
    """Return by depth the (seed, share read wrong) of the runs that have ended; `half` is train or test. Runs that left the range
    of float32 are left out."""
    found: dict[int, list[tuple[int, float]]] = {}
    for choice in study.choices:
        if choice.arm != arm:
            continue
        for n in range(study.seeds):
            run = results.get((choice.name, n))
            value = getattr(run, f"{half}_accuracy") if run and run.ended and not run.failed else None
            if value is not None:
                found.setdefault(choice.settings["depth"], []).append((study.spec(choice, n).seed, 1 - value))
    return found


def stopped(study: Study, results: Results, arm: str) -> dict[int, int]:
    """Return by depth how many runs left the range of float32."""
    found: dict[int, int] = {}
    for choice in study.choices:
        lost = sum(
            bool(r and r.stopped is not None) for n in range(study.seeds) for r in [results.get((choice.name, n))]
        )
        if choice.arm == arm and lost:
            found[choice.settings["depth"]] = lost
    return found


def finding(study: Study, results: Results) -> str:
    """Return what depth does to each arm, and compare both at the deepest network that both have finished with at least one seed.
    Paragraphs are separated by an empty line."""
    train = {arm: _means(errors(study, results, arm, "train")) for arm in ARMS}
    test = {arm: _means(errors(study, results, arm, "test")) for arm in ARMS}
    parts = [text for arm in reversed(ARMS) if (text := _one(study, arm, train[arm], test[arm]))]
    both = sorted(set(train["residual"]) & set(train["plain"]))
    if both:
        deepest = both[-1]
        here = [train[arm][deepest] for arm in ARMS]
        if same_accuracy(1 - here[0], 1 - here[1], known(study.base).train_examples):
            parts.append(
                f"At {deepest} layers both networks read their training images equally well: no difference here."
            )
        else:
            parts.append(
                f"At {deepest} layers the training error is {percent(here[0])} in the residual network and {percent(here[1])} "
                "in the plain one."
            )
    parts += [text for arm in reversed(ARMS) if (text := _vanished(study, results, arm))]
    lost = [
        f"the {arm} network at {depth} layers in {count} of {study.seeds} runs"
        for arm in ARMS
        for depth, count in stopped(study, results, arm).items()
    ]
    if lost:
        parts.append(f"Numbers left the range of float32: {'; '.join(lost)}.")
    if parts and study.seeds == 1:
        parts.append("With one seed nothing tells how much of this is chance.")
    return "\n\n".join(parts)


def _vanished(study: Study, results: Results, arm: str) -> str:
    """Say at which depths the gradient of a network has vanished at the end, in the first seed, and at which it has not."""
    vanished: list[int] = []
    healthy: list[int] = []
    for choice in study.choices:
        run = results.get((choice.name, 0))
        norms = run.gradients[:-1] if run and choice.arm == arm else ()  # without the head, which is no convolution
        if len(norms) > 1 and norms[-1] > 0:
            (vanished if norms[0] < VANISHED * norms[-1] else healthy).append(choice.settings["depth"])
    if not vanished:
        return ""
    text = (
        f"At the end the gradient of the {arm} network has vanished at {enumerated(vanished)} layers: the first layer’s is less "
        "than a hundredth of the last convolution’s."
    )
    return f"{text} At {enumerated(healthy)} it has not." if healthy else text


def _means(found: dict[int, list[tuple[int, float]]]) -> dict[int, float]:
    return {depth: fmean(value for _, value in values) for depth, values in sorted(found.items())}


def _one(study: Study, arm: str, train: dict[int, float], test: dict[int, float]) -> str:
    """Return whether the deepest network of an arm reads its own training images worse than a shallower one, in words."""
    if len(train) < 2:
        return ""
    best, deepest = min(train, key=lambda d: (train[d], d)), max(train)
    named = f"{arm.capitalize()}: it misreads {percent(train[best])} of its training images at {best} layers"
    images, unseen = known(study.base).train_examples, test.get(deepest)
    if best == deepest or same_accuracy(1 - train[best], 1 - train[deepest], images):
        most = ", the deepest" if best == deepest else f" and {percent(train[deepest])} at {deepest}, the deepest"
        text = f"{named}{most}: more depth does no harm here."
        if unseen is None:
            return text
        return f"{text} It misreads {percent(unseen)} of new images there, {_points(unseen - train[deepest])} than of its own."
    told = "" if unseen is None else f" (it misreads {percent(unseen)} of new images)"
    return (
        f"{named} and {percent(train[deepest])} at {deepest}: the deeper network is worse at what it learns from. That is "
        f"degradation, not overfitting, which would make the training error smaller{told}."
    )


def _points(gap: float) -> str:
    if abs(gap) < 5e-4:
        return "no more"
    points = f"{100 * abs(gap):.0f}" if abs(gap) >= 0.0995 else f"{100 * abs(gap):.2g}"
    return f"{points} point{'s' * (points != '1')} {'more' if gap > 0 else 'fewer'}"
