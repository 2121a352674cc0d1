"""The lanes of the pool: how many processes each has, and what they are like.

click   what is answered in a moment, warm and never busy with anything else
panels  what takes seconds, in parts
runs    trainings, as many at a time as RESVIZ_WORKERS says
"""

from __future__ import annotations

import os
import sys

LANES = ("click", "panels", "runs")
HELPS = {"runs": "panels"}  # a free seat of the first lane takes jobs of the second
COMMANDS = {lane: (sys.executable, "-m", "resviz.runs.worker", lane) for lane in LANES}
# Freed memory stays in the process behind a click: to give it back and get it again at every pass takes 15% of the pass. Read by
# glibc, and nothing to other systems.
ENVIRONMENT = {"click": {"MALLOC_TRIM_THRESHOLD_": "268435456", "MALLOC_MMAP_THRESHOLD_": "33554432"}}
LATER = ("panels",)  # whose processes are started when there is something to do
TURN_SECONDS = {"click": 1.0, "panels": 5.0, "runs": 20.0}


def seats() -> dict[str, int]:
    """How many processes each lane has: RESVIZ_WORKERS for runs, each of which computes in two threads, one an arm."""
    cores = os.cpu_count() or 2
    runs = int(os.environ.get("RESVIZ_WORKERS", max(1, cores // 2)))
    return {"click": 1, "panels": max(1, cores // 4), "runs": runs}
