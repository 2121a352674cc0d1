"""Guess first: a question whose answer is not on the screen yet. The answer takes the page there, and is held against what
is measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from resviz.ui.controls import AnySpec, write


@dataclass(frozen=True)
class Question:
    """`words` are the settings in which it is settled; all that any question sets is put back to its default first."""

    text: str
    choices: tuple[str, ...]
    words: Mapping[str, str]


def guess(page: str, spec: AnySpec, questions: Sequence[Question], truth: tuple[str, str] | None) -> None:
    """Ask the next question behind a button; after an answer say whether it was right. `truth`: which choice is measured
    here now, and a sentence with the numbers; None while they are not known."""
    state = st.session_state.setdefault(f"guess_{page}", {"next": 0, "given": "", "right": 0, "told": True})
    names = {name for question in questions for name in question.words}

    def answer(choice: str) -> None:
        question = questions[state["next"] % len(questions)]
        write(type(spec), question.words, drop=names)
        state.update(given=choice, told=False, next=state["next"] + 1)

    with st.popover("Guess first", key=f"guess_box_{page}"):
        asked = questions[(state["next"] - 1) % len(questions)]
        there = type(spec).read(asked.words)[0].words()
        here = all(spec.words().get(name) == there.get(name) for name in names)
        if state["given"] and truth and here:
            right = state["given"] == truth[0]
            if not state["told"]:
                state.update(told=True, right=state["right"] + right)
            st.markdown(f"You guessed **{state['given']}**: {'right' if right else 'not so'}. {truth[1]}")
            st.caption(f"{state['right']} of {state['next']} right so far")
        question = questions[state["next"] % len(questions)]
        st.markdown(question.text)
        with st.container(horizontal=True):
            for choice in question.choices:
                st.button(choice, key=f"guess_{page}_{choice}", on_click=answer, args=(choice,))
