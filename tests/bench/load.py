"""Benchmarks of a class: thirty viewers of one panel, while four runs are wanted; and what an idle server takes up."""

import asyncio
import json
import statistics
import subprocess
import time
from urllib.parse import quote

from tests.bench.common import row, server

VIEWERS, SECONDS, RUNS = 30, 60, 4
LIMIT_MS = 300


class Viewer:
    """A browser's connection to the server, as far as a panel needs it."""

    def __init__(self, url, name):
        self.host, self.port = url.removeprefix("http://").split(":")
        self.name, self.stream = name, None

    async def post(self, path, body):
        """The answer as JSON, and how long it took in ms."""
        if self.stream is None:
            self.stream = await asyncio.open_connection(self.host, int(self.port), limit=2**24)
        reader, writer = self.stream
        sent = json.dumps(body).encode()
        began = time.perf_counter()
        writer.write(
            f"POST {path} HTTP/1.1\r\nHost: {self.host}\r\nX-Resviz: 1\r\nContent-Length: {len(sent)}\r\n\r\n".encode()
            + sent
        )
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line[15:]) for line in head.decode().lower().splitlines() if line.startswith("content-length:")
        )
        text = await reader.readexactly(length)
        took = 1e3 * (time.perf_counter() - began)
        assert b" 200 " in head[:20], text[:200]
        return json.loads(text), took

    async def panel(self, kind, query="", **body):
        return await self.post(f"/panel/{kind}?viewer={quote(self.name)}{query and '&'}{query}", body)


async def has_runs_trained(url, until):
    """Wants four runs of the default's length, as four open Train pages do."""
    viewers = [Viewer(url, f"runs {seed}") for seed in range(RUNS)]
    states = [await viewer.panel("train", f"seed={900 + n}") for n, viewer in enumerate(viewers)]
    while time.perf_counter() < until:
        for viewer, (state, _) in zip(viewers, states, strict=True):
            digest, name = state["run"]["digest"], quote(viewer.name)
            await viewer.post(f"/runs/{digest}/records?viewer={name}&from=1000000", {})
        await asyncio.sleep(2)


async def moves_a_slider(url, kind, name, values, number, until, times):
    """Changes one setting once a second, and waits for the answer to each change."""
    viewer = Viewer(url, f"viewer {number}")
    query = (await viewer.panel(kind))[0]["query"]
    await asyncio.sleep(number / VIEWERS)
    turn = number
    while (began := time.perf_counter()) < until:
        turn += 1
        state, took = await viewer.panel(kind, query, changes=[{name: str(values[turn % len(values)])}])
        query = state["query"]
        times.append(took)
        await asyncio.sleep(max(0.0, 1 - (time.perf_counter() - began)))


def under_load(kind, name, values):
    """Milliseconds from a change to its answer, of all viewers."""
    app, times = server(), []

    async def everyone():
        until = time.perf_counter() + SECONDS
        await asyncio.gather(
            has_runs_trained(app.url, until),
            *(moves_a_slider(app.url, kind, name, values, n, until, times) for n in range(VIEWERS)),
        )

    asyncio.run(everyone())
    memory(app, f"after {VIEWERS} viewers of {kind}")
    app.stop()
    return sorted(times)


def memory(app, when):
    """Says what the server and its processes take up: their share of what they have in common counted once."""
    pids = subprocess.run(["pgrep", "-P", str(app.process.pid)], capture_output=True, text=True).stdout.split()
    shares = {}
    for pid in [str(app.process.pid), *pids]:
        with open(f"/proc/{pid}/smaps_rollup") as file, open(f"/proc/{pid}/cmdline") as command:
            kilobytes = next(int(line.split()[1]) for line in file if line.startswith("Pss:"))
            shares[command.read().strip("\0").split("\0")[-1] if pid in pids else "server"] = kilobytes // 1000
    told = ", ".join(f"{name} {share}" for name, share in shares.items())
    row(f"memory {when} ({told})", f"{sum(shares.values())} MB", "(told)", True)


def bench_load():
    """Thirty viewers of a panel that answers at once, and of one that learns, while four runs are wanted."""
    app = server()
    time.sleep(15)
    memory(app, "of an idle server")
    app.stop()
    for kind, name, values in (("solve", "n", (10, 20, 40, 80, 160, 320)), ("flow", "seed", range(10))):
        times = under_load(kind, name, values)
        p50, p95 = statistics.median(times), times[int(0.95 * len(times))]
        row(
            f"{kind}: a change to its answer, {VIEWERS} viewers and {RUNS} runs (p50 {p50:.0f}, max {times[-1]:.0f} ms)",
            f"p95 {p95:.0f} ms",
            f"<= {LIMIT_MS} ms",
            p95 <= LIMIT_MS,
        )
