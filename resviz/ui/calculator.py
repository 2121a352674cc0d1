"""The widgets of the Calculator: what is counted, how, and what is measured beside the count."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Future
from functools import cache
from typing import Any

import streamlit as st

from resviz.architectures import Counted
from resviz.countspec import HOW, CountSpec
from resviz.counttext import RATIOS, ratio_of_parameters
from resviz.families import NETS
from resviz.figures.count import roofs
from resviz.measured import (
    check_finding,
    compared,
    estimate,
    how_measured,
    pair_finding,
    roofline,
    seconds,
    step_finding,
    too_much,
)
from resviz.runs.limits import Limits
from resviz.runs.prober import STOPPED, LookFailed
from resviz.runs.questions import Question
from resviz.ui.controls import scenarios, setting, show_in_address, viewer, write, write_other
from resviz.ui.guess import Question as Guessed
from resviz.ui.guess import guess
from resviz.ui.pictures import drawing
from resviz.ui.server import answered, scheduler, slow_prober
from resviz.words import table

# What stands on the page of each family, the rest behind "More": name and width in px.
FIRST: dict[str, tuple[tuple[str, int], ...]] = {
    "block": (("block", 122), ("inputs", 128), ("inner", 128), ("groups", 118), ("stride", 108), ("shortcut", 164)),
    "custom": (("block", 122), ("stages", 300)),
    "cifar": (("depth", 118), ("shortcut", 164)),
    "wrn": (("depth", 118), ("width_factor", 118)),
    "resnext29": (("groups", 118), ("width_factor", 118)),
}
NETWORKS = [name for name in NETS if name != "block"]
CHECK_SECONDS = 90.0
STEPS = 5.0  # that a measurement takes about, with all around them
_LOAD = 8.0  # seconds until the slow process has loaded
_TIMING, _FAILED = "timing", "timing_failed"
# Pairs worth a look, and blocks.
PAIRS = {
    "ResNet-50 and 34": {"net": "resnet50", "other": "resnet34"},
    "152 layers of basic blocks": {"net": "resnet152", "other": "custom,block:basic,stages:4x64,12x128,54x256,5x512"},
    "… as wide outside": {"net": "resnet152", "other": "custom,block:basic,stages:4x256,12x512,54x1024,5x2048"},
    "32 groups": {"net": "resnext50_32x4d", "other": "resnet50"},
    "A plain network": {"net": "vgg16", "other": "resnet34"},
    "Deep or wide": {"net": "cifar", "depth": "110", "other": "wrn"},
}
BEGINS = {"network": PAIRS["ResNet-50 and 34"], "block": {"net": "block"}}
BLOCKS: dict[str, dict[str, str]] = {
    "256-64-64-256": {},
    "Basic, 64": {"block": "basic", "inputs": "64"},
    "Basic, 256": {"block": "basic", "inputs": "256", "inner": "256"},
    "ResNeXt 32x4d": {"groups": "32", "width_factor": "2"},
    "Halves the image": {"inner": "128", "stride": "2"},
}


def controls(networks: Sequence[Counted]) -> None:
    """What is counted, what stands beside it, and how it is counted."""
    spec = networks[0].spec
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _mode(spec)
        _network(spec, of_other=False)
        if spec.net == "block":
            _how(spec)
    if spec.net != "block":
        with st.container(horizontal=True, vertical_alignment="bottom"):
            _network(spec.against, of_other=True)
            _how(spec)
    with st.container(horizontal=True, vertical_alignment="center"):
        if spec.net == "block":
            scenarios(spec, {name: {"net": "block", **words} for name, words in BLOCKS.items()})
        else:
            scenarios(spec, PAIRS)
            guess("calculator", spec, _questions(), ratio_of_parameters(*networks) if len(networks) == 2 else None)


@cache
def _questions() -> list[Guessed]:
    """The pairs, each as something to guess before its bars are seen."""
    found = []
    for words in PAIRS.values():
        spec = CountSpec.of(words)
        assert spec.against
        text = f"How many parameters has **{spec.label}** beside **{spec.against.label}**?"
        found.append(Guessed(text, RATIOS, words))
    return [*found[1:], found[0]]  # the first one is what the page opens with


def _mode(spec: CountSpec) -> None:
    """A network or a block; each is found again as it was left."""
    modes = {"network": "A network", "block": "One block"}
    now = "block" if spec.net == "block" else "network"
    st.session_state["count_mode"] = now
    st.session_state[f"count_last_{now}"] = spec

    def chosen() -> None:
        mode = st.session_state["count_mode"]
        if mode and mode != now:
            left: CountSpec = st.session_state.get(f"count_last_{mode}") or CountSpec.of(BEGINS[mode])
            show_in_address(left.replace(**{name: getattr(spec, name) for name in HOW}))

    st.segmented_control(
        "Count",
        list(modes),
        format_func=modes.__getitem__,
        key="count_mode",
        on_change=chosen,
        label_visibility="collapsed",
    )


def _network(spec: CountSpec | None, *, of_other: bool) -> None:
    """The network's name, and the settings that make it."""
    if spec is None or spec.net != "block":
        key = "beside" if of_other else "network"
        st.session_state[key] = spec.net if spec else ""

        def chosen() -> None:
            put = write_other if of_other else lambda changes: write(CountSpec, changes)
            put({"net": st.session_state[key]})

        st.selectbox(
            "beside it" if of_other else "network",
            ["", *NETWORKS] if of_other else NETWORKS,
            format_func=lambda name: NETS[name][0] if name else "nothing",
            key=key,
            on_change=chosen,
            width=226,
        )
    if spec is None:
        return
    first = FIRST.get(spec.family_name, ())
    for name, width in (*first, ("input", 118)):
        setting(name, spec, width, of_other=of_other)
    shown = {name for name, _ in first}
    image = () if spec.net == "block" else ("channels", "classes")
    with st.popover("More", key=f"more_{'other' if of_other else 'own'}"), st.container(horizontal=True):
        for name in (*(name for name in spec.family.uses if name not in shown), *image):
            setting(name, spec, 170, of_other=of_other)


def _how(spec: CountSpec) -> None:
    setting("unit", spec, 100)
    with st.popover("How it is counted"):
        setting("convention", spec, 230)
        setting("counted", spec)


# -- the count against built networks --------------------------------------------------------------


def _asked(kind: str, spec: CountSpec) -> Question:
    """About the network alone: what stands beside it, and how its operations are named, makes no other answer."""
    words = {**spec.own_words, "convention": spec.convention, "batch": spec.batch if kind == "steptime" else 1}
    return Question(kind, CountSpec.of(words))


def check(networks: Sequence[Counted]) -> None:
    """A press builds them without memory, and says whether the count is equal."""
    questions = [_asked("check", each.spec) for each in networks]
    if st.button("Build and compare", icon=":material/fact_check:", key="check"):
        with st.spinner("Building …"):
            try:
                asked = [slow_prober().ask(q, f"check {i} {viewer()}") for i, q in enumerate(questions)]
                for future in asked:
                    future.result(CHECK_SECONDS)
            except LookFailed as error:
                st.error(str(error))
            except TimeoutError:
                st.error("This machine is busy measuring something larger; try again in a moment.")
    for counted, question in zip(networks, questions, strict=True):
        if found := answered(question):
            st.markdown(check_finding(counted, found))
            lines = compared(counted, found)
            rows = [[line.what, f"{line.counted:,}", f"{line.built:,}", line.verdict] for line in lines]
            st.markdown(table(["", "counted", "built", ""], rows, numbers=range(1, 3)))


# -- a training step -------------------------------------------------------------------------------


def training_step(networks: Sequence[Counted]) -> None:
    """A press measures a training step of each, beside what bounds it."""
    speed = scheduler().macs_per_second
    with st.container(horizontal=True, vertical_alignment="bottom"):
        setting("batch", networks[0].spec, 118)
        refusals = [text for each in networks if (text := too_much(each, speed, Limits().bytes))]
        questions = [_asked("steptime", each.spec) for each in networks]
        found = [answered(question) for question in questions]
        timing: dict[str, Any] | None = st.session_state.get(_TIMING)
        if timing and timing["questions"] != questions:  # other networks: nobody waits for these any more
            _give_up()
            timing = None
        if not refusals and not timing:
            st.button(
                "Measure again" if all(found) else "Measure a training step",
                icon=":material/timer:",
                key="time",
                on_click=_begin,
                args=(questions,),
            )
    for text in refusals:
        st.warning(text)
    if failure := st.session_state.pop(_FAILED, ""):
        st.error(failure)
    if timing:
        takes = _LOAD + STEPS * sum(estimate(each, each.spec.batch, speed) for each in networks)
        st.fragment(_progress, run_every=0.5)(takes)
    elif all(found):
        times = [step for step in found if step]
        lines = [(each.spec.label, roofline(each, step)) for each, step in zip(networks, times, strict=True)]
        drawing(roofs(lines), key="roofs")
        said = [step_finding(each, step) for each, step in zip(networks, times, strict=True)]
        if len(networks) == 2:
            said.append(pair_finding(networks[0], networks[1], (times[0], times[1])))
        st.markdown("\n\n".join(said))
        st.caption(how_measured(times))


def _begin(questions: list[Question]) -> None:
    prober = slow_prober()
    for question in questions:
        prober.forget(question)
    futures = [prober.ask(question, f"time {i} {viewer()}") for i, question in enumerate(questions)]
    st.session_state[_TIMING] = {"questions": questions, "futures": futures, "began": time.monotonic()}


def _give_up() -> None:
    timing = st.session_state.pop(_TIMING)
    for number in range(len(timing["futures"])):
        slow_prober().give_up(f"time {number} {viewer()}")


def _progress(takes: float) -> None:
    """How far it is; the page comes back to the result."""
    timing: dict[str, Any] | None = st.session_state.get(_TIMING)
    futures: list[Future[Any]] = timing["futures"] if timing else []
    if not timing or all(future.done() for future in futures):
        st.session_state.pop(_TIMING, None)
        failures = [str(error) for future in futures if (error := future.exception())]
        if failures and failures != [STOPPED] * len(failures):
            st.session_state[_FAILED] = next(text for text in failures if text != STOPPED)
        st.rerun()
    spent = time.monotonic() - timing["began"]
    with st.container(horizontal=True, vertical_alignment="center"):
        late = " (others may go first)" if spent > takes else ""
        st.progress(min(0.97, spent / takes), f"{seconds(round(spent, 1))} of about {seconds(takes)}{late}")
        st.button("Stop", key="time_stop", on_click=_give_up)
