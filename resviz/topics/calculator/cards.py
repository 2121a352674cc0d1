"""The figures of the Calculator: the count, its comparison with built networks, and a measured training step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from resviz.draw.figure import Figure, Table
from resviz.topics.calculator.architectures import Counted
from resviz.topics.calculator.figures import bars, block_sum, roofs
from resviz.topics.calculator.figures import compared as drawn_comparison
from resviz.topics.calculator.measured import Check, StepTime, compared, how_measured, roofline, seconds
from resviz.topics.calculator.question import CountSpec
from resviz.topics.calculator.terms import comparisons, other_kind, terms
from resviz.topics.calculator.words import brief, depths, depths_finding, head, how, network_finding, rows, tool_rows

DISAGREE = ["counted", "adds", "together", "", "who says so"]


def count_figures(networks: Sequence[Counted]) -> list[Figure]:
    """The terms of a block; or the bars of networks, their stages in numbers, and why tools count differently."""
    first = networks[0].spec
    if first.net == "block":
        return [*(_sum(number, each) for number, each in enumerate(networks)), _other_kind(first)]
    parts = ["network", "parameters", head(first)[4], "training memory"]
    ladder = depths(first)
    return [
        {
            "id": "count_bars",
            "title": "Stage by stage",
            "note": how(first),
            "markup": bars(networks),
            "table": {"header": parts, "rows": brief(networks)},
        },
        *([_where(networks)] if len(networks) == 2 else []),
        *(_stages(number, each) for number, each in enumerate(networks)),
        {
            "id": "count_depths",
            "title": "What would depth 152 cost without bottlenecks?",
            "note": "152 layers in He 2015’s shares of stages, counted as above",
            "text": depths_finding(ladder),
            "rows": {"header": parts, "rows": brief(ladder)},
        },
        {
            "id": "count_tools",
            "title": f"Why tools disagree about {first.label}",
            "note": "from the smallest count in use to the largest; bold: as it is counted here",
            "rows": {"header": DISAGREE, "rows": tool_rows(networks[0])},
        },
    ]


def _sum(number: int, counted: Counted) -> Figure:
    """A block, term by term."""
    markup = block_sum(counted, terms(counted))
    return {"id": f"count_sum_{number}", "title": counted.spec.label, "note": how(counted.spec), "markup": markup}


def _other_kind(spec: CountSpec) -> Figure:
    """Compare a block with one of the other kind."""
    return {
        "id": "count_compared",
        "title": f"Beside a {other_kind(spec)} block",
        "note": "weights of the convolutions",
        "markup": drawn_comparison(comparisons(spec), spec.block, other_kind(spec)),
    }


def _where(networks: Sequence[Counted]) -> Figure:
    return {
        "id": "count_where",
        "title": "Where parameters and work are",
        "note": "shares of each network’s own sums",
        "text": "\n\n".join(map(network_finding, networks)),
    }


def _stages(number: int, counted: Counted) -> Figure:
    sees = (
        "Training memory: bytes of float32 that the backward pass needs, for one image. Sees: the side of the square of the "
        "input that one number depends on, through all branches (its receptive field)."
    )
    table: Table = {"header": head(counted.spec), "rows": rows(counted)}
    return {"id": f"count_stages_{number}", "title": counted.spec.label, "note": sees, "rows": table}


@dataclass(frozen=True)
class Beside:
    """A count, and the result for the real network (`Check` or `StepTime`)."""

    counted: Counted
    found: Any


def built_figures(found: Sequence[Beside]) -> list[Figure]:
    """Tables of the count against what was built, line by line."""
    pairs: list[tuple[Counted, Check]] = [(each.counted, each.found) for each in found]
    return [
        {
            "id": f"built_{number}",
            "title": counted.spec.label,
            "note": f"against {check.built}",
            "rows": {
                "header": ["what", "counted", "built", "verdict"],
                "rows": [
                    [line.what, f"{line.counted:,}", f"{line.built:,}", line.verdict]
                    for line in compared(counted, check)
                ],
            },
        }
        for number, (counted, check) in enumerate(pairs)
    ]


def step_figures(found: Sequence[Beside]) -> list[Figure]:
    """Each measured training step beside its lower bounds."""
    pairs: list[tuple[Counted, StepTime]] = [(each.counted, each.found) for each in found]
    lines = [(counted.spec.label, roofline(counted, step)) for counted, step in pairs]
    table = [[name, seconds(line.measured), seconds(line.arithmetic), seconds(line.memory)] for name, line in lines]
    return [
        {
            "id": "step_roofs",
            "title": "A training step, and what it must take at least",
            "note": how_measured([step for _, step in pairs]),
            "markup": roofs(lines),
            "table": {"header": ["network", "measured", "arithmetic", "memory"], "rows": table},
        }
    ]
