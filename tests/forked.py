"""Processes that start at once: they are forked from one that has imported what they need.

`Forks("tests.paced").command("tests.paced:main", folder)` is a command as `subprocess.Popen` takes it. Its process has the
arguments, the pipes, the environment, the exit code and the death by signal of one that had started from nothing. To kill it
from outside, as `kill` here does: a signal to the process that was started reaches what took its place a moment later.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import struct
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess

HERE = os.path.abspath(__file__)
_LENGTH = struct.Struct("<I")
_CODE = struct.Struct("<i")


class Forks:
    """The process that the others are forked from. `modules` are imported there, once."""

    def __init__(self, *modules: str) -> None:
        import subprocess
        import tempfile

        self.folder = tempfile.TemporaryDirectory(prefix="forks-")
        self.address = os.path.join(self.folder.name, "s")
        self.process = subprocess.Popen(
            [sys.executable, HERE, self.address, *modules],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"ready\n", "the modules cannot be imported"

    def command(self, function: str, *arguments: object) -> tuple[str, ...]:
        """What starts a process that calls `function`, written module:name, which finds these in sys.argv."""
        return command(self.address, function, *arguments)

    def close(self) -> None:
        """End, and all processes with it that have been started and not ended."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=60)
        self.folder.cleanup()


def command(address: str, function: str, *arguments: object) -> tuple[str, ...]:
    """The same in a process that knows no more of the Forks than its address."""
    return sys.executable, "-I", "-S", HERE, "-", address, function, *map(str, arguments)


def with_torch() -> Forks:
    """Of processes that need torch, torchvision or scikit-learn, whose import takes seconds: one of these for all tests of a
    process. Tests of several files share it if they have the mark `xdist_group("with torch")`."""
    global _with_torch
    if _with_torch is None:
        import atexit

        _with_torch = Forks("torch", "torchvision", "sklearn.datasets", "pyarrow", "pydantic")
        atexit.register(_with_torch.close)
    return _with_torch


_with_torch: Forks | None = None


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill what a command of `Forks` has started. When this returns both are gone."""
    address = process.args[process.args.index(HERE) + 2]
    with open(f"{address}.{process.pid}") as file:
        os.kill(int(file.read()), signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):  # another thread has been told
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)


def ask(address: str, *words: str) -> None:
    """Have another process take the place of this one, as far as anybody can see who started this one."""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(address)
    body = json.dumps([words, dict(os.environ), os.getcwd(), f"{address}.{os.getpid()}"]).encode()
    socket.send_fds(connection, [_LENGTH.pack(len(body))], [0, 1, 2])
    connection.sendall(body)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1):  # now the other's alone, so that its end is seen as the end of this one
        os.dup2(nothing, number)
    answer = connection.recv(_CODE.size)
    code = _CODE.unpack(answer)[0] if answer else 1
    if code < 0:
        signal.signal(-code, signal.SIG_DFL) if -code != signal.SIGKILL else None
        os.kill(os.getpid(), -code)
    os._exit(code)


def serve(address: str, modules: list[str]) -> None:
    """Import, then fork for everybody who asks, until standard input ends."""
    from importlib import import_module

    sys.path.insert(0, os.path.dirname(os.path.dirname(HERE)))
    for module in modules:
        import_module(module)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen()
    os.write(1, b"ready\n")
    while True:
        ready, _, _ = select.select([listener, 0], [], [])
        if listener not in ready:
            break
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            _attend(connection)
        connection.close()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.killpg(0, signal.SIGTERM)  # whatever a test that failed has left behind
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


def _attend(connection: socket.socket) -> None:
    """In a process of its own: fork the one asked for, wait for it, and tell its exit code."""
    head, pipes, _, _ = socket.recv_fds(connection, _LENGTH.size, 3)
    (length,) = _LENGTH.unpack(head)
    body = b""
    while len(body) < length:
        body += connection.recv(length - len(body))
    words, environment, folder, name = json.loads(body)
    child = os.fork()
    if child == 0:
        with open(name, "w") as file:
            file.write(str(os.getpid()))
        _become(connection, pipes, words, environment, folder)
    for pipe in (*pipes, 0, 1):
        os.close(pipe)
    _, status = os.waitpid(child, 0)
    with contextlib.suppress(OSError):  # whoever asked was killed
        connection.sendall(_CODE.pack(os.waitstatus_to_exitcode(status)))
    os._exit(0)


def _become(
    connection: socket.socket, pipes: list[int], words: list[str], environment: dict[str, str], folder: str
) -> None:
    import threading
    import traceback
    from importlib import import_module

    for number, pipe in enumerate(pipes):
        os.dup2(pipe, number)
        os.close(pipe)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w", buffering=1)  # noqa: SIM115
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)

    def watch() -> None:
        connection.recv(1)  # nothing is ever sent: whoever asked was killed, and so is this one
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    code = 1
    try:
        sys.argv = words
        module, _, name = words[0].partition(":")
        code = int(getattr(import_module(module), name)() or 0)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    if sys.argv[1] == "-":
        ask(*sys.argv[2:])
    else:
        serve(sys.argv[1], sys.argv[2:])
