"""How commands end: (arguments, environment, exit code, what is said) in one table; Ctrl-C, pipes and encodings beside it."""

import io
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from resviz import cli
from resviz.cli import main
from resviz.runs.messages import STATES_FOLDER
from resviz.terminal import interrupt
from resviz.terminal.commands import whole
from resviz.terminal.letters import legible
from tests.forked import with_torch
from tests.servers import ROOT, free_port

APP = ["app", "--no-browser"]
NUMBER = "allowed is a number of 0 or more"
PORT, HOST = "allowed is a whole number from 1 to 65,535", "this machine has no such address; allowed is one of its own"
SMALL = ["width=2", "examples=64", "batch=64", "epochs=1", "device=cpu"]
# A folder in which not even root may make anything.
NOWHERE = "/proc/nowhere"

ENDS = [
    # words or values refused: 2
    ([*APP, "--port", "99999"], {}, 2, f"--port 99999: {PORT}"),
    ([*APP, "--port", "0"], {}, 2, f"--port 0: {PORT}"),
    ([*APP, "--port=-1"], {}, 2, f"--port -1: {PORT}"),
    ([*APP, "--port", "80a"], {}, 2, f"--port 80a: {PORT}"),
    ([*APP, "--port", "9" * 5000], {}, 2, "(5,000 characters): " + PORT),
    ([*APP, "--host", "no such host"], {}, 2, f"--host 'no such host': {HOST}"),
    ([*APP, "--host", ""], {}, 2, f"--host '': {HOST}"),
    ([*APP, "--host", "192.0.2.77"], {}, 2, f"--host '192.0.2.77': {HOST}"),
    ([*APP, "--host", "2001:db8::77"], {}, 2, f"--host '2001:db8::77': {HOST}"),
    ([*APP, "--host", "300.1.1.1"], {}, 2, f"--host '300.1.1.1': {HOST}"),
    ([*APP, "--path", "a b"], {}, 2, "--path 'a b': allowed are letters"),
    (APP, {"RESVIZ_WORKERS": "auto"}, 2, "RESVIZ_WORKERS=auto: allowed is a whole number from 1 to 999"),
    (APP, {"RESVIZ_WORKERS": "0"}, 2, "RESVIZ_WORKERS=0: allowed is a whole number from 1 to 999"),
    (APP, {"RESVIZ_WORKERS": "1.5"}, 2, "RESVIZ_WORKERS=1.5: allowed is a whole number from 1 to 999"),
    (APP, {"RESVIZ_RUNS_GB": "5 GB"}, 2, f"RESVIZ_RUNS_GB=5 GB: {NUMBER}"),
    (APP, {"RESVIZ_STATES_GB": "-1"}, 2, f"RESVIZ_STATES_GB=-1: {NUMBER}"),
    (APP, {"RESVIZ_MAX_MINUTES": "nan"}, 2, f"RESVIZ_MAX_MINUTES=nan: {NUMBER}"),
    (APP, {"RESVIZ_MAX_GB": "much"}, 2, f"RESVIZ_MAX_GB=much: {NUMBER}"),
    (APP, {"RESVIZ_HOME": __file__}, 2, "this is a file; allowed is a folder"),
    (["count"], {"RESVIZ_DATA": __file__}, 2, "this is a file; allowed is a folder"),
    (["count"], {"RESVIZ_HOME": "~nobody-has-this-name/x"}, 2, "this machine does not know whose home that is"),
    (["data", "mnits"], {}, 2, "nothing called 'mnits'; there are digits, mnist"),
    (["count", "--out", "x.parquet"], {}, 2, "'x.parquet' ends in '.parquet'; allowed are .csv, .md, .json"),
    (["euler", "study=order", "--out", "X.CSV"], {}, 2, "'X.CSV': a study is written as .json"),
    (["fly"], {}, 2, "invalid choice: 'fly'"),
    ([], {}, 2, "the following arguments are required: COMMAND"),
    # what failed: 1
    (["count", "--out", "/proc/x.csv"], {}, 1, "--out '/proc/x.csv': No such file or directory"),
    (["count", "--out", "/dev/x/y.csv"], {}, 2, "there is no folder '/dev/x'"),
    (["depth", "depths=4", "seeds=1", *SMALL], {"RESVIZ_HOME": NOWHERE}, 1, f"Nothing can be kept in {NOWHERE} (No such file or"),
    (["depth", "depths=4", "seeds=1", *SMALL], {"RESVIZ_HOME": NOWHERE}, 1, "): set RESVIZ_HOME to a folder that can be"),
    (["signal", "dataset=mnist"], {"RESVIZ_DATA": NOWHERE}, 1, f"MNIST is not in {NOWHERE}: download it (resviz data mnist)"),
    (["signal", "dataset=cifar10"], {"RESVIZ_DATA": NOWHERE}, 1, "download it (resviz data cifar10), put cifar-10-python.tar.gz"),
]  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_starts(monkeypatch, tmp_path):
    """Where the program would start the app, it has failed to refuse."""
    monkeypatch.setattr(os, "execv", lambda *_: pytest.fail("the app starts"))
    monkeypatch.setenv("RESVIZ_HOME", str(tmp_path / "home"))
    monkeypatch.setenv(STATES_FOLDER, "")
    monkeypatch.delenv(STATES_FOLDER)


def one_sentence(capsys, says):
    out, err = capsys.readouterr()
    assert out == "" and says in err
    assert err.startswith("resviz: ") and len(err.splitlines()) == 1 and len(err) < 900


@pytest.mark.parametrize(
    ("words", "variables", "code", "says"), ENDS, ids=[" ".join([*map(str, e[1]), *e[0]])[:40] for e in ENDS]
)
def test_a_command_that_does_not_succeed_says_why_in_one_sentence(words, variables, code, says, capsys, monkeypatch):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert main(words) == code
    one_sentence(capsys, says)


def test_a_port_in_use_is_said_and_one_that_is_free_is_not(capsys, monkeypatch, tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert main([*APP, "--port", str(port)]) == 1
    one_sentence(capsys, f"--port {port}: another program uses this port; choose another, or end that program")
    started = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RESVIZ_HOME", "kept here")
    monkeypatch.setattr(os, "execv", lambda program, command: started.append(command) or sys.exit(0))
    with pytest.raises(SystemExit):
        main([*APP, "--port", str(free_port()), "--host", "0.0.0.0"])
    assert started[0][3:4] == ["--server.address=0.0.0.0"]
    assert os.environ["RESVIZ_HOME"] == str(tmp_path / "kept here")  # and not beside app.py


def raising(error):
    def run(arguments):
        print("what there is")
        raise error

    return run


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (KeyboardInterrupt(), 130, "stopped"),
        (PermissionError(13, "Permission denied", "/a/file"), 1, "/a/file: Permission denied"),
        (MemoryError(), 1, "there was not enough memory for this: try a smaller depth, width or batch"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory:\n 9 bytes"), 1, "not enough memory"),
        (ZeroDivisionError("division\nby zero"), 1, "this failed with ZeroDivisionError: division by zero"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_whatever_is_raised_is_one_sentence(error, code, says, capsys, monkeypatch):
    monkeypatch.setattr(cli, "_data", raising(error))
    assert main(["data", "mnist"]) == code
    out, err = capsys.readouterr()
    assert out == "what there is\n" and says in err
    assert err.startswith("resviz: ") and len(err.splitlines()) == 1


# -- what is written -------------------------------------------------------------------------------


def test_the_end_of_a_name_is_taken_in_large_letters_too(capsys, tmp_path):
    for words, name in (
        (["count"], "T.CSV"),
        (["euler", "n=10"], "E.Csv"),
        (["count"], "T.MD"),
        (["signal", "depth=6", *SMALL], "S.CSV"),
    ):
        plain = tmp_path / name.lower()
        assert main([*words, "--out", str(tmp_path / f"X{name}")]) == main([*words, "--out", str(plain)]) == 0
        assert (tmp_path / f"X{name}").read_bytes() == plain.read_bytes() and b'{"' not in plain.read_bytes()[:2]
    assert main(["train", "depth=6", *SMALL, "--out", str(tmp_path / "R.CSV")]) == 0
    assert (tmp_path / "R.CSV").read_text().startswith("step,epoch,lr,")


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path, link = tmp_path / "run.csv", tmp_path / "link.csv"
    path.write_text("before")
    path.chmod(0o640)
    link.symlink_to(path)
    with suppress(KeyboardInterrupt), whole(path) as part:
        part.write_text("half")
        assert part in interrupt.unfinished
        raise KeyboardInterrupt
    assert path.read_text() == "before" and not interrupt.unfinished
    with whole(link) as part:
        part.write_text("after")
    assert link.is_symlink() and path.read_text() == "after" and path.stat().st_mode & 0o777 == 0o640
    assert {child.name for child in tmp_path.iterdir()} == {"run.csv", "link.csv"}


def test_a_disk_that_is_full_at_the_end_leaves_no_file(capsys, monkeypatch, tmp_path):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert main(["count", "--out", str(tmp_path / "t.csv")]) == 1
    one_sentence(capsys, f"--out '{tmp_path / 't.csv'}': No space left on device")
    assert list(tmp_path.iterdir()) == []


# -- where it is printed ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "encoding", "written"),
    [
        ("3.2 × 10⁻⁵", "ascii", "3.2 x 10^-5"),
        ("3.2 × 10⁻⁵", "latin-1", "3.2 × 10^-5"),
        ("10¹⁰ and 10¹²", "latin-1", "10^10 and 10¹²"),  # ¹ alone is there
        ("64² · hₙ₊₁", "ascii", "64^2 * h_n+1"),
        ("|R(hλ)| ≤ 1 − θ", "cp1252", "|R(h lambda)| <= 1 - theta"),
        ("Δx ≈ √2 → “∞” … ≠ ±½", "ascii", 'Delta x ~ sqrt 2 -> "infinity" ... != +/-1/2'),
        ("it’s 5–7‰, é, 漢", "ascii", "it's 5-7/1000, e, ?"),
        ("Ω ≈ π² → ∞", "cp437", "Ω ≈ π² -> ∞"),
        ("Ω ≈ π² → ∞", "utf-8", "Ω ≈ π² → ∞"),
        ("1 → 2     a\nnone      b", "ascii", "1 -> 2    a\nnone      b"),  # columns stay
    ],
)
def test_what_an_encoding_lacks_is_said_in_letters_that_it_has(text, encoding, written):
    assert legible(text, encoding) == written
    written.encode(encoding)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "cp437"])
@pytest.mark.parametrize(
    "words", [["count", "block=bottleneck"], ["euler", "system=decay", "method=rk4"]], ids=" ".join
)
def test_a_command_prints_no_question_marks(words, encoding, monkeypatch):
    out = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out, encoding=encoding, write_through=True))
    assert main(words) == 0
    text = out.getvalue().decode(encoding)
    assert "?" not in text and ("1x1, 256 -> 64" in text.replace("×", "x") or "x 10^-" in text.replace("×", "x"))


FULL = "resviz: what was found could not be printed: No space left on device\n"
PIPES = [
    ("count --json | head -c 1 >/dev/null; exit ${PIPESTATUS[0]}", 0, ""),
    ("--help | true; exit ${PIPESTATUS[0]}", 0, ""),
    ("count >&-", 0, ""),
    ("count >/dev/full", 1, FULL),
    ("--help >/dev/full", 1, FULL),
    ("count net=x 2>&-", 2, ""),
    ("count net=x 2>/dev/full", 2, ""),
]


@pytest.mark.process
@pytest.mark.skipif(os.name == "nt", reason="needs a shell")
def test_output_that_nobody_takes_is_no_traceback():
    lines = [f'("{sys.executable}" -m resviz.cli {line}); echo "= $?" >&2' for line, *_ in PIPES]
    # Argparse prints help where an error of writing is dropped, which only shows where nothing is held back.
    lines.append(lines[4].replace('("', '(PYTHONUNBUFFERED=1 "'))
    done = subprocess.run(
        ["bash", "-c", "\n".join(lines)], capture_output=True, text=True, timeout=60, cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": ""},
    )  # fmt: skip
    assert done.stderr == "".join(f"{says}= {code}\n" for _, code, says in [*PIPES, PIPES[4]])


# -- Ctrl-C ------------------------------------------------------------------------------------------


def stuck() -> int:
    """A command that Ctrl-C does not reach: it catches what it raises, as a library may, and has half written a file."""
    signal.signal(signal.SIGINT, signal.default_int_handler)

    def run(arguments):
        with whole(Path(os.environ["RESVIZ_OUT"])) as part:
            part.write_text("half")
            print(os.getpid(), flush=True)
            while True:
                with suppress(KeyboardInterrupt):
                    threading.Event().wait()

    cli._data = run
    return main()


def importing() -> int:
    """A command whose module is interrupted while it is imported, in code that makes something else of it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)

    def run(arguments):
        print(os.getpid(), flush=True)
        try:
            exec("import threading; threading.Event().wait()")
        except BaseException as error:
            raise ImportError("cannot be imported") from error

    cli._data = run
    return main()


@pytest.mark.process
@pytest.mark.xdist_group("with torch")
@pytest.mark.parametrize("what", ["stuck", "importing"])
def test_ctrl_c_ends_whatever_is_under_way_and_leaves_nothing_half_written(what, tmp_path):
    process = subprocess.Popen(
        with_torch().command(f"tests.test_cli_ends:{what}", "data", "mnist"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "RESVIZ_OUT": str(tmp_path / "out.csv")},
    )  # fmt: skip
    try:
        os.kill(int(process.stdout.readline()), signal.SIGINT)  # of the process that took its place (tests/forked.py)
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, err.strip()) == (130, "resviz: stopped")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.process
@pytest.mark.heavy
def test_ctrl_c_ends_the_app_and_its_processes(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "resviz.cli", "app", "--no-browser", "--port", str(free_port()), "--host", "0.0.0.0"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
        env={**os.environ, "RESVIZ_HOME": str(tmp_path / "home")},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    try:
        assert process.stdout.readline().startswith("The app is at http://localhost:")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)  # until the workers, which have its standard error, have ended too
    finally:
        process.kill()
    assert (process.returncode, err.strip()) == (130, "resviz: stopped")
