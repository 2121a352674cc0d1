"""The pretrained ResNets of torchvision that can be used: their labels, files and sizes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pretrained:
    """Torchvision's weights IMAGENET1K_V1. file: its name, which ends in the first digits of its SHA-256. megabytes: its size."""

    label: str
    file: str
    megabytes: int


# torchvision 0.24, torchvision.models.ResNet*_Weights.IMAGENET1K_V1
PRETRAINED = {
    "resnet18": Pretrained("ResNet-18", "resnet18-f37072fd.pth", 45),
    "resnet34": Pretrained("ResNet-34", "resnet34-b627a593.pth", 83),
    "resnet50": Pretrained("ResNet-50", "resnet50-0676ba61.pth", 98),
}
