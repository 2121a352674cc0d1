"""TODO"""

from __future__ import annotations

from resviz.families.resnet.spec import Spec
from resviz.nets.resnet import ResNet


def build(spec: Spec, arm: str) -> ResNet:
    """The network of one arm, "plain" or "residual". Raises ValueError for any other."""
    if arm not in ("plain", "residual"):
        raise ValueError(f"arm {arm!r}: allowed is plain or residual")
    net = ResNet(**spec.network)
    if arm == "plain" or spec.block == "plain":
        net.cut_all()
    else:
        net.cut(spec.cut)
    net.remove(spec.remove)
    return net
