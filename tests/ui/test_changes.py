"""Waking who waits in the event loop: at once, whoever tells, and never too late."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from resviz.ui.changes import Changes, within

DEADLINE = 30.0


def run(coroutine):
    """In a thread of its own: browser tests, which may have come before, leave a loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


async def waited(changes, before=lambda: None):
    """Seconds until a change is noticed; `before` is done while noticing and before waiting."""
    with changes.noticed() as change:
        before()
        began = time.monotonic()
        await within(DEADLINE, change)
        return time.monotonic() - began


def test_one_who_waits_is_woken_from_another_thread():
    changes = Changes()

    async def both():
        told = threading.Timer(0.05, changes.tell)
        told.start()
        return await waited(changes)

    assert run(both()) < DEADLINE / 2
    assert not changes.waiting


def test_a_change_that_comes_before_it_is_waited_for_counts():
    changes = Changes()
    assert run(waited(changes, changes.tell)) < DEADLINE / 2


def test_all_who_wait_are_woken_and_one_who_has_gone_is_in_nobodys_way():
    changes = Changes()

    async def many():
        gone = asyncio.create_task(waited(changes))
        others = [asyncio.create_task(waited(changes)) for _ in range(3)]
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        changes.tell()
        return await asyncio.gather(*others)

    assert max(run(many())) < DEADLINE / 2
    changes.waiting.add(asyncio.new_event_loop().create_future())
    for future in changes.waiting:
        future.get_loop().close()
    changes.tell()  # a loop that has ended


def test_without_a_change_the_wait_ends_by_itself():
    changes = Changes()

    async def short():
        with changes.noticed() as change:
            await within(0.01, change)
            await within(-1.0, change)

    run(short())
    assert not changes.waiting
