"""Facts about the data sets, and the settings that choose one; needs no torch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from resviz.words.environment import folder, home
from resviz.words.fields import Frozen, setting_field


@dataclass(frozen=True)
class Dataset:
    """Facts about a data set, known without loading it. `shape` is (channels, height, width), `top` white. `fills`: the share of
    the side that what is shown takes in every image; 0 if that differs from image to image."""

    label: str
    train: int
    test: int
    shape: tuple[int, int, int]
    classes: int
    noun: str
    blurb: str
    top: int = 255
    fills: float = 0.0


DATASETS: dict[str, Dataset] = {
    "digits": Dataset("Digits, 8x8", 1437, 360, (1, 8, 8), 10, "digits", "real handwritten digits", 16, 1.0),
    "mnist": Dataset("MNIST", 60_000, 10_000, (1, 28, 28), 10, "digits", "real handwritten digits", fills=20 / 28),
    "fashion_mnist": Dataset("Fashion-MNIST", 60_000, 10_000, (1, 28, 28), 10, "garments", "pictures of garments"),
    "cifar10": Dataset("CIFAR-10", 50_000, 10_000, (3, 32, 32), 10, "photographs", "small photographs in 10 classes"),
    "cifar100": Dataset(
        "CIFAR-100", 50_000, 10_000, (3, 32, 32), 100, "photographs", "small photographs in 100 classes"
    ),
    # Points in the plane are stored as 2-channel images of one pixel, so that the same networks can be used.
    "spirals": Dataset("Two spirals", 1600, 400, (2, 1, 1), 2, "points", "points on two spirals"),
    "circles": Dataset("Two circles", 1600, 400, (2, 1, 1), 2, "points", "points on two circles"),
    "moons": Dataset("Two moons", 1600, 400, (2, 1, 1), 2, "points", "points on two moons"),
}


class DataSpec(Frozen):
    """The settings that choose the data set, the number of training images and the batch size."""

    dataset: Literal["digits", "mnist", "fashion_mnist", "cifar10", "cifar100", "spirals", "circles", "moons"] = (
        setting_field(
            "digits",
            "data",
            "Digits ships with scikit-learn: 1,797 real handwritten digits. MNIST and CIFAR are "
            "downloaded, or read from a folder of yours.",
            choices={k: d.label for k, d in DATASETS.items()},
        )
    )
    examples: int = setting_field(
        0, "training images", "How many training images to use; 0 takes them all.", ge=0, le=60_000
    )
    batch: int = setting_field(128, "batch", "Images in one step.", ge=2, le=1024)

    @property
    def data(self) -> Dataset:
        return DATASETS[self.dataset]

    @property
    def train_examples(self) -> int:
        return min(self.examples or self.data.train, self.data.train)


def folder_of(root: Path | None = None) -> Path:
    """The folder of the data: `root` if given, else RESVIZ_DATA or the default."""
    return root or folder("RESVIZ_DATA") or home() / ".cache/resviz/data"
