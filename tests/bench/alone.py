"""The command line's training, which the app's is compared with; in a module of its own, since another process imports it."""

import time

from resviz.families.resnet.spec import Spec

SETTLED = 25  # steps after which the page has loaded, and what is measured is watching


def alone(seed):
    """Steps per second of the command line's training, once it runs."""
    from resviz.train.twins.lockstep import train

    events = train(Spec(seed=seed, device="cpu"))
    for _ in range(SETTLED + 1):
        next(events)
    began = time.perf_counter()
    return sum(1 for _ in events) / (time.perf_counter() - began)
