"""Data: splits and moments against their definitions, torchvision's formats against files written here."""

from __future__ import annotations

import ast
import gzip
import hashlib
import io
import pickle
import socket
import struct
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
import torch
import torchvision.datasets as tv
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from torch import Tensor

from resviz.data import tensors as data
from resviz.data.datasets import DATASETS
from resviz.data.tensors import Data, DataUnavailable, available, batches, load

TRAIN, TEST = 20, 10  # images in the small files below; five CIFAR-10 batches share the 20
CLASSES = {"mnist": tv.MNIST, "fashion_mnist": tv.FashionMNIST, "cifar10": tv.CIFAR10, "cifar100": tv.CIFAR100}
NAMES = list(CLASSES)
HERE = ["digits", "spirals", "circles", "moons"]


# -- small files in the real formats -------------------------------------------------------------


class Small:
    """A data set of random pixels: its truth, its files as published, and those files unpacked."""

    def __init__(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        known, rng = DATASETS[name], np.random.default_rng(3)
        self.name, self.cls = name, CLASSES[name]
        self.train_x = rng.integers(0, 256, (TRAIN, *known.shape), dtype=np.uint8)
        self.train_y = rng.permutation(TRAIN) % known.classes
        self.test_x = rng.integers(0, 256, (TEST, *known.shape), dtype=np.uint8)
        self.test_y = rng.permutation(TEST) % known.classes
        self.packed: dict[str, bytes] = {}
        self.unpacked: dict[str, bytes] = {}
        monkeypatch.setitem(DATASETS, name, replace(known, train=TRAIN, test=TEST))
        (self._mnist if "mnist" in name else self._cifar)(monkeypatch)

    def _mnist(self, monkeypatch: pytest.MonkeyPatch) -> None:
        raw, resources = f"{self.cls.__name__}/raw/", []
        for half, x, y in (("train", self.train_x, self.train_y), ("t10k", self.test_x, self.test_y)):
            images = struct.pack(">4i", 0x803, len(x), 28, 28) + x.tobytes()
            labels = struct.pack(">2i", 0x801, len(y)) + y.astype(np.uint8).tobytes()
            for file, content in (f"{half}-images-idx3-ubyte", images), (f"{half}-labels-idx1-ubyte", labels):
                self.unpacked[raw + file] = content
                self.packed[f"{raw}{file}.gz"] = gzip.compress(content, mtime=0)
                resources.append((f"{file}.gz", md5(self.packed[f"{raw}{file}.gz"])))
        monkeypatch.setattr(self.cls, "resources", resources)

    def _cifar(self, monkeypatch: pytest.MonkeyPatch) -> None:
        key = "labels" if self.name == "cifar10" else "fine_labels"
        files = [file for file, _ in self.cls.train_list]
        parts = [
            *zip(files, np.split(self.train_x, len(files)), np.split(self.train_y, len(files)), strict=True),
            (self.cls.test_list[0][0], self.test_x, self.test_y),
        ]
        content = {file: pickle.dumps({"data": x.reshape(len(x), -1), key: y.tolist()}) for file, x, y in parts}
        content[self.cls.meta["filename"]] = pickle.dumps({self.cls.meta["key"]: ["a", "b"]})
        self.unpacked = {f"{self.cls.base_folder}/{file}": value for file, value in content.items()}
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
            for path, value in self.unpacked.items():
                member = tarfile.TarInfo(path)
                member.size = len(value)
                tar.addfile(member, io.BytesIO(value))
        self.packed = {self.cls.filename: buffer.getvalue()}
        monkeypatch.setattr(self.cls, "tgz_md5", md5(buffer.getvalue()))
        monkeypatch.setattr(self.cls, "train_list", [[file, md5(content[file])] for file in files])
        monkeypatch.setattr(self.cls, "test_list", [[file, md5(content[file])] for file, _ in self.cls.test_list])
        meta = self.cls.meta
        monkeypatch.setattr(self.cls, "meta", {**meta, "md5": md5(content[meta["filename"]])})

    def point_at(self, servers: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
        """Let torchvision's addresses be those of local servers; CIFAR has room for the last one only."""
        if "mnist" in self.name:
            monkeypatch.setattr(self.cls, "mirrors", servers)
        else:
            monkeypatch.setattr(self.cls, "url", servers[-1] + self.cls.filename)

    def assert_equals(self, found: Data) -> None:
        order = torch.randperm(TRAIN, generator=torch.Generator().manual_seed(data.SEED)).numpy()
        np.testing.assert_array_equal(found.train_x.numpy(), self.train_x[order])
        np.testing.assert_array_equal(found.train_y.numpy(), self.train_y[order])
        np.testing.assert_array_equal(found.test_x.numpy(), self.test_x)
        np.testing.assert_array_equal(found.test_y.numpy(), self.test_y)
        assert found.train_x.dtype == torch.uint8 and found.train_y.dtype == torch.int64


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def write(files: dict[str, bytes], root: Path) -> None:
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)


def left(root: Path) -> set[str]:
    """Files under root, as relative paths."""
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def assert_sentence(error: pytest.ExceptionInfo[DataUnavailable], *parts: object) -> None:
    text = str(error.value)
    assert "\n" not in text and "Traceback" not in text and "Errno" not in text and text.endswith("choose digits.")
    for part in parts:
        assert str(part) in text


@pytest.fixture(params=NAMES)
def small(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Small:
    return Small(request.param, monkeypatch)


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


class Cut(Quiet):
    """Promises the whole file and hangs up after half of it."""

    def copyfile(self, source, outputfile) -> None:
        content = source.read()
        outputfile.write(content[: len(content) // 2])


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """Serve files under their base names from a free port; answers the address."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    servers: list[ThreadingHTTPServer] = []

    def start(files: dict[str, bytes], handler: type[Quiet] = Quiet) -> str:
        folder = tmp_path / f"server{len(servers)}"
        folder.mkdir()
        write({Path(path).name: content for path, content in files.items()}, folder)
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(folder)))
        servers.append(server)
        Thread(target=partial(server.serve_forever, poll_interval=0.01), daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


# -- every data set ------------------------------------------------------------------------------


def test_the_table_names_what_the_spec_names() -> None:
    assert list(data.LOADERS) == list(DATASETS)


def test_libraries_are_imported_late() -> None:
    tops = ast.parse(Path(data.__file__).read_text()).body
    modules = {alias.name for node in tops if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module or "" for node in tops if isinstance(node, ast.ImportFrom)}
    assert not {name.split(".")[0] for name in modules} & {"sklearn", "torchvision", "streamlit"}


@pytest.mark.parametrize("function", [load, available])
def test_unknown_name(function: Callable[[str], object]) -> None:
    with pytest.raises(ValueError, match=r"no data set 'minst'; there are digits, mnist, .*, circles, moons"):
        function("minst")


@pytest.mark.parametrize("examples", [-1, 1438])
def test_impossible_number_of_examples(examples: int) -> None:
    with pytest.raises(ValueError, match=f"examples={examples}: Digits, 8x8 takes 1 to 1,437"):
        load("digits", examples)


@pytest.mark.parametrize("name", HERE)
def test_shapes_follow_the_spec_and_need_no_files(name: str, tmp_path: Path, offline: None) -> None:
    known, found = DATASETS[name], load(name, root=tmp_path / "none")
    assert available(name, tmp_path / "none")
    assert found.train_x.shape == (known.train, *known.shape) and found.test_x.shape == (known.test, *known.shape)
    assert found.train_y.shape == (known.train,) and found.test_y.shape == (known.test,)
    assert found.train_y.dtype == found.test_y.dtype == torch.int64
    assert found.train_y.unique().tolist() == found.test_y.unique().tolist() == list(range(known.classes))


@pytest.mark.parametrize("name", HERE)
def test_loading_twice_gives_equal_data_whatever_the_global_seeds(name: str) -> None:
    np.random.seed(1)
    torch.manual_seed(1)
    first = load(name)
    np.random.seed(2)
    torch.manual_seed(2)
    second = load(name)
    assert all(torch.equal(getattr(first, key), getattr(second, key)) for key in vars(first))


@pytest.mark.parametrize("name", HERE)
@pytest.mark.parametrize("examples", [0, 64])
def test_inputs_are_standardised_by_the_images_in_use(name: str, examples: int) -> None:
    found = load(name, examples)
    x = found.inputs(found.train_x)
    assert x.dtype == torch.float32 and x.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(x.mean((0, 2, 3)), torch.zeros(x.shape[1]), atol=1e-5, rtol=0)
    torch.testing.assert_close(x.std((0, 2, 3), correction=0), torch.ones(x.shape[1]), atol=1e-5, rtol=0)


def test_a_smaller_sample_begins_a_larger_one_and_mixes_classes() -> None:
    whole, some = load("digits"), load("digits", 200)
    assert torch.equal(some.train_x, whole.train_x[:200]) and torch.equal(some.train_y, whole.train_y[:200])
    assert torch.equal(some.test_x, whole.test_x)
    assert torch.equal(load("digits", 1437).train_x, whole.train_x)
    assert some.train_y.bincount(minlength=10).min() >= 10


def colours(x: Tensor) -> Data:
    y = torch.zeros(len(x), dtype=torch.int64)
    return Data(x, y, x, y, *data._moments(x))


def test_moments_of_each_channel() -> None:
    x = torch.randint(0, 256, (5000, 3, 4, 2), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    x[:, 1] //= 4
    found = colours(x)
    pixels = x.double().transpose(0, 1).flatten(1)
    torch.testing.assert_close(found.mean, pixels.mean(1).float())
    torch.testing.assert_close(found.std, pixels.std(1, correction=0).float())


def test_colour_inputs_are_laid_out_channels_last() -> None:
    x = torch.randint(0, 256, (6, 3, 4, 5), dtype=torch.uint8)
    found = colours(x)
    inputs = found.inputs(x[:2])
    assert inputs.is_contiguous(memory_format=torch.channels_last) and not inputs.is_contiguous()
    expected = (x[:2].float() - found.mean.view(1, 3, 1, 1)) / found.std.view(1, 3, 1, 1)
    torch.testing.assert_close(inputs, expected)


def test_a_constant_channel_becomes_zero() -> None:
    x = torch.full((4, 2, 1, 1), 0.1)
    x[:, 1, 0, 0] = torch.arange(4.0)
    inputs = colours(x).inputs(x)
    assert inputs.isfinite().all() and (inputs[:, 0] == 0).all()


def test_to_moves_every_tensor() -> None:
    moved = load("circles", 10).to("meta")
    assert {value.device.type for value in vars(moved).values()} == {"meta"}


# -- digits, spirals, circles, moons -------------------------------------------------------------


def test_digits_are_those_of_scikit_learn_each_in_one_half() -> None:
    found, bunch = load("digits"), load_digits()
    assert found.train_x.dtype == torch.uint8 and found.train_x.max() == 16
    images = [
        (int(y), bytes(x.numpy().tobytes()))
        for xs, ys in ((found.train_x, found.train_y), (found.test_x, found.test_y))
        for x, y in zip(xs, ys, strict=True)
    ]
    truth = [(int(y), x.astype(np.uint8).tobytes()) for x, y in zip(bunch.images, bunch.target, strict=True)]
    assert sorted(images) == sorted(truth)  # as multisets: none lost, none in both halves
    assert len(set(truth)) == len(truth)  # what makes the line above say so


def test_digits_are_stratified():
    data = load("digits")
    held = data.test_y.bincount()
    share = (data.train_y.bincount() + held) * 360 / 1797
    assert ((held - share).abs() < 1).all()  # no class can be nearer to its share than by whole images


@pytest.mark.parametrize(("name", "most"), [("spirals", 0.75), ("circles", 0.75), ("moons", 0.93)])
def test_points_are_balanced_and_no_line_parts_them(name: str, most: float) -> None:
    found = load(name)
    assert found.train_x.dtype == torch.float32
    assert found.train_y.bincount().tolist() == [800, 800] and found.test_y.bincount().tolist() == [200, 200]
    halves = found.train_x.flatten(1), found.train_y, found.test_x.flatten(1), found.test_y
    train_x, train_y, test_x, test_y = (half.numpy() for half in halves)
    line = LogisticRegression().fit(train_x, train_y).score(test_x, test_y)
    neighbours = KNeighborsClassifier(5).fit(train_x, train_y).score(test_x, test_y)
    assert line < most and neighbours > 0.95


def test_moons_are_half_circles_in_each_others_bow() -> None:
    """Around two centres, with radius 1/2 and noise of 0.06; one opens down, the other up."""
    found = load("moons")
    for x, y in (found.train_x, found.train_y), (found.test_x, found.test_y):
        for label, centre, side in (0, (-0.25, -0.125), 1), (1, (0.25, 0.125), -1):
            off = x[y == label].flatten(1) - torch.tensor(centre)
            radial = off.norm(dim=1) - 0.5
            assert abs(radial.mean().item()) < 0.02 and radial.std().item() == pytest.approx(0.06, rel=0.15)
            assert (side * off[:, 1] > -0.25).all()  # four times the noise
            angles = torch.atan2(side * off[:, 1], side * off[:, 0])[off.norm(dim=1) > 0.3]
            inside = angles[(angles > 0.3) & (angles < 2.84)]
            assert len(inside) / len(off) == pytest.approx(2.54 / np.pi, abs=0.07)  # evenly along the bow


# -- torchvision's data sets ---------------------------------------------------------------------


@pytest.mark.parametrize("form", ["packed", "unpacked"])
def test_files_on_disk_are_read_exactly_without_the_network(
    small: Small, form: str, tmp_path: Path, offline: None
) -> None:
    write(getattr(small, form), tmp_path)
    assert available(small.name, tmp_path)
    for download in False, True:
        small.assert_equals(load(small.name, root=tmp_path, download=download))
    assert left(tmp_path) == set(small.unpacked) | set(getattr(small, form))


def test_folder_of_the_environment(small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESVIZ_DATA", str(tmp_path))
    assert not available(small.name)
    write(small.unpacked, tmp_path)
    assert available(small.name)
    small.assert_equals(load(small.name))


def test_home_is_the_default_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RESVIZ_DATA", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(DataUnavailable) as error:
        load("cifar10")
    assert_sentence(error, tmp_path / ".cache/resviz/data")


@pytest.mark.parametrize("name", NAMES)
def test_missing_files_are_named_with_their_folder(name: str, tmp_path: Path, offline: None) -> None:
    root = tmp_path / "none"
    assert not available(name, root)
    with pytest.raises(DataUnavailable) as error:
        load(name, root=root)
    folder = root / CLASSES[name].__name__ / "raw" if "mnist" in name else root
    assert_sentence(
        error,
        DATASETS[name].label,
        "is not in",
        f"download it (resviz data {name})",
        f"into {folder}, or choose digits.",
    )
    assert not root.exists()


def test_one_missing_file(small: Small, tmp_path: Path, offline: None) -> None:
    write(small.unpacked, tmp_path)
    (tmp_path / list(small.unpacked)[2]).unlink()
    assert not available(small.name, tmp_path)
    with pytest.raises(DataUnavailable) as error:
        load(small.name, root=tmp_path)
    gone = list(small.unpacked)[2].rsplit("/")[-1]
    assert_sentence(error, DATASETS[small.name].label, f"is not in {tmp_path} as a whole ({gone} missing)")


@pytest.mark.parametrize("form", ["packed", "unpacked"])
@pytest.mark.parametrize("damage", [lambda content: content[:-9], lambda content: b""], ids=["cut", "empty"])
def test_damaged_files(
    small: Small, form: str, damage: Callable[[bytes], bytes], tmp_path: Path, offline: None
) -> None:
    files = getattr(small, form)
    path = next(iter(files))
    write({**files, path: damage(files[path])}, tmp_path)
    before = left(tmp_path)
    with pytest.raises(DataUnavailable) as error:
        load(small.name, root=tmp_path)
    assert_sentence(error, DATASETS[small.name].label, f"is damaged in {tmp_path} ({path.rsplit('/')[-1]})")
    assert left(tmp_path) == before
    write(small.packed, tmp_path)  # what the sentence advises
    small.assert_equals(load(small.name, root=tmp_path))


@pytest.mark.parametrize("expected", [{"train": TRAIN + 1}, {"test": TEST - 1}, {"shape": (1, 27, 28)}, {"classes": 3}])
def test_well_formed_files_of_something_else_are_damaged(
    expected: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, offline: None
) -> None:
    small = Small("mnist", monkeypatch)
    write(small.unpacked, tmp_path)
    monkeypatch.setitem(DATASETS, "mnist", replace(DATASETS["mnist"], **expected))
    with pytest.raises(DataUnavailable) as error:
        load("mnist", root=tmp_path)
    assert_sentence(error, "MNIST is damaged")


def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, offline: None) -> None:
    small = Small("mnist", monkeypatch)
    (tmp_path / "file").touch()
    with pytest.raises(DataUnavailable) as error:
        load("mnist", root=tmp_path / "file", download=True)
    assert_sentence(error, DATASETS[small.name].label, "could not be downloaded (File exists)")


# -- downloads -----------------------------------------------------------------------------------


def test_download_with_progress(
    small: Small, tmp_path: Path, serve: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    small.point_at([serve(small.packed)], monkeypatch)
    monkeypatch.setattr(data, "CHUNK", 1000)
    told: list[tuple[int, int]] = []
    root = tmp_path / "data"
    small.assert_equals(load(small.name, root=root, download=True, progress=lambda *pair: told.append(pair)))
    total = sum(map(len, small.packed.values()))
    assert {pair[1] for pair in told} == {total} and told[-1] == (total, total) and len(told) > total / 1000
    steps = np.diff([0, *(done for done, _ in told)])
    assert steps.min() > 0 and steps.max() <= 1000
    assert left(root) == set(small.unpacked)
    load(small.name, root=root, download=True, progress=lambda *pair: pytest.fail("downloaded again"))


def test_download_fetches_only_what_is_not_there(
    tmp_path: Path, serve: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    small = Small("mnist", monkeypatch)
    packed = list(small.packed)
    root = tmp_path / "data"
    write({path: small.unpacked[path] for path in list(small.unpacked)[:1]}, root)
    write({path: small.packed[path] for path in packed[1:2]}, root)
    small.point_at([serve({path: small.packed[path] for path in packed[2:]})], monkeypatch)
    small.assert_equals(load("mnist", root=root, download=True))


def test_download_repairs(
    small: Small, tmp_path: Path, serve: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    small.point_at([serve(small.packed)], monkeypatch)
    path, content = next(iter(small.unpacked.items()))
    root = tmp_path / "data"
    write({**small.unpacked, path: content[:-9]}, root)
    small.assert_equals(load(small.name, root=root, download=True))
    assert (root / path).read_bytes() == content


def test_second_mirror(tmp_path: Path, serve: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    small = Small("mnist", monkeypatch)
    other = dict.fromkeys(small.packed, b"<html>please log in</html>")
    small.point_at([serve({}), serve(other), serve(small.packed, Cut), serve(small.packed)], monkeypatch)
    told: list[tuple[int, int]] = []
    small.assert_equals(load("mnist", root=tmp_path / "data", download=True, progress=lambda *pair: told.append(pair)))
    assert all(done <= total or total == 0 for done, total in told)  # the first answer announced a shorter file


def refused() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/"


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        ("absent", "HTTP Error 404"),
        ("refused", "Connection refused"),
        ("cut", "sent an incomplete or different file"),
        ("different", "sent an incomplete or different file"),
    ],
)
def test_failed_download_leaves_nothing(
    small: Small,
    trouble: str,
    reason: str,
    tmp_path: Path,
    serve: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    match trouble:
        case "refused":
            address = refused()
        case "cut":
            address = serve(small.packed, Cut)
        case "different":
            address = serve({path: content + b"." for path, content in small.packed.items()})
        case _:
            address = serve({})
    small.point_at([address], monkeypatch)
    root = tmp_path / "data"
    with pytest.raises(DataUnavailable) as error:
        load(small.name, root=root, download=True)
    assert_sentence(error, DATASETS[small.name].label, "could not be downloaded", "127.0.0.1", reason, root)
    assert list(root.iterdir()) == [] and not available(small.name, root)


def test_stopping_a_download_leaves_nothing(
    tmp_path: Path, serve: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    small = Small("cifar10", monkeypatch)
    small.point_at([serve(small.packed)], monkeypatch)

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load("cifar10", root=tmp_path / "data", download=True, progress=stop)
    assert list((tmp_path / "data").iterdir()) == []


# -- batches -------------------------------------------------------------------------------------


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n))), st.integers(0, 2**31 - 1))
def test_each_epoch_shows_an_example_once_at_most(sizes: tuple[int, int], seed: int) -> None:
    examples, batch = sizes
    first, second = batches(examples, batch, seed), batches(examples, batch, seed)
    for _ in range(3):
        epoch = [next(first) for _ in range(examples // batch)]
        assert all(torch.equal(indexes, next(second)) for indexes in epoch)
        assert all(indexes.shape == (batch,) and indexes.dtype == torch.int64 for indexes in epoch)
        seen = torch.cat(epoch)
        assert len(seen.unique()) == len(seen) and seen.min() >= 0 and seen.max() < examples


def test_epochs_and_seeds_differ_and_the_global_seed_does_not_matter() -> None:
    torch.manual_seed(1)
    first = batches(100, 100, 0)
    one, two = next(first), next(first)
    torch.manual_seed(2)
    assert torch.equal(one, next(batches(100, 100, 0)))
    assert not torch.equal(one, two) and not torch.equal(one, next(batches(100, 100, 1)))


@pytest.mark.parametrize("batch", [0, 11])
def test_impossible_batch_is_refused_at_once(batch: int) -> None:
    with pytest.raises(ValueError, match=f"batch={batch}: from 10 examples a batch takes 1 to 10"):
        batches(10, batch, 0)
