"""Data sets by name, as tensors: read from disk, downloaded if that is allowed, or generated (points in the plane)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import partial
from http.client import HTTPException
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import numpy as np
import torch
from torch import Tensor

from resviz.data.datasets import DATASETS, folder_of

SEED = 0  # for splits, generated points and the order of the images; the seed of an experiment does not change its data
TIMEOUT = 20.0  # seconds without a byte after which a server counts as dead
CHUNK = 2**18  # bytes between two calls of `progress`

Progress = Callable[[int, int], None]
Halves = tuple[Tensor, Tensor, Tensor, Tensor]  # train_x, train_y, test_x, test_y


@dataclass(frozen=True, eq=False)
class Data:
    """A data set in memory, with pixels as stored: only `inputs` scales them.

    train_x, test_x: (N, C, H, W) uint8 (pixels) or float32 (points).
    train_y, test_y: (N,) int64, classes from 0.
    mean, std: (C,) float32 of train_x over N, H, W, in the unit of train_x; std divides by N, not N - 1.
    """

    train_x: Tensor
    train_y: Tensor
    test_x: Tensor
    test_y: Tensor
    mean: Tensor
    std: Tensor

    def to(self, device: torch.device | str) -> Data:
        """The same data on a device; tensors already on it are shared, not copied."""
        return Data(*(getattr(self, field.name).to(device) for field in fields(self)))

    def for_kind(self, kind: str) -> Data:
        """The data in the shape that a kind of network takes: for "mlp", an image is flattened into the channels of one pixel."""
        if kind != "mlp":
            return self
        pixels = self.train_x[0, 0].numel()
        return Data(
            self.train_x.reshape(len(self.train_x), -1, 1, 1),
            self.train_y,
            self.test_x.reshape(len(self.test_x), -1, 1, 1),
            self.test_y,
            # Each number is standardised with the mean and std of its channel, as in the image.
            self.mean.repeat_interleave(pixels),
            self.std.repeat_interleave(pixels),
        )

    def inputs(self, x: Tensor) -> Tensor:
        """The input of a network: x (N, C, H, W) standardised with the training set's mean and std, float32 in channels_last."""
        std = torch.where(self.std > 0, self.std, 1.0)  # a constant channel becomes 0, not nan
        pixels = x.to(torch.float32, memory_format=torch.channels_last)
        return (pixels - self.mean[:, None, None]) / std[:, None, None]


class DataUnavailable(RuntimeError):
    """Raised when a data set is missing, damaged or cannot be downloaded. The message is one sentence for people to read."""


def load(
    name: str, examples: int = 0, *, root: Path | None = None, download: bool = False, progress: Progress | None = None
) -> Data:
    """Load a data set of `DATASETS` onto the CPU; equal arguments give equal data.

    examples: number of training images, 0 for all. They are always in the same shuffled order, so that the first few have
        mixed classes and a smaller sample is the beginning of a larger one. The test set is always complete.
    root: folder in torchvision's layout; by default RESVIZ_DATA, else ~/.cache/resviz/data.
    download: whether missing or damaged files may be downloaded. Files on disk never need the network.
    progress: called with (bytes so far, bytes in all) while downloading; bytes in all is 0 if not known.

    Raises ValueError for an unknown name or an impossible number of examples, and DataUnavailable for files that are
    missing or damaged or could not be downloaded.
    """
    known = DATASETS[_checked(name)]
    if not 0 <= examples <= known.train:
        raise ValueError(f"examples={examples}: {known.label} takes 1 to {known.train:,}, or 0 for all")
    train_x, train_y, test_x, test_y = LOADERS[name](name, folder_of(root), download, progress)
    kept = torch.randperm(known.train, generator=torch.Generator().manual_seed(SEED))[: examples or known.train]
    train_x, train_y = train_x[kept], train_y[kept]
    return Data(train_x, train_y, test_x, test_y, *_moments(train_x))


def available(name: str, root: Path | None = None) -> bool:
    """Whether `load` needs no network. Checks only that the files exist; `load` finds damaged ones.

    Raises ValueError for an unknown name.
    """
    folder = folder_of(root)
    # If the folder does not exist, torchvision is not imported, which is slow.
    return _checked(name) not in _CLASSES or (
        folder.is_dir() and all(a.packed(folder) or a.unpacked(folder) for a in _archives(name))
    )


def batches(examples: int, batch: int, seed: int) -> Iterator[Tensor]:
    """Yield endless batches of (batch,) int64 indexes below `examples`, reshuffled in every epoch.

    The incomplete batch at the end of an epoch is dropped. Equal arguments give equal batches.
    Raises ValueError unless 1 <= batch <= examples.
    """
    if not 1 <= batch <= examples:
        raise ValueError(f"batch={batch}: from {examples:,} examples a batch takes 1 to {examples:,}")

    def endless() -> Iterator[Tensor]:
        generator = torch.Generator().manual_seed(seed)
        while True:
            yield from torch.randperm(examples, generator=generator)[: examples // batch * batch].split(batch)

    return endless()  # an inner generator, so that the check above runs at the call and not at the first batch


def _checked(name: str) -> str:
    if name not in LOADERS:
        raise ValueError(f"no data set {name!r}; there are {', '.join(LOADERS)}")
    return name


def _moments(x: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of each channel of x (N, C, H, W), both (C,) float32."""
    count = x.numel() // x.shape[1]
    parts = x.split(4096)  # all of CIFAR in float64 would take over a gigabyte
    mean = torch.stack([p.double().sum((0, 2, 3)) for p in parts]).sum(0) / count
    squares = torch.stack([(p.double() - mean[:, None, None]).square().sum((0, 2, 3)) for p in parts]).sum(0)
    return mean.float(), (squares / count).sqrt().float()


# -- generated here, or shipped with scikit-learn -----------------------------------------------------


def _split(x: np.ndarray, y: np.ndarray, test: int) -> Halves:
    """Split into training and test set. Examples are shuffled and sorted by class, and evenly spaced ones become the test set,
    so that every class has the same share of it."""
    order = np.random.default_rng(SEED).permutation(len(y))
    order = order[np.argsort(y[order], kind="stable")]
    held = np.zeros(len(y), dtype=bool)
    held[order[np.arange(test) * len(y) // test]] = True
    images, labels = torch.from_numpy(x), torch.from_numpy(y).long()
    return images[~held], labels[~held], images[held], labels[held]


def _digits(name: str, *_: object) -> Halves:
    """Read the file that sklearn.datasets.load_digits reads: 1797 rows of 64 pixels and a label. Importing sklearn itself
    would delay every start of a worker or the command line by seconds."""
    package = find_spec("sklearn")
    if package is None or package.origin is None:
        raise DataUnavailable("The digits come with scikit-learn, which is not installed: pip install scikit-learn.")
    table = np.loadtxt(
        Path(package.origin).parent / "datasets" / "data" / "digits.csv.gz", delimiter=",", dtype=np.uint8
    )
    return _split(table[:, :64].reshape(-1, 1, 8, 8), table[:, 64], DATASETS[name].test)


def _spirals(name: str, *_: object) -> Halves:
    """Two spirals of one and a half turns, half a turn apart; the radius is proportional to the angle and 1 at the end."""
    known, rng = DATASETS[name], np.random.default_rng(SEED)
    y = np.arange(known.train + known.test) % 2
    radius = np.sqrt(rng.uniform(0.02, 1.0, len(y)))  # the root spreads points evenly along a spiral
    return _points(name, radius, 3 * np.pi * radius + np.pi * y, y, 0.03, rng)


def _circles(name: str, *_: object) -> Halves:
    """Two rings around the origin, of radius 1 and 1/2."""
    known, rng = DATASETS[name], np.random.default_rng(SEED)
    y = np.arange(known.train + known.test) % 2
    return _points(name, 1.0 - y / 2, rng.uniform(0, 2 * np.pi, len(y)), y, 0.08, rng)


def _moons(name: str, *_: object) -> Halves:
    """Two half circles of radius 1/2; an end of each reaches into the other."""
    known, rng = DATASETS[name], np.random.default_rng(SEED)
    y = np.arange(known.train + known.test) % 2
    angle = rng.uniform(0, np.pi, len(y)) + np.pi * y
    middle = np.stack([0.5 * y - 0.25, 0.25 * y - 0.125])
    return _noisy(name, middle + 0.5 * np.stack([np.cos(angle), np.sin(angle)]), y, 0.06, rng)


def _points(
    name: str, radius: np.ndarray, angle: np.ndarray, y: np.ndarray, noise: float, rng: np.random.Generator
) -> Halves:
    return _noisy(name, radius * np.stack([np.cos(angle), np.sin(angle)]), y, noise, rng)


def _noisy(name: str, places: np.ndarray, y: np.ndarray, noise: float, rng: np.random.Generator) -> Halves:
    x = places + rng.normal(0.0, noise, (2, len(y)))
    return _split(x.T[:, :, None, None].astype(np.float32), y, DATASETS[name].test)


# -- loaded by torchvision -------------------------------------------------------------------------

_CLASSES = {"mnist": "MNIST", "fashion_mnist": "FashionMNIST", "cifar10": "CIFAR10", "cifar100": "CIFAR100"}


class _Archive(NamedTuple):
    """A published archive, and the files in it that torchvision reads; paths are relative to the root."""

    path: Path
    md5: str
    urls: tuple[str, ...]
    files: tuple[Path, ...]

    def packed(self, root: Path) -> bool:
        return (root / self.path).is_file()

    def unpacked(self, root: Path) -> bool:
        return all((root / file).is_file() for file in self.files)


def _class(name: str) -> Any:
    import torchvision

    return getattr(torchvision.datasets, _CLASSES[name])


def _archives(name: str) -> list[_Archive]:
    cls = _class(name)
    if hasattr(cls, "resources"):  # the MNIST family: each archive holds one file
        raw = Path(cls.__name__, "raw")
        return [
            _Archive(raw / file, md5, tuple(mirror + file for mirror in cls.mirrors), (raw / Path(file).stem,))
            for file, md5 in cls.resources
        ]
    names = [file for file, _ in cls.train_list + cls.test_list] + [cls.meta["filename"]]
    return [_Archive(Path(cls.filename), cls.tgz_md5, (cls.url,), tuple(Path(cls.base_folder, n) for n in names))]


def _images(name: str, root: Path, download: bool, progress: Progress | None) -> Halves:
    archives = _archives(name)
    try:
        wanted = [a for a in archives if not a.unpacked(root)]
        if not wanted:
            with suppress(DataUnavailable):
                return _read(name, root)
            wanted = archives  # unpacked MNIST files have no checksums to tell which one is damaged
        _install(name, wanted, root, download, progress)
    except OSError as error:
        what = f"could not be {'downloaded' if download else 'unpacked'} ({reason(error)})"
        raise _unavailable(name, root, what, "try again later") from error
    return _read(name, root)


def _read(name: str, root: Path) -> Halves:
    known, cls = DATASETS[name], _class(name)
    tensors: list[Tensor] = []
    try:
        for train, size in (True, known.train), (False, known.test):
            half = cls(root, train=train)
            x, y = torch.as_tensor(half.data), torch.as_tensor(half.targets)
            x = x[:, None] if x.ndim == 3 else x.permute(0, 3, 1, 2)
            if x.shape != (size, *known.shape) or y.shape != (size,) or not 0 <= y.min() <= y.max() < known.classes:
                raise ValueError(f"images {tuple(x.shape)}, labels {tuple(y.shape)}")
            tensors += x.contiguous(), y
    except Exception as error:  # a damaged file can make its parser raise anything
        raise _unavailable(name, root, _lacking(name, root)) from error
    train_x, train_y, test_x, test_y = tensors
    return train_x, train_y, test_x, test_y


def _lacking(name: str, root: Path) -> str:
    """What is wrong with the files of a data set that cannot be read, in words after its name: damaged ones, missing ones."""
    from torchvision.datasets.utils import check_integrity

    archives = _archives(name)
    files = [file for a in archives for file in a.files]
    damaged = [a.path for a in archives if a.packed(root) and not check_integrity(root / a.path, a.md5)]
    damaged += [file for file in files if (root / file).is_file() and not _whole(name, root / file)]
    gone = [file for a in archives if not a.packed(root) for file in a.files if not (root / file).is_file()]
    if damaged:
        return f"is damaged in {root} ({', '.join(path.name for path in damaged)})"
    if 0 < len(gone) < len(files):
        return f"is not in {root} as a whole ({', '.join(path.name for path in gone)} missing)"
    return f"is {'not' if gone else 'damaged'} in {root}"


def _whole(name: str, path: Path) -> bool:
    """Whether an unpacked file can be read; those of MNIST have no checksums."""
    from torchvision.datasets.mnist import read_sn3_pascalvincent_tensor
    from torchvision.datasets.utils import check_integrity

    cls, known = _class(name), DATASETS[name]
    if not hasattr(cls, "resources"):
        listed = [*cls.train_list, *cls.test_list, (cls.meta["filename"], cls.meta["md5"])]
        return bool(check_integrity(path, dict(listed)[path.name]))
    try:
        found = read_sn3_pascalvincent_tensor(path)
    except Exception:  # as of `_read`
        return False
    size = known.train if path.name.startswith("train") else known.test
    return found.shape in ((size,), (size, *known.shape[1:]))


def _install(name: str, archives: list[_Archive], root: Path, download: bool, progress: Progress | None) -> None:
    """Unpack archives into root, downloading missing ones first; files are moved into place when complete."""
    from torchvision.datasets.utils import check_integrity, extract_archive

    absent = [a for a in archives if not check_integrity(root / a.path, a.md5)]
    if absent and not download:
        raise _unavailable(name, root, _lacking(name, root))
    root.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".unfinished-", dir=root) as temporary:
        stage = Path(temporary)
        for archive in archives:
            (stage / archive.path).parent.mkdir(parents=True, exist_ok=True)
        _download(absent, stage, progress)
        for archive in archives:
            extract_archive((stage if archive in absent else root) / archive.path, (stage / archive.path).parent)
            for file in archive.files:
                (root / file).parent.mkdir(parents=True, exist_ok=True)
                (stage / file).replace(root / file)


def _download(archives: list[_Archive], stage: Path, progress: Progress | None) -> None:
    """Download archives into stage. Torchvision's own downloader has no timeout and shows progress only on a terminal."""
    sizes = [_first(archive.urls, _size) for archive in archives]
    total, done = sum(sizes) if all(sizes) else 0, 0
    for archive in archives:
        done += _first(archive.urls, partial(_save, archive, stage, done, total, progress))


def _size(url: str) -> int:
    with opened(url, "HEAD") as response:
        return int(response.headers.get("Content-Length", 0))


def _save(archive: _Archive, stage: Path, done: int, total: int, progress: Progress | None, url: str) -> int:
    from torchvision.datasets.utils import check_integrity

    with opened(url, "GET") as response, (stage / archive.path).open("wb") as file:
        while chunk := response.read(CHUNK):
            file.write(chunk)
            if progress:
                now = done + file.tell()
                progress(now, total if now <= total else 0)  # a mirror can announce less than the next one sends
        size = file.tell()
    if not check_integrity(stage / archive.path, archive.md5):
        raise OSError("sent an incomplete or different file")
    return size


def opened(url: str, method: str) -> Any:
    """Open the URL and return the response. Raises OSError and HTTPException."""
    return urlopen(Request(url, headers={"User-Agent": "resviz"}, method=method), timeout=TIMEOUT)


def _first(urls: Iterable[str], attempt: Callable[[str], int]) -> int:
    """The result of `attempt` for the first URL that works. Raises OSError with all reasons if none does."""
    reasons = []
    for url in urls:
        try:
            return attempt(url)
        except (OSError, HTTPException) as error:
            reasons.append(f"{urlsplit(url).netloc}: {reason(error)}")
    raise OSError(", ".join(reasons))


def reason(error: Exception) -> str:
    """An error in a few words, without class names and system error numbers."""
    inner = error if isinstance(error, HTTPError) else getattr(error, "reason", error)  # URLError wraps the real one
    return getattr(inner, "strerror", None) or str(inner) or type(inner).__name__


def _unavailable(name: str, root: Path, what: str, retry: str = "") -> DataUnavailable:
    archives = _archives(name)
    files, where = ", ".join(a.path.name for a in archives), root / archives[0].path.parent
    return DataUnavailable(
        f"{DATASETS[name].label} {what}: {retry or f'download it (resviz data {name})'}, put {files} (packed or unpacked) into "
        f"{where}, or choose digits."
    )


Loader = Callable[[str, Path, bool, Progress | None], Halves]
LOADERS: dict[str, Loader] = {
    "digits": _digits,
    **dict.fromkeys(_CLASSES, _images),
    "spirals": _spirals,
    "circles": _circles,
    "moons": _moons,
}
