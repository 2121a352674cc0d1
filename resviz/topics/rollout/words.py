"""The texts of this view: the finding and the explanation."""

from __future__ import annotations

from collections.abc import Mapping

from resviz.topics.rollout.question import SHARE, STARTS, Number, Rollout
from resviz.train.plane import ARMS
from resviz.words.say import times

WHY = (
    "The state a moment later is the state now plus a little: $x(t + \\Delta t) = x(t) + \\Delta t\\, f(x(t)) + "
    "\\dots$ The residual network starts from “nothing changes” and learns the little; the plain one has to "
    "learn the whole state first, and its error is a share of that. In a roll-out errors feed on themselves, "
    "so a small difference in one step becomes a large one in a hundred. How much a conserved quantity strays "
    "says it without any solution to compare with."
)


CLOSE = 1.5  # two one-step errors within this factor are called close: from seed to seed each changes by as much


LEARNT = 0.95  # an error above this share of the average state's shows nothing learnt


def finding(record: Rollout) -> str:
    """Return what both networks show, in sentences; after training, in paragraphs separated by an empty line."""
    if record.done < 1:
        return f"{_one_step(record)}\n\n{_freely(record)}"
    parts = [f"{_one_step(record)} {_moved(record)}", _freely(record), _conserved(record), _lost(record)]
    return "\n\n".join(part for part in parts if part)


def _one_step(record: Rollout) -> str:
    errors = {arm: record.one_step[arm][-1] for arm in ARMS}
    when = f"After {record.step:,} step{'s' if record.step > 1 else ''}" if record.step else "Before learning"
    parts = [
        f"{when}, one prediction from a state never seen is wrong by {_error(errors['residual'])} of the states' spread in the "
        f"residual network and by {_error(errors['plain'])} in the plain one{_compared(errors)}.",
        f"To say that nothing changes would be wrong by {_error(record.identity)}.",
        *_verdicts(record, errors),
        *[
            f"The {arm} network stopped learning at step {at:,}: its loss left float range."
            for arm in ARMS
            if (at := record.stopped[arm]) is not None
        ],
    ]
    return " ".join(parts)


def _error(error: Number) -> str:
    return "more than a float holds" if error is None else times(error)


def _compared(errors: Mapping[str, Number]) -> str:
    residual, plain = (errors[arm] for arm in ARMS)
    if residual == plain:
        return ": no difference here"
    if residual is None or plain is None:
        return ""
    small, large = sorted((residual, plain))
    if large <= CLOSE * small:
        return ", so close that another seed may turn it round"
    if large > 1e6 * small:  # one of them is 0, or as good as that
        return ""
    more = times(large / small)
    return (
        f", {more} times as much" if plain > residual else f": here the residual one's error is {more} times as large"
    )


def _verdicts(record: Rollout, errors: Mapping[str, Number]) -> list[str]:
    """Say which networks are no better than a guess that needs no learning."""
    average = [arm for arm in ARMS if (e := errors[arm]) is not None and e >= LEARNT * record.average]
    idle = [arm for arm in ARMS if arm not in average and ((e := errors[arm]) is None or e >= record.identity)]
    found = [f"{_who(idle)} no better than that."] if idle else []
    if average:
        found.append(f"{_who(average)} no better than always naming the average state: {_error(record.average)}.")
    return found


def _who(arms: list[str]) -> str:
    return "Both networks are" if len(arms) == 2 else f"The {arms[0]} network is"


def _moved(record: Rollout) -> str:
    first = {arm: record.moves[arm][0] for arm in ARMS}
    return (
        f"Before learning the residual network moved a state by {_error(first['residual'])}, the plain one by "
        f"{_error(first['plain'])}; the system moves it by {_error(record.identity)}."
    )


def _freely(record: Rollout) -> str:
    """Say when the roll-outs go off course."""
    end, off = f"{record.spec.time(record.spec.horizon):g}", f"{SHARE:.0%} of the spread"
    residual, plain = (None if (p := record.passes[arm]) is None else f"{record.spec.time(p):g}" for arm in ARMS)
    text = f"Left to run on their own predictions from {STARTS} unseen states,"
    if residual is None and plain is None:
        return f"{text} both networks stay within {off}, in the median, up to the end at time {end}."
    if residual == plain:
        text += f" both networks have a median error that first passes {off} at time {plain}"
        text += ": no difference here." if record.error["residual"] == record.error["plain"] else "."
    elif residual and plain:
        text += (
            f" the residual network has a median error that first passes {off} at time {residual}, the plain one at time "
            f"{plain}."
        )
    else:
        stays, goes = ("plain", "residual") if residual else ("residual", "plain")
        text += (
            f" the {stays} network stays within {off}, in the median, up to the end at time {end}; the {goes} one first "
            f"passes that at time {residual or plain}."
        )
    if record.done < 1:
        return text
    last = {arm: _error(record.error[arm].median[-1]) for arm in ARMS}
    return (
        f"{text} At time {end} the median error is {last['residual']} in the residual network and {last['plain']} in the plain "
        "one."
    )


def _conserved(record: Rollout) -> str:
    """Say how far the conserved quantity strays along the roll-out that is drawn."""
    return (
        f"Along the roll-out that is drawn the {record.spec.shown.kept} should never change. In the residual network it strays "
        f"from its start by up to {_strays(record, 'residual')}, in the plain one by up to {_strays(record, 'plain')}."
    )


def _strays(record: Rollout, arm: str) -> str:
    by, gone = record.strays[arm], record.without[arm]
    text = "more than a float holds" if by is None else f"{times(100 * by)}%"
    if gone is None or gone == record.lost[arm]:
        return text
    return f"{text} and at time {record.spec.time(gone):g} it has no value, as {record.spec.shown.none}"


def _lost(record: Rollout) -> str:
    parts = []
    for arm in ARMS:
        if not (left := record.left[arm]):
            continue
        text = f"Of the {STARTS} roll-outs of the {arm} network {left} left float range and ended there"
        if (at := record.lost[arm]) is not None:
            text += f", the one drawn at prediction {at:,}, time {record.spec.time(at):g}"
        parts.append(f"{text}.")
    return " ".join(parts)
