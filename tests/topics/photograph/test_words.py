"""What is said of a photograph in a network, and which questions can be asked."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from resviz.data.pretrained import PRETRAINED
from resviz.probes.methods import METHODS, Map, Seen, told
from resviz.topics.photograph.question import CLASSES, SIDE, TOP, Photograph, PhotographSpec
from resviz.topics.photograph.words import UNTRAINED, finding
from resviz.words.say import percent
from resviz.words.text import SpecError
from tests.contract.charts import LONG
from tests.examples import examples
from tests.topics.photograph.contract import NAMES
from tests.topics.photograph.contract import photograph as any_record

BEST = ((832, 0.5), (920, 0.25), (207, 0.125), (1, 0.0625), (999, 0.03125))


def record(done=1.0, target=832, seen=None, **words):
    found = Photograph(PhotographSpec.of(words), done, target, "", BEST, NAMES, seen)
    return found


def looked(maps=1, score=3.0, base=1.0, delta=(), alike=()):
    made = tuple(Map(k, 1, 1, (1.0,), 1.0) for k in range(maps))
    return Seen((), score, base, made, delta, made if alike else (), alike)


# -- what can be asked -------------------------------------------------------------------------------


def test_it_opens_with_what_anybody_can_look_at():
    spec = PhotographSpec()
    assert (spec.network, spec.weights, spec.image, spec.own, spec.target) == ("resnet18", "trained", "china", "", -1)
    assert spec.query() == ""


@pytest.mark.parametrize(
    "own", ["0", "0123456789abcde", "0123456789ABCDEF", "0123456789abcdeg", "../../../etc/pas", "٠" * 16]
)
def test_a_photograph_of_ones_own_is_named_by_16_hexadecimal_digits(own):
    with pytest.raises(SpecError) as error:
        PhotographSpec.of({"image": "own", "own": own})
    assert f"own={own}: 16 hexadecimal digits name a file that was chosen on this page" in str(error.value)
    spec, problems = PhotographSpec.read({"image": "own", "own": own, "method": "saliency"})
    assert [problem.key for problem in problems] == ["own"]
    assert (spec.image, spec.own, spec.method) == ("own", "", "saliency"), "the rest is used"


@pytest.mark.parametrize("own", ["0123456789abcdef0", "x" * 10_000])
def test_names_that_are_too_long_are_declined(own):
    with pytest.raises(SpecError, match="own=") as error:
        PhotographSpec.of({"own": own})
    assert len(str(error.value)) < 200


@given(st.binary(min_size=8, max_size=8).map(bytes.hex))
@example("0" * 16)
@example("1234567890123456")
@example("12345678901234e5")
def test_a_name_goes_through_the_link(own):
    """Also one of nothing but digits, or one that looks like a number."""
    spec = PhotographSpec.of({"image": "own", "own": own})
    assert spec.own == own and PhotographSpec.of(spec.words()) == spec
    assert spec.query() == f"image=own&own={own}"
    assert spec.digest != PhotographSpec.of({"image": "own"}).digest


def test_what_has_to_be_downloaded_is_the_network_unless_its_weights_are_drawn():
    for name in PRETRAINED:
        assert PhotographSpec(network=name).needs == name
        assert PhotographSpec(network=name, weights="random").needs == ""
        assert PhotographSpec(network=name).known == PRETRAINED[name]


@pytest.mark.parametrize(("window", "stride"), [(8, 4), (9, 4), (32, 16), (SIDE, SIDE // 2)])
def test_occlusion_moves_by_half_of_its_square(window, stride):
    assert PhotographSpec(window=window).stride == stride


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"network": "resnet101"}, "network=resnet101: allowed is one of resnet18, resnet34, resnet50"),
        ({"weights": "best"}, "weights=best: allowed is one of trained, random"),
        ({"image": "cat"}, "image=cat: allowed is one of china, flower, own"),
        ({"method": "lime"}, "method=lime: allowed is one of integrated, saliency, smoothgrad, occlusion, gradcam"),
        ({"target": str(CLASSES)}, "target=1000: allowed is a whole number from -1 to 999; nearest that works: 999"),
        ({"target": "-2"}, "nearest that works: -1"),
        ({"window": "7"}, "window=7: allowed is a whole number from 8 to 224; nearest that works: 8"),
        ({"steps_between": "51"}, "steps_between=51: allowed is a whole number from 2 to 50"),
        ({"noise": "nan"}, "noise=nan: allowed is a number from 0 to 2"),
        ({"destroyed": "maybe"}, "destroyed=maybe: allowed is one of no, yes"),
        ({"depth": "8"}, "depth=8: no such setting; there are network, weights, method, image"),
    ],
)
def test_what_cannot_be_asked_is_said(words, says):
    with pytest.raises(SpecError) as error:
        PhotographSpec.of(words)
    assert says in str(error.value)
    spec, problems = PhotographSpec.read(words)
    assert problems and PhotographSpec.of(spec.words()) == spec


def test_classes_and_pixels_are_imagenets():
    assert (CLASSES, SIDE, TOP) == (1000, 224, 5)


# -- what is said ------------------------------------------------------------------------------------


@examples(60)
@given(any_record())
def test_it_is_said_for_whatever_was_measured(record):
    text, spec, seen = finding(record), record.spec, record.seen
    share = percent(record.best[0][1])
    trained = f"{spec.known.label} reads this photograph as “stupa” ({share} sure)."
    random = f"{spec.known.label} {UNTRAINED} Its largest share, {share}, goes to “stupa” by chance."
    assert text.startswith(trained if spec.weights == "trained" else random)
    assert ("random, not trained" in text) == (spec.weights == "random")
    if seen is None:
        assert text.endswith("The map is being made.") and "\n" not in text
        return
    method = METHODS[spec.method]
    assert told(method, f"“{NAMES[record.target]}”") in text
    assert ("convergence delta" in text) == method.sums
    assert ("rank correlation" in text) == any(value is not None for value in seen.alike)
    assert not any(len(part.strip()) == 0 for part in text.split("\n\n"))


def test_while_the_map_is_made_it_says_what_is_read():
    assert finding(record(done=0.05)) == (
        "ResNet-18 reads this photograph as “stupa” (50% sure). The map is being made."
    )
    assert finding(record(done=0.05, weights="random", network="resnet50")) == (
        "ResNet-50 with weights drawn at random, not trained: the maps show the architecture, not what a trained network sees. "
        "Its largest share, 50%, goes to “stupa” by chance. The map is being made."
    )


def test_what_is_read_and_what_the_map_speaks_of_are_told_apart():
    text = finding(record(target=920, seen=looked(), method="saliency"))
    assert text == (
        "ResNet-18 reads this photograph as “stupa” (50% sure). The map shows where a small change of a pixel would change the "
        "score of “traffic light” most: the size of the gradient."
    )
    text = finding(record(seen=looked(8), method="gradcam"))
    assert "The maps show where each block speaks for “stupa”: the sum of its channels" in text


def test_how_well_the_map_adds_up():
    one = finding(record(method="integrated", seen=looked(score=3.0, base=1.0, delta=(0.5,))))
    assert (
        "The numbers of a map should add up to the change of the score of “stupa” from a black image to this one: in ResNet-18 "
        "the score changes by 2, and the map is off by 0.5 (25%). The gap is the convergence delta: it goes to 0 "
        "with many steps, and a few more can also make it larger."
    ) in one
    many = finding(record(method="conductance", target=1, seen=looked(3, -1.0, 1.0, (0.25, -0.5, 0.0))))
    assert "the score of “goldfish” from a black" in many and "in ResNet-18 the score changes by −2" in many
    assert "the maps are off by at most 0.5 (25%)" in many, "the largest, whatever its sign"
    exact = finding(record(method="integrated", seen=looked(delta=(0.0,))))
    assert "and the map adds up exactly." in exact
    still = finding(record(method="integrated", seen=looked(1, 1.0, 1.0, (0.5,))))
    assert "off by 0.5. The gap" in still


@pytest.mark.parametrize(
    ("alike", "says"),
    [
        (
            (0.9,),
            "is 0.90 in ResNet-18 (1: the same order of pixels, 0: no relation). So much of the map is there without",
        ),
        (
            (0.3,),
            "is 0.30 in ResNet-18 (1: the same order of pixels, 0: no relation). So part of the map is there without",
        ),
        (
            (-0.05,),
            "is −0.05 in ResNet-18 (1: the same order of pixels, 0: no relation). So the map changes with the network",
        ),
        ((0.9, 0.1, None, 0.0), "is 0.10 in ResNet-18 (median of its blocks) (1: the same"),
    ],
)
def test_whether_the_map_survives_that_all_weights_are_drawn_anew(alike, says):
    text = finding(record(method="gradcam", destroyed="yes", seen=looked(len(alike), alike=alike)))
    assert f"Between this map and that of random weights the rank correlation {says}" in text
    assert "plain" not in text, "there is one network here"


@pytest.mark.parametrize("alike", [(), (None,), (None, None)])
def test_maps_that_cannot_be_compared_are_not(alike):
    text = finding(record(method="gradcam", destroyed="yes", seen=looked(max(1, len(alike)), alike=alike)))
    assert "rank correlation" not in text and "\n" not in text


def test_sentences_have_short_numbers():
    third = replace(record(), best=((832, 1 / 3), *BEST[1:]))
    for seen in (None, looked(1, 1 / 3, 1 / 7, (1 / 9,), (1 / 11,))):
        for name, method in METHODS.items():
            spec = PhotographSpec(method=name, destroyed="yes", weights="random")
            text = finding(replace(third, spec=spec, seen=seen))
            assert not LONG.search(text), method
            assert "33.3%" in text
