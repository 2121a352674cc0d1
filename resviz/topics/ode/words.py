"""The texts of this view: the finding, the explanation and the claims of the literature."""

from __future__ import annotations

from resviz.topics.ode.question import BLOCKS, Learnt, NeuralOde, kilobytes
from resviz.words.claims import OTT_2021, Claim
from resviz.words.say import percent, times, written

CLAIMS = (
    Claim(
        "A Neural ODE is a network with infinitely many layers, whatever solves it.",
        "Trained with too coarse a solver and tested with a finer one, accuracy drops sharply: what was learnt is the solver’s "
        "steps, not a flow.",
        OTT_2021,
    ),
)

WHY = (
    "A Neural ODE computes $x(1) = x(0) + \\int_0^1 f(x(t), t)\\, dt$; how often $f$ is taken is up to the "
    "solver and its tolerance, and grows while the field gets more curved. The adjoint, $\\dot a = -a^\\top "
    "\\partial f / \\partial x$, is solved backwards beside $x$ itself, so that no state has to be kept (Chen "
    "2018, arXiv 1806.07366, section 2); it costs more evaluations, and its gradient is as exact as the "
    "solver. The memory shown is measured: the most that autograd holds at one moment of a training pass over "
    "all 512 points."
)


def finding(record: NeuralOde) -> str:
    """Return the accuracy, parameters, evaluations and memory of both networks, in sentences."""
    ode, residual = record.nets["ode"], record.nets["residual"]
    after = "" if record.done >= 1 else f"After {record.step:,} of {record.spec.steps:,} steps: "
    text = (
        f"{after}The flow {_told(ode)} with {ode.parameters:,} parameters; the residual network of {BLOCKS} blocks "
        f"{_told(residual)} with {residual.parameters:,}."
    )
    if ode.test_accuracy == residual.test_accuracy:
        text += " No difference in accuracy here."
    if record.stopped:
        text += f" {record.stopped}"
    if record.forward:
        back = record.backward[-1]
        how = f"{back} backward" if back else "none backward: autograd goes back through the solver’s own steps"
        text += f" A step of training evaluates the field {record.forward[-1]} times forward, {how}"
        first = record.forward[0]
        text += f" (at first {first} forward)." if first != record.forward[-1] else "."
    return text + (f"\n\n{_memory(record)}" if record.memory else "")


def _told(net: Learnt) -> str:
    right = net.test_accuracy
    return (
        "is more than the solver can follow, as it is now,"
        if right is None
        else f"classifies {percent(right)} of new points correctly"
    )


def _memory(record: NeuralOde) -> str:
    own = next((m for m in record.memory if m.tol == record.spec.tol), record.memory[-1])
    if own.adjoint_bytes is None or own.backprop_bytes is None:
        return f"At tolerance {written(own.tol)} the solver gave up, so there is no memory to compare."
    ratio = own.backprop_bytes / own.adjoint_bytes
    text = (
        f"At tolerance {written(own.tol)} a training pass holds at most {kilobytes(own.backprop_bytes)} when it goes back "
        f"through the solver’s steps, {kilobytes(own.adjoint_bytes)} with the adjoint"
    )
    text += f": {times(ratio)} times less." if ratio > 1.05 else "."
    whole = [m.backprop_bytes for m in record.memory if m.backprop_bytes is not None]
    less = [m.adjoint_bytes for m in record.memory if m.adjoint_bytes is not None]
    if len(whole) == len(less) == len(record.memory) and whole[-1] > whole[0]:
        grown = "does not grow" if less[-1] <= less[0] else f"grows {times(less[-1] / less[0])} times"
        text += (
            f" From tolerance {written(record.memory[0].tol)} to {written(record.memory[-1].tol)} that grows "
            f"{times(whole[-1] / whole[0])} times through the solver; with the adjoint it {grown}."
        )
    if record.reached:
        step, seconds = record.reached
        text += f" 95% of new points were classified correctly after step {step:,}, {seconds:.1f} s of training."
    return text
