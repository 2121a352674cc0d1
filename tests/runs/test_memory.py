"""The memory of the worker processes, as the system sees it."""

import gc
import os
import platform
import queue
import subprocess
import sys
import threading

import pytest

from resviz.runs import memory
from resviz.runs.messages import Done, Drop, Happened, Want
from resviz.runs.questions import KINDS
from resviz.runs.worker import Worker

MIB = 2**20
PROGRAM = """
import os
from resviz.runs.memory import give_back
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
before = resident()
blocks = [bytearray(b"1") * (16 * 2**20) for _ in range(16)]
full = resident()
del blocks
kept = resident()
give_back()
print(full - before, kept - before, resident() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have settings of their own")
def test_freed_memory_is_kept_until_it_is_given_back():
    full, kept, after = map(
        int,
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, **memory.ENVIRONMENT},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split(),
    )
    assert full > 250 * MIB
    assert kept > 0.9 * full
    assert after < 0.1 * full


def test_a_process_gives_memory_back_once_nobody_asks_for_anything(monkeypatch):
    inbox, given = queue.Queue(), []
    idle = threading.Event()
    monkeypatch.setattr(memory, "IDLE_SECONDS", 0.05)
    monkeypatch.setattr(memory, "give_back", lambda: (given.append(inbox.qsize()), idle.set()))
    worker = threading.Thread(target=Worker(inbox, print, print).loop)
    worker.start()
    assert idle.wait(10)
    inbox.put(Drop("nothing"))
    inbox.put(None)
    worker.join(10)
    assert not worker.is_alive()
    assert given == [0]  # once, however long it waits, until there is a message


def test_what_was_imported_is_not_searched_for_garbage_again():
    before, thresholds = gc.get_freeze_count(), gc.get_threshold()
    try:
        memory.settle()
        assert gc.get_freeze_count() > 10_000 + before
        assert len(gc.get_objects()) < 1000
        assert gc.get_threshold()[2] == memory.SELDOM
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)


@pytest.mark.parametrize(("seconds", "searches"), [(0.0, 3), (3600.0, 0)])
def test_garbage_is_searched_for_between_two_answers(monkeypatch, seconds, searches):
    happened = []
    monkeypatch.setattr(memory, "TIDY_SECONDS", seconds)
    monkeypatch.setattr(gc, "collect", lambda: happened.append("search"))
    inbox = queue.Queue()

    def say(message):
        happened.append("answer" if isinstance(message, Happened) else "end")
        if isinstance(message, Done):
            inbox.put(None)

    worker = Worker(inbox, say, print, answerer=lambda kind: lambda spec: iter([1, 2]))
    kind = next(name for name, kind in KINDS.items() if kind.parts)
    inbox.put(Want(1, "key", kind, KINDS[kind].spec().model_dump_json(), 0, 1, 0))
    worker.loop()
    assert happened.count("search") == searches
    assert [word for word in happened if word != "search"] == ["answer", "answer", "end"]
    assert happened[0] == "answer"  # which waited for no search
