"""Trained weights are fetched when a person asks for them: from a server, on the command line, in a process of their own."""

import socket
import sys
import time
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import SimpleNamespace

import pytest

from resviz import cli
from resviz.data import nets as weights
from resviz.data.datasets import DATASETS
from resviz.data.pretrained import PRETRAINED
from resviz.data.tensors import DataUnavailable
from resviz.runs.downloads import Downloads
from tests.data.weightfiles import assert_sentence, changed, left, ours, put, torchs

pytestmark = pytest.mark.usefixtures("home")

NAMES = list(PRETRAINED)
MIB = 2**20


# -- fetched -----------------------------------------------------------------------------------------


class Server(BaseHTTPRequestHandler):
    """Sends `content`, but for what is `short` of it; `asked` are the paths."""

    def do_GET(self):
        self.asked.append(self.path)
        if self.content is None:
            self.send_error(404)
            return
        self.send_response(200)
        if self.told:
            self.send_header("Content-Length", str(len(self.content)))
        self.end_headers()
        self.wfile.write(self.content[: len(self.content) - self.short])

    def log_message(self, *args):
        pass


@pytest.fixture
def serve(monkeypatch):
    """Serve bytes from a free port as the weights of every network; answers the addresses that are asked for."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    servers = []

    def start(content, short=0, told=True):
        asked = []
        handler = type("Handler", (Server,), {"content": content, "short": short, "told": told, "asked": asked})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        servers.append(server)
        Thread(target=partial(server.serve_forever, poll_interval=0.01), daemon=True).start()
        offer(f"http://127.0.0.1:{server.server_address[1]}/models/somewhere.pth", monkeypatch)
        return asked

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def offer(url, monkeypatch):
    monkeypatch.setattr(weights, "_offered", lambda name: SimpleNamespace(url=url, meta={}))


def test_a_download_tells_its_progress_and_puts_the_file_among_our_data(home, known, file, serve):
    asked, told = serve(file), []
    weights.download("resnet18", lambda *pair: told.append(pair))
    assert asked == ["/models/somewhere.pth"]
    assert (ours(home) / known.file).read_bytes() == file
    assert left(home / "data") == [known.file, "weights"] and not torchs(home).exists()
    assert {total for _, total in told} == {len(file)}
    done = [done for done, _ in told]
    assert done == sorted(set(done)) and done[-1] == len(file) and len(done) >= len(file) / MIB
    assert not weights.pretrained("resnet18").training


@pytest.mark.parametrize("place", [ours, torchs])
def test_what_is_here_is_asked_of_nobody(place, home, known, file, serve):
    asked = serve(file)
    put(file, place(home), known)
    weights.download("resnet18", lambda *pair: pytest.fail("downloaded again"))
    assert asked == []
    assert left(home) == left_of(place, home, known)


def left_of(place, home, known):
    path = (place(home) / known.file).relative_to(home)
    return sorted(part.name for part in (path, *path.parents) if part.name)


def test_a_second_download_asks_nobody(home, known, file, serve):
    asked = serve(file)
    weights.download("resnet18")
    weights.download("resnet18", lambda *pair: pytest.fail("downloaded again"))
    assert len(asked) == 1


@pytest.mark.parametrize("place", [ours, torchs])
def test_damaged_weights_are_fetched_again(place, home, known, file, serve):
    asked = serve(file)
    put(changed(file), place(home), known)
    weights.download("resnet18")
    assert len(asked) == 1 and (ours(home) / known.file).read_bytes() == file
    assert weights.pretrained("resnet18") is not None


def test_a_server_that_does_not_say_how_much_it_sends(home, known, file, serve):
    serve(file, told=False)
    told = []
    weights.download("resnet18", lambda *pair: told.append(pair))
    assert {total for _, total in told} == {0} and told[-1][0] == len(file)


@pytest.mark.parametrize("trouble", ["cut short", "cut short unannounced", "different", "absent", "nobody there"])
def test_a_download_that_fails_says_why_and_leaves_nothing(trouble, home, known, file, serve, monkeypatch):
    reason = "the server sent an incomplete or different file"
    match trouble:
        case "cut short":
            serve(file, short=len(file) // 2)
        case "cut short unannounced":
            serve(file, short=1, told=False)
        case "different":
            serve(changed(file))
        case "absent":
            serve(None)
            reason = "HTTP Error 404"
        case _:
            monkeypatch.setenv("no_proxy", "127.0.0.1")
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
            offer(f"http://127.0.0.1:{port}/", monkeypatch)
            reason = "Connection refused"
    with pytest.raises(DataUnavailable) as error:
        weights.download("resnet18")
    assert_sentence(error, f"ResNet-18 (45 MB) could not be downloaded ({reason}", known.file, ours(home))
    assert left(ours(home)) == []
    with pytest.raises(DataUnavailable, match="are not on this machine"):
        weights.pretrained("resnet18")


def test_a_download_that_fails_leaves_what_was_there(home, known, file, serve):
    serve(file[:1000])
    put(changed(file), ours(home), known)
    with pytest.raises(DataUnavailable, match="could not be downloaded"):
        weights.download("resnet18")
    assert (ours(home) / known.file).read_bytes() == changed(file) and left(ours(home)) == [known.file]


def test_a_download_that_is_stopped_leaves_nothing(home, known, file, serve):
    serve(file)

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        weights.download("resnet18", stop)
    assert left(ours(home)) == []


def test_where_nothing_can_be_written_it_says_so(home, known, file, serve):
    asked = serve(file)
    (home / "data").touch()
    with pytest.raises(DataUnavailable) as error:
        weights.download("resnet18")
    assert_sentence(error, "could not be downloaded", "irectory")
    assert asked == []


# -- on the command line -----------------------------------------------------------------------------


def test_resviz_data_fetches_weights_by_the_name_of_their_network(home, known, file, serve, capsys):
    asked = serve(file)
    assert cli.main(["data", "resnet18"]) == 0
    assert capsys.readouterr().out == ""
    assert len(asked) == 1 and (ours(home) / known.file).read_bytes() == file
    assert cli.main(["data", "resnet18"]) == 0
    assert len(asked) == 1


def test_with_lines_it_tells_the_app_how_far_it_is(known, file, serve, capsys):
    serve(file)
    assert cli.main(["data", "--lines", "resnet18"]) == 0
    lines = [tuple(map(int, line.split())) for line in capsys.readouterr().out.splitlines()]
    assert lines[-1] == (len(file), len(file)) and len(lines) > 2
    assert lines == sorted(set(lines))


@pytest.mark.parametrize("name", NAMES)
def test_each_network_has_its_own(name, monkeypatch):
    asked = []
    monkeypatch.setattr(weights, "download", lambda name, progress: asked.append(name))
    monkeypatch.setattr("resviz.data.tensors.load", lambda *args, **how: pytest.fail("this is no data set"))
    assert cli.main(["data", name]) == 0
    assert asked == [name]


def test_data_sets_are_not_taken_for_weights(monkeypatch):
    asked = []
    monkeypatch.setattr(weights, "download", lambda *args: pytest.fail("this is no network"))
    monkeypatch.setattr("resviz.data.tensors.load", lambda name, **how: asked.append(name))
    assert cli.main(["data", "mnist"]) == 0
    assert asked == ["mnist"]


def test_what_cannot_be_fetched_is_one_sentence_and_exits_1(known, serve, capsys):
    serve(None)
    assert cli.main(["data", "resnet18"]) == 1
    out, err = capsys.readouterr()
    says = [line for line in err.splitlines() if line.startswith("resviz: ")]
    assert out == "" and len(says) == 1
    assert says[0].startswith("resviz: The weights of ResNet-18 (45 MB) could not be downloaded (HTTP Error 404")


def test_other_networks_have_none_and_exit_2(capsys):
    assert cli.main(["data", "resnet101"]) == 2
    assert "'resnet101'" in capsys.readouterr().err


# -- on the way to this machine ----------------------------------------------------------------------


def ended(downloads, name):
    deadline = time.monotonic() + 60
    while downloads.get(name).state == "running" and time.monotonic() < deadline:
        time.sleep(0.01)
    return downloads.get(name)


@pytest.mark.process
@pytest.mark.parametrize("name", NAMES)
def test_weights_are_downloads_as_data_sets_are(name):
    downloads = Downloads((sys.executable, "-c", "print(3, 9)"))
    assert downloads.get(name) is None
    downloads.start(name)
    item = ended(downloads, name)
    assert (item.name, item.state, item.done, item.total, item.message) == (name, "done", 3, 9, "")


@pytest.mark.process
def test_the_process_is_told_which():
    downloads = Downloads((sys.executable, "-c", "import sys; sys.exit(f'resviz: not {sys.argv[1:]}')"))
    downloads.start("resnet34")
    assert ended(downloads, "resnet34").message == "not ['resnet34']"


def test_what_is_unknown_is_quoted_beside_all_that_there_is():
    with pytest.raises(ValueError, match="'resnet19'") as error:
        Downloads().start("resnet19")
    assert all(name in str(error.value) for name in (*NAMES, *DATASETS))


PROGRAM = """
import sys
from types import SimpleNamespace
from resviz import cli
from resviz.data import nets as weights
from resviz.data.pretrained import PRETRAINED, Pretrained
PRETRAINED["resnet18"] = Pretrained("ResNet-18", {file!r}, 45)
weights._offered = lambda name: SimpleNamespace(url={url!r}, meta={{}})
first = cli.main(["data", "--lines", *sys.argv[1:]])
sys.exit(first or cli.main(["data", "--lines", "resnet34"]))
"""


@pytest.mark.process
def test_a_process_of_its_own_fetches_them(home, known, file, serve):
    """Whole ones, and then others, of which the server sends the same file: their sum is not what it should be."""
    serve(file)
    text = PROGRAM.format(file=known.file, url=weights._offered("resnet18").url)
    downloads = Downloads((sys.executable, "-c", text))
    downloads.start("resnet18")
    item = ended(downloads, "resnet18")
    assert (item.done, item.total) == (len(file), len(file))
    assert left(ours(home)) == [known.file] and (ours(home) / known.file).read_bytes() == file
    assert item.state == "failed"
    assert item.message.startswith("The weights of ResNet-34 (83 MB) could not be downloaded (the server sent")
