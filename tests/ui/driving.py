"""A panel as the browser's half drives it: an address, changes of settings, presses of its button. No browser, no processes."""

import json
from urllib.parse import parse_qsl

from tests.ui.addresses import APP, PRESSED, request


def words_of(query):
    return dict(parse_qsl(query, keep_blank_values=True))


class Driven:
    """`state` is the latest answer, which leaves out what the browser has already: `rows`, `figures` and `finding` are the latest
    that came."""

    def __init__(self, name, query="", viewer="me", **words):
        self.name, self.viewer, self.query = name, viewer, query
        self.rows = self.figures = self.finding = None
        self.version = self.laid = ""
        self.ask(words=words)

    def ask(self, changes=(), anew=False, words=None, wishes=True):
        """What the browser asks after these changes; without `wishes` it only looks."""
        named = {**words_of(self.query), **(words or {})}
        body = json.dumps({"changes": list(changes), "anew": anew}).encode()
        known = {"viewer": self.viewer, "have": self.version, "laid": self.laid}
        how = ("POST", PRESSED, body) if wishes else ()
        status, _, text = request(APP, f"/panel/{self.name}", *how, **named, **known)
        assert status == 200, (status, text)
        self.state = json.loads(text)
        self.query, self.version = self.state["query"], self.state["version"]
        for key in ("rows", "figures", "finding"):
            if key in self.state:
                setattr(self, key, self.state[key])
        self.laid = self.state["laid"]
        return self

    def change(self, *changes, **settings):
        return self.ask([*changes, *([settings] if settings else [])])

    def look(self, wishes=True):
        """Again, as while something is computed; or, without `wishes`, after a stop."""
        return self.ask(wishes=wishes)

    def press(self):
        return self.ask(anew=True)

    def stop(self):
        assert request(APP, f"/panel/{self.name}/stop", "POST", PRESSED, viewer=self.viewer, **self.words)[0] == 200
        return self

    def file(self, suffix="csv"):
        return request(APP, f"/panel/{self.name}.{suffix}", **self.words)

    @property
    def words(self):
        return words_of(self.query)

    @property
    def problems(self):
        return self.state["problems"]

    def parts(self, kind="setting"):
        """All parts of a kind, those in boxes too."""
        found = [part for row in self.rows for part in row]
        found += [part for box in found if box["part"] == "box" for part in box["parts"]]
        return [part for part in found if part["part"] == kind]

    def part(self, name, kind="setting"):
        (found,) = [part for part in self.parts(kind) if part["name"] == name]
        return found

    def names(self):
        return {part["name"] for part in self.parts()}

    def pill(self, label):
        """Press one of the scenarios."""
        pills = [pill for part in self.parts("pills") for pill in part["choices"]]
        (found,) = [pill for pill in pills if pill["label"] == label]
        return self.change(found["set"])

    def card(self, name):
        (found,) = [card for card in self.figures if card["id"] == name]
        return found

    def cards(self):
        return [card["id"] for card in self.figures]
