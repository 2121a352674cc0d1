"""Processes that are forked look, to whoever starts them, as if they had started from nothing."""

import os
import signal
import subprocess
import sys

import pytest

from tests.forked import Forks, kill

pytestmark = pytest.mark.process

HERE = "tests.runs.test_forked"  # imported there by this name


def says() -> None:
    """In the other process: what it was given."""
    print(*sys.argv[1:], os.environ["RESVIZ_WORD"], sys.stdin.read(), os.getcwd())
    print("in the log", file=sys.stderr)


def ends() -> int:
    how = sys.argv[1]
    if how == "raise":
        raise RuntimeError("in short")
    if how == "kill":
        os.kill(os.getpid(), signal.SIGTERM)
    return int(how)


def waits() -> None:
    print("there", flush=True)
    sys.stdin.read()


def test_it_has_the_arguments_the_pipes_the_environment_and_the_folder(forks, tmp_path):
    done = subprocess.run(
        forks.command(f"{HERE}:says", "one", 2),
        input="three",
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "RESVIZ_WORD": "four"},
        check=True,
    )
    assert (done.stdout, done.stderr) == (f"one 2 four three {tmp_path}\n", "in the log\n")


@pytest.mark.parametrize(("how", "code"), [("0", 0), ("5", 5), ("raise", 1), ("kill", -signal.SIGTERM)])
def test_its_exit_code_is_the_one_that_is_seen(forks, how, code):
    done = subprocess.run(forks.command(f"{HERE}:ends", how), capture_output=True, text=True)
    assert done.returncode == code
    assert ("RuntimeError: in short" in done.stderr) == (how == "raise")


def test_who_kills_what_was_started_ends_it(forks):
    process = subprocess.Popen(forks.command(f"{HERE}:waits"), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"there\n"
    process.kill()
    assert process.stdout.read() == b"", "its end closes its pipe"
    assert process.wait() == -signal.SIGKILL
    process.stdin.close()


def test_what_is_killed_has_said_its_last_word(forks):
    process = subprocess.Popen(forks.command(f"{HERE}:waits"), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"there\n"
    kill(process)
    assert process.poll() == -signal.SIGKILL
    assert process.stdout.read() == b""
    process.stdin.close()


def test_with_the_first_process_all_others_end():
    forks = Forks()
    process = subprocess.Popen(forks.command(f"{HERE}:waits"), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"there\n"
    forks.close()
    assert process.stdout.read() == b""
    assert process.wait() != 0
    process.stdin.close()
