"""A small web server that stands in for the app: the browser's half on a static page, every other address answered from
fixtures, and a say in when and how."""

from __future__ import annotations

import base64
import copy
import functools
import json
import re
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from resviz.data.datasets import DATASETS, Dataset
from resviz.data.images import NotAPicture, numbers_of
from resviz.topic import pages
from resviz.ui import asking
from resviz.ui.panels import PANELS
from tests.harness import components
from tests.harness.sockets import Spoken

PAGE = (Path(__file__).parent / "page.html").read_text(encoding="utf-8")
SECONDS = 30.0  # that anything is waited for
OF_TEST = "X-Test"  # the header that says which test a request belongs to: one that comes after its end is nobody's
# What a request says beside its question: who asks, and what the browser has already.
ASIDE = ("viewer", "have", "laid", "from", "until", "beside", "at")
WISHES = re.compile(r"panel/\w+$|runs/\w+/records$")
ENDED = ("finished", "failed", "cancelled")
PAGES = (
    *("/" + name.replace("start", "") for name in pages()),
    *("/shattered", "/compared", "/calm"),  # which stand on pages of others
)


def question(method: str, path: str, words: dict[str, str], body: str = "") -> str:
    """What names an answer in a fixture: what is asked, whoever asks, in whatever order."""
    asked = urlencode(sorted((key, value) for key, value in words.items() if key not in ASIDE), safe=",:+")
    said = json.dumps(json.loads(body), sort_keys=True) if body else ""
    if method == "POST" and WISHES.match(
        path.strip("/")
    ):  # a wish is answered as a look is, but for one of who has pressed
        method, said = ("POST", "{}") if '"anew": true' in said else ("GET", "")
    return f"{method} {path.strip('/')}{asked and '?'}{asked}{said and ' '}{said}"


def changed(name: str, words: dict[str, str], body: str) -> tuple[dict[str, str], dict[str, Any]]:
    """The words of a question about a panel after the changes that a person has made, which its body tells, and what an answer
    says of those: read by the Python side, as the app does. Nothing where nothing was changed."""
    changes = json.loads(body).get("changes") or []
    if not changes:
        return words, {}
    settings = {key: value for key, value in words.items() if key not in ASIDE}
    about = asking.asked(PANELS[name], settings, changes)
    aside = {key: value for key, value in words.items() if key in ASIDE}
    words = {**dict(parse_qsl(PANELS[name].named(about.spec), keep_blank_values=True)), **aside}
    return words, asking.said_of(about)


@functools.cache
def fixture(name: str) -> dict[str, Any]:
    """What the Python side wrote: pages by address, answers by question, runs by digest (write.py)."""
    from tests.harness.write import file_of

    return json.loads(file_of(name).read_text(encoding="utf-8"))


def whole(answer: Any, answers: dict[str, Any]) -> Any:
    """An answer of which a fixture may keep only what differs from another."""
    return answers[answer["like"]] | answer["with"] if isinstance(answer, dict) and "like" in answer else answer


def _json(body: str) -> str:
    """What of a request's body belongs to its question: a file is not."""
    return body if body.startswith("{") else ""


@dataclass
class Heard:
    """A request as it travelled."""

    method: str
    path: str
    words: dict[str, str]
    body: str = ""

    def said(self) -> Any:
        return json.loads(self.body)


@dataclass
class Gate:
    """Holds answers back until it is opened."""

    arrived: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)

    def wait(self) -> None:
        """Until a request is held here."""
        assert self.arrived.wait(SECONDS), "no such request came"

    def open(self) -> None:
        self.opened.set()


class Learning:
    """A run that learns as far as the test says."""

    def __init__(self, told: dict[str, Any], changed: threading.Condition) -> None:
        self.head, self.records, self.changed = dict(told["head"]), copy.deepcopy(told["records"]), changed
        self.known = len(self.records)

    def learn(self, to: int) -> None:
        """Have so many records, and go on."""
        with self.changed:
            self.known = to
            over = to >= len(self.records)
            self.head["status"] = "finished" if over else "running"
            self.changed.notify_all()

    def restart(self) -> None:
        """From its first step again, where it has failed or was cancelled."""
        if self.head["status"] in ("failed", "cancelled"):
            self.known = 0
            self.tell(status="paused", message="", missing="")

    def end(self, status: str, message: str = "", **more: Any) -> None:
        """End as it is, such as failed, with a message."""
        self.tell(status=status, message=message, **more)

    def tell(self, **more: Any) -> None:
        """Another head: a status, a position in the queue, viewers."""
        with self.changed:
            self.head |= more
            self.changed.notify_all()

    def state(self, first: int) -> dict[str, Any]:
        first = first if first <= self.known else 0
        return {"position": 0, "broken": "", **self.head, "from": first, "records": self.records[first : self.known]}


class Site:
    """`answers` are those of the fixtures in use; a test may add some, hold some back, refuse some, and read what travelled."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.server = Listener(("127.0.0.1", 0), functools.partial(Handler, self))
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        self.begin()

    def begin(self) -> None:
        """Forget everything of the test before."""
        with self.changed:
            for _, gate in getattr(self, "gates", []):
                gate.open()
            self.pages: dict[str, Any] = {}
            self.answers: dict[str, Any] = {}
            self.runs: dict[str, Learning] = {}
            self.gates: list[tuple[re.Pattern[str], Gate]] = []
            self.refusals: list[tuple[re.Pattern[str], int, str]] = []
            self.heard: list[Heard] = []
            self.unknown: list[str] = []
            self.tells = False  # whether panels are told over the socket; else they have to ask
            self.sockets = 0  # open at the moment
            self.turn = getattr(self, "turn", 0) + 1
            self.changed.notify_all()

    def close(self) -> None:
        self.begin()
        self.server.shutdown()
        self.server.server_close()

    # -- what a test says ------------------------------------------------------------------------

    def use(self, *names: str) -> None:
        """Answer from these fixtures."""
        for name in names:
            told = fixture(name)
            self.pages |= told.get("pages", {})
            answers = told.get("answers", {})
            self.answers |= {name: whole(answer, answers) for name, answer in answers.items()}
            self.runs |= {digest: Learning(run, self.changed) for digest, run in told.get("runs", {}).items()}

    def run(self, digest: str) -> Learning:
        return self.runs[digest]

    def hold(self, pattern: str) -> Gate:
        """Hold back the answers to questions in which this is found; the last gate that fits counts."""
        gate = Gate()
        self.gates.append((re.compile(pattern), gate))
        return gate

    def refuse(self, pattern: str, status: int = 400, words: str = "") -> Callable[[], None]:
        """Answer such questions with an error in words, or, with status 0, not at all; returns what ends that."""
        entry = (re.compile(pattern), status, words)
        self.refusals.append(entry)
        return lambda: self.refusals.remove(entry)

    def asked(self, pattern: str) -> list[Heard]:
        """The requests in whose question this is found, in the order in which they came."""
        found = re.compile(pattern)
        return [h for h in list(self.heard) if found.search(question(h.method, h.path, h.words, _json(h.body)))]

    def wait_for(self, pattern: str, number: int = 1, **words: str) -> Heard:
        """The request of this number in whose question `pattern` is found, and that has these words, when it has come."""
        end = time.monotonic() + SECONDS
        with self.changed:
            while True:
                found = [h for h in self.asked(pattern) if words.items() <= h.words.items()]
                if len(found) >= number:
                    return found[number - 1]
                assert self.changed.wait(end - time.monotonic()), (pattern, words, self.heard[-5:])

    def once(self, pattern: str) -> Heard:
        """The request in whose question `pattern` is found, when it has come, which is the only one of these. A page shows what
        a person did before the server hears of it: what is counted without waiting may not have come yet."""
        heard = self.wait_for(pattern)
        found = [h.path for h in self.asked(pattern)]
        assert len(found) == 1, (pattern, found)
        return heard

    # -- what the server does --------------------------------------------------------------------

    def hear(self, heard: Heard) -> None:
        with self.changed:
            self.heard.append(heard)
            self.changed.notify_all()

    def held(self, asked: str) -> None:
        for pattern, gate in reversed(self.gates):
            if pattern.search(asked):
                gate.arrived.set()
                gate.opened.wait(SECONDS)
                return

    def refusal(self, asked: str) -> tuple[int, str] | None:
        return next(
            ((status, words) for pattern, status, words in reversed(self.refusals) if pattern.search(asked)), None
        )


class Listener(ThreadingHTTPServer):
    """A browser that is closed leaves its connections; that is no error."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"

    def __init__(self, site: Site, *args: Any) -> None:
        self.site = site
        super().__init__(*args)

    def log_message(self, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        try:
            self._route()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _route(self) -> None:
        parts = urlsplit(self.path)
        words = dict(parse_qsl(parts.query, keep_blank_values=True))
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = sent.decode("utf-8", "replace")
        turn = self.site.turn
        # A page that is being closed may leave it out, and so does a file that is saved.
        if self.headers.get(OF_TEST, "" if self.command == "POST" else str(turn)) != str(turn):
            return self._send(410, "", "text/plain")
        if parts.path == "/told":
            return self._send(200, "{}")  # it comes after whatever was sent before
        if parts.path == "/watch":
            self.site.hear(Heard("GET", "/watch", {}))
            return self._send(404, "") if self.site.refusal("GET watch") else self._watch()
        if known := components.library(parts.path):
            self.site.held(f"GET {parts.path[1:]}")
            refused = self.site.refusal(f"GET {parts.path[1:]}")
            return self._send(404, "") if refused else self._keep(known, "text/javascript", "gzip")
        if found := components.asset(parts.path):
            return self._keep(found.body, found.media_type)
        if self.command == "GET" and parts.path in PAGES:
            return self._page(parts.path)
        if own := re.fullmatch(r"/own/(\w+)", parts.path):
            return self._own(DATASETS[own[1]], sent)
        said: dict[str, Any] = {}
        if self.command == "POST" and (panel := re.fullmatch(r"/panel/(\w+)", parts.path)):
            words, said = changed(panel[1], words, body)
        asked = question(self.command, parts.path, words, _json(body))
        if (again := re.fullmatch(r"/runs/(\w+)/restart", parts.path)) and not self.site.refusal(asked):
            self.site.run(again[1]).restart()  # before a test hears of it, and goes on
        self.site.hear(Heard(self.command, parts.path, words, body))
        self.site.held(asked)
        if turn != self.site.turn:  # the test has ended meanwhile
            return self._send(410, "", "text/plain")
        if refusal := self.site.refusal(asked):
            if not refusal[0]:
                self.close_connection = True
                return None
            return self._send(refusal[0], refusal[1], "text/plain")
        return self._known(parts.path, words, asked, said)

    def _own(self, data: Dataset, sent: bytes) -> None:
        """What the app makes of a file."""
        name = unquote(self.headers.get("X-Name", ""))
        try:
            made = numbers_of(sent, name, data)
        except NotAPicture as error:
            return self._send(400, str(error), "text/plain")
        return self._send(200, json.dumps({"own": base64.urlsafe_b64encode(made).decode().rstrip("=")}))

    def _known(self, path: str, words: dict[str, str], asked: str, said: dict[str, Any]) -> None:
        site = self.site
        if path.startswith("/rerun/"):
            place = asked.removeprefix("GET rerun/")
            view = "".join(f"?view={words['view']}" for _ in words.keys() & {"view"})
            told = site.pages.get(place) or site.pages.get(f"{place.partition('?')[0]}{view}")
            if isinstance(told, dict) and "like" in told:  # a page whose data travel as text
                told = json.dumps(json.loads(site.pages[told["like"]]) | told["with"])
            return self._send(200, json.dumps(told)) if told is not None else self._missing(asked)
        if found := re.fullmatch(r"/runs/(\w+)/(records|want|cancel|restart)", path):
            digest, what = found.groups()
            if digest not in site.runs:
                return self._missing(asked)
            return self._run(site.runs[digest], what, words)
        answer = site.answers.get(asked)
        if answer is None and self.command == "POST":  # the same wish, of one who has pressed a button
            answer = site.answers.get(asked.replace("POST", "GET", 1).removesuffix(" {}"))
        if answer is None:
            return self._missing(asked)
        if isinstance(answer, str):
            return self._send(200, answer, "text/csv" if ".csv" in path else "text/plain")
        if answer.get("version") and answer["version"] == words.get("have"):
            spared = ("figures", "finding", "record", "run", "network", "fields")
            answer = {key: value for key, value in answer.items() if key not in spared}
        if path.startswith("/panel/"):
            answer = {**answer, **said}
            if answer.get("laid") == words.get("laid"):
                answer.pop("rows", None)
        return self._send(200, json.dumps(answer))

    def _missing(self, asked: str) -> None:
        self.site.unknown.append(asked)
        self._send(404, f"the fixtures have no answer to {asked}", "text/plain")

    def _run(self, run: Learning, what: str, words: dict[str, str]) -> None:
        if what == "records":
            return self._send(200, json.dumps(run.state(int(words.get("from") or 0))))
        if what == "cancel":
            run.end("cancelled", f"Cancelled after step {run.known}.")
        return self._send(200, json.dumps({"status": run.head["status"]}))

    # -- what a page watches -----------------------------------------------------------------------

    def _watch(self) -> None:
        """One WebSocket for all its runs and panels."""
        self.close_connection = True
        spoken, watched, turn = Spoken(self.connection, self.path, self.headers), set[int](), self.site.turn
        self.site.sockets += 1
        with suppress(OSError):
            for message in spoken.messages():
                if turn != self.site.turn:  # a page of the test before, which is about to go
                    break
                number = message["id"]
                watched.discard(number)
                if "panel" in message and not self.site.tells:
                    spoken.say({"id": number, "error": "ask"})
                elif {"panel", "run"} & message.keys():
                    watched.add(number)
                    tell = self._tell_panel if "panel" in message else self._tell
                    threading.Thread(target=tell, args=(spoken, message, watched), daemon=True).start()
        watched.clear()
        if turn == self.site.turn:
            self.site.sockets -= 1

    def _tell_panel(self, spoken: Spoken, message: dict[str, Any], watched: set[int]) -> None:
        site, number, name = self.site, message["id"], message["panel"]
        words = dict(parse_qsl(message["query"], keep_blank_values=True))
        asked, laid, said, turn = question("GET", f"panel/{name}", words), message["laid"], None, site.turn
        site.hear(Heard("WATCH", f"/panel/{name}", {**words, "viewer": message["viewer"], "have": message["have"]}))
        while turn == site.turn and number in watched:
            if (answer := site.answers[asked]) is not said:
                said = answer
                spared = {"rows"} if answer["laid"] == laid else set()
                laid = answer["laid"]
                with suppress(OSError):  # the browser has gone
                    spoken.say({"id": number, "news": {k: v for k, v in answer.items() if k not in spared}})
                if answer["status"] != "running":
                    return
            time.sleep(0.01)

    def _tell(self, spoken: Spoken, message: dict[str, Any], watched: set[int]) -> None:
        site, number, words = self.site, message["id"], {"viewer": message["viewer"], "from": str(message["from"])}
        if (run := site.runs.get(message["run"])) is None:  # of the test before
            return
        site.hear(Heard("WATCH", f"/runs/{message['run']}", words))
        site.held(f"WATCH runs/{message['run']}")
        sent, head, turn = message["from"], None, site.turn
        while turn == site.turn and number in watched:
            with site.changed:
                if run.known == sent and run.head == head:
                    site.changed.wait(1.0)
                    continue
                state = run.state(sent)
                sent, head = run.known, dict(run.head)
            with suppress(OSError):  # the browser has gone
                spoken.say({"id": number, "news": state})
            if state["status"] in ENDED:
                return

    def _page(self, path: str) -> None:
        page = PAGE.replace("{style}", components.style()).replace("{box}", components.BOX)
        page = page.replace("{module}", components.MODULE)
        self._send(200, page.replace("{path}", path[1:] or "start"), "text/html")

    def _keep(self, body: bytes, kind: str, encoding: str = "identity") -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Encoding", encoding)
        self.send_header("Cache-Control", "public, max-age=31536000, immutable")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _send(self, status: int, text: str, kind: str = "application/json") -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Cache-Control", "no-store")  # 410 is kept for good otherwise
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
