"""Trained weights: looked for in two places, and told to be whole by their sum."""

import io

import pytest
import torch
import torchvision

from resviz.data import nets as weights
from resviz.data.datasets import DATASETS
from resviz.data.pretrained import PRETRAINED, Pretrained, lacking, places
from resviz.data.tensors import DataUnavailable
from resviz.topics.photograph.question import CLASSES, PhotographSpec
from resviz.words.fields import facts
from tests.data.weightfiles import assert_sentence, changed, left, ours, put, torchs

pytestmark = [pytest.mark.heavy, pytest.mark.usefixtures("home")]  # whole networks are built in most of these

NAMES = list(PRETRAINED)


# -- what torchvision offers -------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_names_sums_and_sizes_are_those_that_torchvision_offers(name):
    theirs = torchvision.models.get_model_weights(name).IMAGENET1K_V1
    found = PRETRAINED[name]
    assert found.file == theirs.url.rpartition("/")[2]
    assert found.megabytes == round(theirs.meta["_file_size"])
    assert found.label == f"ResNet-{name.removeprefix('resnet')}"
    digits = found.file.removeprefix(f"{name}-").removesuffix(".pth")
    assert len(digits) == 8 and int(digits, 16) >= 0
    assert weights._offered(name) is theirs


def test_every_network_of_the_page_has_weights():
    choices = facts(PhotographSpec)["network"].choices
    assert list(choices.items()) == [(name, found.label) for name, found in PRETRAINED.items()]
    assert [PhotographSpec(network=name).known for name in NAMES] == list(PRETRAINED.values())
    assert not set(NAMES) & set(DATASETS), "one name is one download"


@pytest.mark.parametrize("name", NAMES)
def test_classes_have_the_names_that_come_with_the_weights(name):
    found = weights.categories(name)
    assert len(found) == CLASSES
    assert (found[0], found[207], found[999]) == ("tench", "golden retriever", "toilet tissue")


@pytest.mark.parametrize("name", NAMES)
def test_without_weights_a_network_is_as_torchvision_begins(name):
    torch.manual_seed(12)
    theirs = getattr(torchvision.models, name)(weights=None).state_dict()
    before = torch.get_rng_state()
    ours = weights.untrained(name, 12)
    assert torch.equal(torch.get_rng_state(), before), "it draws nothing from what others draw from"
    assert not ours.training
    found = ours.state_dict()
    assert found.keys() == theirs.keys() and all(torch.equal(found[key], theirs[key]) for key in theirs)
    assert not torch.equal(weights.untrained(name).state_dict()["conv1.weight"], theirs["conv1.weight"])


# -- read from disk ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_weights_that_are_not_here_are_said_with_their_size_their_file_and_where_it_goes(name, home):
    with pytest.raises(DataUnavailable) as error:
        weights.pretrained(name)
    found = PRETRAINED[name]
    assert_sentence(error, found.label, f"({found.megabytes} MB)", "are not on this machine", f"put {found.file} into ")
    assert_sentence(error, f"into {ours(home)},", f"download them (resviz data {name})", "drawn at random")
    assert left(home) == []


@pytest.mark.parametrize("place", [ours, torchs])
def test_whole_weights_are_read_from_either_place(place, home, known, file):
    put(file, place(home), known)
    torch.manual_seed(5)
    before = torch.get_rng_state()
    net = weights.pretrained("resnet18")
    assert torch.equal(torch.get_rng_state(), before)
    assert not net.training
    there = torch.load(io.BytesIO(file), weights_only=True)
    found = net.state_dict()
    assert found.keys() == there.keys() and all(torch.equal(found[key], there[key]) for key in there)
    assert places("resnet18") == [ours(home) / known.file, torchs(home) / known.file]


def test_other_weights_beside_them_are_no_help(home, known, file):
    put(file, ours(home), Pretrained("", "resnet34-00000000.pth", 1))
    with pytest.raises(DataUnavailable, match="are not on this machine"):
        weights.pretrained("resnet18")


def test_where_torchvision_keeps_weights_is_known_without_torch(monkeypatch, tmp_path):
    for name, value in (
        ("TORCH_HOME", "~/t"),
        ("TORCH_HOME", None),
        ("XDG_CACHE_HOME", str(tmp_path)),
        ("XDG_CACHE_HOME", None),
    ):
        monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name, raising=False)
        assert str(places("resnet50")[1].parent) == f"{torch.hub.get_dir()}/checkpoints"


def test_a_file_that_comes_or_is_changed_is_looked_at_again(home, known, file):
    assert lacking("resnet18") == "are not on this machine"
    put(file, torchs(home), known)
    assert lacking("resnet18") == ""
    put(changed(file) + b" ", torchs(home), known)
    assert lacking("resnet18") == f"are damaged in {torchs(home) / known.file}"


@pytest.mark.parametrize("place", [ours, torchs])
@pytest.mark.parametrize(
    "damage", [changed, lambda content: content[:-1], lambda content: b""], ids=["changed", "cut", "empty"]
)
def test_weights_with_another_sum_are_damaged(place, damage, home, known, file):
    put(damage(file), place(home), known)
    with pytest.raises(DataUnavailable) as error:
        weights.pretrained("resnet18")
    assert_sentence(error, "ResNet-18", "45 MB", f"are damaged in {place(home) / known.file}", known.file, ours(home))


@pytest.mark.parametrize("whole", [ours, torchs])
def test_damaged_ones_in_one_place_do_not_hide_whole_ones_in_the_other(whole, home, known, file):
    for place in (ours, torchs):
        put(file if place is whole else changed(file), place(home), known)
    there = torch.load(io.BytesIO(file), weights_only=True)
    assert torch.equal(weights.pretrained("resnet18").state_dict()["conv1.weight"], there["conv1.weight"])
