"""The Calculator as Streamlit runs it, for tests: opened at a link, its widgets set, and what is on it."""

import json
import re
from concurrent.futures import Future

from resviz.architectures import count
from resviz.countspec import CountSpec
from resviz.counttext import rows
from resviz.runs.prober import LookFailed, Prober
from tests.ui.opening import ran


class Slow(Prober):
    """A prober without a process. `answers`, where it is set, makes every answer at once, or raises; else all wait."""

    def __init__(self, store):
        super().__init__(store)
        self.asked, self.answers = [], None

    def ask(self, question, viewer=""):
        self.asked.append(question)
        if self.answers is None:
            return super().ask(question, viewer)
        future = Future()
        try:
            answer = self.answers(question)
        except LookFailed as error:
            future.set_exception(error)
        else:
            self._remember(question.key, answer)
            future.set_result(answer)
        return future

    def answer_waiting(self, answers):
        """What `_serve` does, for all that wait."""
        while self.waiting:
            _, (question, future) = self.waiting.popitem(last=False)
            future.set_running_or_notify_cancel()
            try:
                answer = answers(question)
            except LookFailed as error:
                future.set_exception(error)
            else:
                self._remember(question.key, answer)
                future.set_result(answer)


def put(page, kind, key, value):
    """Set a widget, as a person does; one whose value came from elsewhere is a new one, with a number behind its name."""
    found = (
        [w for w in getattr(page, kind) if w.key and re.fullmatch(rf"{key}(_\d+)?", w.key)]
        if kind != "button_group"
        else []
    )
    (found[0] if found else getattr(page, kind)(key=key)).set_value(value)
    return ran(page)


def press(page, key):
    page.button(key=key).click()
    return ran(page)


def components(page, name):
    return {
        found.proto.id.rsplit("-", 1)[-1]: json.loads(found.proto.json)
        for found in page.get("bidi_component")
        if found.proto.component_name == name
    }


def drawings(page):
    return components(page, "resviz_drawing")


def texts(page):
    return [each.value for each in page.markdown]


def keys(page):
    return {each.key for each in (*page.selectbox, *page.number_input, *page.text_input, *page.button)}


def problems(page):
    return [each.value for each in page.warning if each.value.startswith("Not every setting")]


def in_tables(page):
    """Parameters, operations and memory of each network, exact."""
    return [text.splitlines()[-1].split(" | ")[3:6] for text in texts(page) if text.startswith("| stage |")]


def totals(**words):
    return rows(count(CountSpec.of(words)))[-1][3:6]
