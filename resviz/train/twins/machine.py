"""What computes here: the version of torch, the processor and its instruction set, which the last digits of numbers depend on."""

from __future__ import annotations

import platform

import torch

from resviz.train.records import Machine


def cpu() -> tuple[str, str, str]:
    """The version of torch, the instruction set that it uses on the CPU, such as AVX2, and the name of the processor."""
    name = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:  # of Linux
            name = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), name)
    except OSError:
        pass
    return str(torch.__version__), torch.backends.cpu.get_cpu_capability(), name


def machine_of(device: str) -> Machine:
    """What computes on a device of this machine, "cpu", "cuda" or "mps". A GPU has a name and no instruction set."""
    version, instructions, name = cpu()
    if device == "cpu":
        return Machine(version, instructions, name)
    return Machine(version, "", torch.cuda.get_device_name() if device == "cuda" else device)
