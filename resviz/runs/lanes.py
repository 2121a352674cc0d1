"""The lanes of the pool: the number of processes of each, and their settings.

click   questions answered in a moment, by a process that is warmed up and never busy with anything else
panels  questions that take seconds, answered in parts
runs    trainings, as many at a time as RESVIZ_WORKERS says
"""

from __future__ import annotations

import os
import sys

from resviz.words.environment import number

LANES = ("click", "panels", "runs")
HELPS = {"runs": "panels"}  # a free seat of the lane before the colon takes jobs of the lane after it
COMMANDS = {lane: (sys.executable, "-m", "resviz.runs.worker", lane) for lane in LANES}
LATER = ("panels",)  # lanes whose processes are started only when there is work for them
TURN_SECONDS = {"click": 1.0, "panels": 5.0, "runs": 20.0}


def seats() -> dict[str, int]:
    """Return the number of processes of each lane: RESVIZ_WORKERS for runs, each of which has two threads, one per arm.
    Raises Mistake."""
    cores = os.cpu_count() or 2
    runs = int(number("RESVIZ_WORKERS", max(1, cores // 2)))
    return {"click": 1, "panels": max(1, cores // 4), "runs": runs}
