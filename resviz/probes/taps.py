"""A callback for the outputs of modules during a forward pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from torch import Tensor, nn

See = Callable[[int, Tensor], None]


@contextmanager
def tapped(modules: Sequence[nn.Module], see: See) -> Iterator[None]:
    """In every forward pass made inside, call `see(row, output)` with the output of `modules[row]` right after it is computed.

    Modules must be called with positional arguments only. Torch's forward hooks would do the same, but a network of 1,000
    layers needs 2,500 of them in every measured step; setting, calling and removing them costs another 4% of the bare pass.
    """
    before: list[tuple[nn.Module, object]] = []
    for row, module in enumerate(modules):
        before.append((module, module.__dict__.get("forward")))
        module.__dict__["forward"] = _seen(module.forward, row, see)  # past nn.Module's slow __setattr__
    try:
        yield
    finally:
        for module, own in reversed(before):
            if own is None:
                del module.__dict__["forward"]
            else:
                module.__dict__["forward"] = own


def _seen(forward: Callable[..., Tensor], row: int, see: See) -> Callable[..., Tensor]:
    def tap(*inputs: Tensor) -> Tensor:
        output = forward(*inputs)
        see(row, output)
        return output

    return tap
