"""What sentences claim, and whether it holds: for every kind of question the phrases of its finding, each with a condition on the
record that is computed here anew. A kind whose sentences are compared with random records elsewhere names that test."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from statistics import fmean, median
from typing import Any

from resviz.families.resnet.family import ARMS

Claim = tuple[str, Callable[[Any, re.Match[str]], bool]]

PERCENT = r"([\d.]+)%"
NUMBER = r"(-?[\d,.]+(?:e[+-]?\d+)?)"


def near(said: str, share: float) -> bool:
    """Whether a percentage as it is said is that share, to the digits that it has."""
    value = 100 * share
    return abs(float(said) - value) <= max(0.006 * abs(value), 0.0051) or (value >= 99.9 and float(said) >= 99.9)


def close(said: str, value: float) -> bool:
    """Whether a number as it is said, to two digits, is that one."""
    return abs(float(said.replace(",", "")) - value) <= 0.06 * abs(value) + 1e-9


def count(said: str) -> int:
    return int(said.replace(",", ""))


# -- points in the plane -----------------------------------------------------------------------------


def _ways(r: Any) -> tuple[float, float]:
    residual, plain = (1 / max(r.arms[arm].straightness, 1e-3) for arm in ARMS)
    return residual, plain


FLOW: list[Claim] = [
    (
        rf"the residual network classifies {PERCENT} of new points correctly, the plain one {PERCENT}",
        lambda r, m: near(m[1], r.arms["residual"].test_accuracy) and near(m[2], r.arms["plain"].test_accuracy),
    ),
    (r": no difference here\.", lambda r, m: r.arms["residual"].test_accuracy == r.arms["plain"].test_accuracy),
    (r": it flows\. Without, .*: it jumps", lambda r, m: _ways(r)[1] > 1.25 * _ways(r)[0]),
    (r": the shortcuts make the way straighter", lambda r, m: _ways(r)[1] > 1.2499 * _ways(r)[0]),
    (r": no great difference here", lambda r, m: 0.8 < _ways(r)[1] / _ways(r)[0] <= 1.25),
    (r": here shortcuts do not make the way straighter", lambda r, m: _ways(r)[1] <= 0.8 * _ways(r)[0]),
    (
        r"still classified correctly: the blocks behave like steps",
        lambda r, m: abs(r.arms["residual"].test_accuracy - r.arms["residual"].halved.accuracy) <= 0.0201,
    ),
    (
        r"points fewer than with whole",
        lambda r, m: r.arms["residual"].halved.accuracy < r.arms["residual"].test_accuracy,
    ),
    (
        r"points more than with whole",
        lambda r, m: r.arms["residual"].halved.accuracy > r.arms["residual"].test_accuracy,
    ),
    (
        rf"it falls from {PERCENT} of new points classified correctly to {PERCENT}",
        lambda r, m: (
            r.arms["residual"].halved.accuracy < r.arms["residual"].test_accuracy
            and near(m[1], r.arms["residual"].test_accuracy)
            and near(m[2], r.arms["residual"].halved.accuracy)
        ),
    ),
]

REFINE: list[Claim] = [
    (
        r"and by \S+ in the smooth one: only what",
        lambda r, m: fmean(r.nets["smooth"].change) < fmean(r.nets["free"].change),
    ),
    (
        r"in the smooth one: here that is no smoother",
        lambda r, m: fmean(r.nets["smooth"].change) >= 0.79 * fmean(r.nets["free"].change),
    ),
    (
        rf"the weights change by {PERCENT} of their size, and by {PERCENT} in",
        lambda r, m: near(m[1], fmean(r.nets["free"].change)) and near(m[2], fmean(r.nets["smooth"].change)),
    ),
]

ODE: list[Claim] = [
    (r"No difference in accuracy here", lambda r, m: r.nets["ode"].test_accuracy == r.nets["residual"].test_accuracy),
    (
        rf"The flow classifies {PERCENT} of new points correctly",
        lambda r, m: near(m[1], r.nets["ode"].test_accuracy),
    ),
    (
        r"with the adjoint it does not grow",
        lambda r, m: r.memory[-1].adjoint_bytes <= r.memory[0].adjoint_bytes,
    ),
    (
        r"with the adjoint it grows",
        lambda r, m: r.memory[-1].adjoint_bytes > r.memory[0].adjoint_bytes,
    ),
    (
        r"that grows \S+(?: × \S+)? times through the solver",
        lambda r, m: r.memory[-1].backprop_bytes > r.memory[0].backprop_bytes,
    ),
]

CROSSING: list[Claim] = [
    (r"all points classified correctly", lambda r, m: any(model.error == 0 for model in r.models.values())),
    (r"some points are misclassified", lambda r, m: r.models["flow"].error > 0),
    (r"It has parted all points looked at", lambda r, m: r.models["flow"].error == 0),
    (
        r"With an extra dimension there is room",
        lambda r, m: r.models["augmented"].error < r.models["flow"].error,
    ),
    (
        r"In the flow (\d+) of (\d+) neighbours",
        lambda r, m: (int(m[1]), int(m[2])) == (r.models["flow"].turned, r.models["flow"].pairs),
    ),
    (r"In a flow none can: its", lambda r, m: r.models["flow"].turned > 0),
    (r"In a flow on a line none can", lambda r, m: not r.models["flow"].turned),
]


def _half_wrong(r: Any) -> dict[str, float]:
    return {arm: math.inf if (e := r.one_step[arm][-1]) is None else e for arm in ARMS}


ROLLOUT: list[Claim] = [
    (
        r": no difference here\.",
        lambda r, m: r.one_step["residual"][-1] == r.one_step["plain"][-1] or r.error["residual"] == r.error["plain"],
    ),
    (r", \S+(?: × \S+)? times as much\.", lambda r, m: _half_wrong(r)["plain"] > _half_wrong(r)["residual"]),
    (r": here the residual one's error is", lambda r, m: _half_wrong(r)["residual"] > _half_wrong(r)["plain"]),
    (r", so close that another seed", lambda r, m: max(_half_wrong(r).values()) <= 1.5 * min(_half_wrong(r).values())),
    (r"both networks stay within", lambda r, m: all(p is None for p in r.passes.values())),
    (r"the (residual|plain) network stays within", lambda r, m: r.passes[m[1]] is None),
    (
        r"The (residual|plain) network is no better than (that|always)",
        lambda r, m: _half_wrong(r)[m[1]] >= (r.identity if m[2] == "that" else 0.94 * r.average),
    ),
    (r"Of the \d+ roll-outs of the (\w+) network (\d+) left", lambda r, m: r.left[m[1]] == int(m[2])),
]

# -- without training --------------------------------------------------------------------------------

GROWTH: list[Claim] = [
    (r"It hardly changes", lambda r, m: 1 / 1.06 < r.measured[-1] < 1.06),
    (
        rf"That is × {NUMBER} per block",
        lambda r, m: math.isclose(float(m[1]) ** r.spec.blocks, r.measured[-1], rel_tol=0.006 * r.spec.blocks),
    ),
]


def _over(a: Any, b: Any, place: int) -> bool:
    return not (a.high[place] < b.low[place] or b.high[place] < a.low[place])


SHATTERED: list[Claim] = [
    (
        r"Between the plain and the residual one there is no difference here",
        lambda r, m: r.autocorrelation["plain"] == r.autocorrelation["residual"],
    ),
    (r"in both networks: no difference here", lambda r, m: r.cosine["plain"] == r.cosine["residual"]),
    (
        r"in the residual one: no difference that",
        lambda r, m: _over(r.cosine["plain"], r.cosine["residual"], -1),
    ),
]

# -- inside trained networks -------------------------------------------------------------------------


def _counted(r: Any, arm: str, said: str) -> bool:
    return count(said) == round(r.whole[arm] * r.images) - r.lost.get(arm, 0)


LESION: list[Claim] = [
    (
        r"Complete, the residual network misreads ([\d,]+) of ([\d,]+) new images, the plain one ([\d,]+)\.",
        lambda r, m: _counted(r, "residual", m[1]) and _counted(r, "plain", m[3]) and not any(r.lost.values()),
    ),
    (r"complete residual network reads nothing", lambda r, m: r.lost["residual"] >= r.images),
    (r"; the plain one reads nothing", lambda r, m: r.lost["plain"] >= r.images),
    (
        rf"With one block out, the (\w+) network misreads {PERCENT} in the median, and {PERCENT} at worst, without block (\d+)",
        lambda r, m: (
            near(m[2], median(v for v in r.single[m[1]] if v is not None))
            and near(m[3], max(v for v in r.single[m[1]] if v is not None))
            and r.single[m[1]][int(m[4]) - 1] == max(v for v in r.single[m[1]] if v is not None)
            and not r.lost.get(m[1])
        ),
    ),
]


def _tolerated(r: Any, arm: str) -> int:
    """How many blocks can be out, and any fewer of the numbers that were tried."""
    found = 0
    for number, errors in zip(r.counts, r.out[arm], strict=False):
        if fmean(errors) - r.whole[arm] > 0.05:
            break
        found = number
    return found


SEVERAL: list[Claim] = [
    LESION[0],
    (r"(Residual|Plain): up to (\d+) random blocks out", lambda r, m: _tolerated(r, m[1].lower()) == int(m[2])),
    (r"(Residual|Plain): even one random block costs", lambda r, m: _tolerated(r, m[1].lower()) == 0),
    (
        rf"(Residual|Plain): [^:]*; with (\d+) of \d+ out it misreads {PERCENT}",
        lambda r, m: near(m[3], fmean(r.out[m[1].lower()][r.counts.index(int(m[2]))])),
    ),
    (
        r"No difference between both networks here",
        lambda r, m: all(
            abs(fmean(a) - fmean(b)) <= 4 * math.sqrt(0.25 / r.images)
            for a, b in zip(r.out["residual"], r.out["plain"], strict=False)
        ),
    ),
]


def _shares(r: Any) -> list[float]:
    """The share of the gradient that comes along paths of each length, however many of them there are."""
    n = len(r.norm) - 1
    weights = [math.log(v) + math.log(math.comb(n, k)) if v else -math.inf for k, v in enumerate(r.norm)]
    top = max(weights)
    found = [math.exp(w - top) for w in weights]
    return [v / math.fsum(found) for v in found]


LENGTHS: list[Claim] = [
    (
        r"The gradient takes (much the same|others): ([\d.,]+) branches",
        lambda r, m: (
            close(m[2], mean := math.fsum(k * v for k, v in enumerate(_shares(r))))
            and (
                abs(mean - r.blocks / 2) < 0.0501 * r.blocks
                if m[1] == "much the same"
                else abs(mean - r.blocks / 2) > 0.0499 * r.blocks
            )
        ),
    ),
    (r"No gradient comes back along any", lambda r, m: not any(r.norm)),
    (r"up to (\d+)\.$", lambda r, m: int(m[1]) == sum(v is not None for v in r.norm) - 1),
]

DRAWN: list[Claim] = [
    (
        rf"Both read (\d+): with shortcuts {PERCENT} sure, without {PERCENT}\.",
        lambda r, m: (
            all(max(r.shares[arm]) == r.shares[arm][int(m[1])] for arm in ARMS)
            and near(m[2], max(r.shares["residual"]))
            and near(m[3], max(r.shares["plain"]))
        ),
    ),
    (
        rf"read as (\d+), {PERCENT} sure; without, as (\d+), {PERCENT} sure",
        lambda r, m: (
            r.shares["residual"][int(m[1])] == max(r.shares["residual"])
            and r.shares["plain"][int(m[3])] == max(r.shares["plain"])
            and m[1] != m[3]
        ),
    ),
]


def _read(r: Any) -> tuple[float, float]:
    """The shares that the residual network reads before and after the edit, of the images read so far."""
    of = len(r.edit.reads)
    same = [
        sum(a == b for a, b in zip(reads[:of], r.wall.truth[:of], strict=False))
        for reads in (r.wall.reads["residual"][-1], r.edit.reads)
    ]
    return same[0] / of, same[1] / of


WALL: list[Claim] = [
    (rf"(?:cut|weights): {PERCENT} → {PERCENT}\.", lambda r, m: near(m[1], _read(r)[0]) and near(m[2], _read(r)[1])),
    (r"That is hardly a difference here", lambda r, m: abs(_read(r)[0] - _read(r)[1]) < 0.021),
    (r"It reads more of them so", lambda r, m: _read(r)[1] > _read(r)[0]),
    (
        r"so all (-?\d+) points are lost with the signal",
        lambda r, m: int(m[1]) == round(100 * (_read(r)[0] - _read(r)[1])) > 0,
    ),
    (r"of the (-?\d+) points (-?\d+) were lost to averages", lambda r, m: 0 < int(m[2]) < int(m[1])),
]

DEPTHTIME: list[Claim] = [
    (
        rf"is {NUMBER} times as long as the x that its shortcut carries \(the median of (\d+) blocks\)",
        lambda r, m: (
            close(m[1], median(v for v in r.now.size if v is not None))
            and int(m[2]) == sum(v is not None for v in r.now.size)
        ),
    ),
    (
        r"have a cosine of (−?)([\d.]+) \(the mean of (\d+) pairs\)",
        lambda r, m: (
            int(m[3]) == sum(v is not None for v in r.now.next)
            and abs(float(m[2]) * (-1 if m[1] else 1) - fmean(v for v in r.now.next if v is not None)) < 0.0051
        ),
    ),
]

CLAIMS: Mapping[str, Sequence[Claim]] = {
    "flow": FLOW,
    "refine": REFINE,
    "ode": ODE,
    "crossing": CROSSING,
    "rollout": ROLLOUT,
    "growth": GROWTH,
    "shattered": SHATTERED,
    "lesion": LESION,
    "several": SEVERAL,
    "lengths": LENGTHS,
    "drawn": DRAWN,
    "wall": WALL,
    "depthtime": DEPTHTIME,
}

# Kinds whose sentences a test of their own compares with records drawn at random.
ELSEWHERE = {
    "attribution": "tests/topics/attribution/test_words.py::test_maps_are_said_for_whatever_was_measured",
    "photograph": "tests/topics/photograph/test_words.py::test_it_is_said_for_whatever_was_measured",
    "landscape": "tests/topics/landscape/test_words.py::test_planes_are_said_for_whatever_was_measured",
    "way": "tests/topics/landscape/test_words.py::test_ways_are_said_for_whatever_was_measured",
    "block": "tests/topics/block/test_words.py::test_whatever_is_said_of_any_block_is_so",
    "signal": "tests/topics/signal/test_words.py::test_whatever_is_said_of_any_network_is_so_and_readable",
    "start": "tests/families/resnet/test_findings.py::test_whatever_was_measured_every_sentence_is_true",
    "solve": "tests/topics/solve/test_words.py::test_what_is_found_is_true",
    "unravel": "tests/topics/unravel/test_words.py::test_the_lengths_are_those_of_all_ways",
    "count": "tests/topics/calculator/test_words.py::test_the_finding_of_any_settings_is_true",
    "depth": "tests/topics/depth/test_words.py::test_sentences_agree_with_the_numbers",
}


def check_claims(kind: str, record: Any, text: str) -> None:
    """Every phrase that claims something of the record is true of it."""
    plain = text.replace("**", "")
    for pattern, holds in CLAIMS.get(kind, ()):
        for found in re.finditer(pattern, plain):
            assert holds(record, found), (kind, found[0], plain)
