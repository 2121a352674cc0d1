"""The types of a run and its records as they are told to the browser, as JSON."""

from __future__ import annotations

from typing import NotRequired, TypedDict


class ArmTold(TypedDict):
    """What was measured of one network at one step (train/records.py, `ArmRecord`); null for what is not finite."""

    loss: NotRequired[float | None]
    accuracy: NotRequired[float | None]
    train_accuracy: NotRequired[float | None]
    test_accuracy: NotRequired[float | None]
    grad_norm: NotRequired[list[float | None]]
    activation_grad_norm: NotRequired[list[float | None]]
    activation_mean: NotRequired[list[float | None]]
    activation_std: NotRequired[list[float | None]]
    dead_fraction: NotRequired[list[float | None]]
    residual_ratio: NotRequired[list[float | None]]


class RecordTold(TypedDict):
    """One step of both networks, and what is found by then. truth: of a guess about the run, at its end."""

    step: int
    epoch: int
    residual: NotRequired[ArmTold]
    plain: NotRequired[ArmTold]
    ended: NotRequired[dict[str, str]]
    finding: NotRequired[str]
    truth: NotRequired[tuple[str, str]]


class ArmStartTold(TypedDict):
    """A network before its first step."""

    params: int
    checksum: str


class RunHead(TypedDict):
    """How a run stands (runs/run.py, `Run.head`)."""

    digest: str
    status: str
    message: str
    missing: str
    steps: int
    seconds: float
    viewers: int
    device: str
    arms: dict[str, ArmStartTold] | None
    position: NotRequired[int]
    broken: NotRequired[str]
