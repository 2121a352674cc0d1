"""Numbers as people type them: what is read, and what is refused with which words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.families.resnet.spec import Spec
from resviz.words.typed import LONGEST, NoNumber, plain, read_number, split_list

READ = [  # the text, the number in a field of real numbers, the number in a field of whole ones; None: refused
    ("56", 56.0, 56),
    (" 56 ", 56.0, 56),
    ("\t56\n", 56.0, 56),
    ("+56", 56.0, 56),
    ("056", 56.0, 56),
    ("56.0", 56.0, 56),
    ("56.", 56.0, 56),
    ("1e-3", 0.001, None),
    ("1E-3", 0.001, None),
    ("1e−3", 0.001, None),
    ("1e3", 1000.0, 1000),
    ("10^-5", 1e-5, None),
    ("10⁻⁵", 1e-5, None),
    ("10³", 1000.0, 1000),
    ("3 × 10⁻⁵", 3e-5, None),
    ("3*10^-5", 3e-5, None),
    ("2.5 x 10^3", 2500.0, 2500),
    ("0,001", 0.001, None),
    (",5", 0.5, None),
    (".5", 0.5, None),
    ("0,5", 0.5, None),
    ("12,5", 12.5, None),
    ("12,50", 12.5, None),
    ("1,0245", 1.0245, None),
    ("1234,567", 1234.567, None),
    ("60,000", None, 60_000),
    ("1,024", None, 1024),
    ("-1,024", None, -1024),
    ("1.024", 1.024, None),
    ("60.000", 60.0, None),
    ("0.500", 0.5, None),
    ("1,024,000", 1_024_000.0, 1_024_000),
    ("1.024.000", 1_024_000.0, 1_024_000),
    ("1,024.5", 1024.5, None),
    ("1.024,5", 1024.5, None),
    ("60 000", 60_000.0, 60_000),
    ("60\u202f000", 60_000.0, 60_000),
    ("60'000", 60_000.0, 60_000),
    ("60’000", 60_000.0, 60_000),
    ("60_000", 60_000.0, 60_000),
    ("1_000", 1000.0, 1000),
    ("1/3", 1 / 3, None),
    ("1 / 3", 1 / 3, None),
    ("1⁄3", 1 / 3, None),
    ("6/3", 2.0, 2),
    ("5６", 56.0, 56),
    ("５６", 56.0, 56),
    ("０．００１", 0.001, None),
    ("٥٦", 56.0, 56),
    ("−3", -3.0, -3),
    ("–3", -3.0, -3),
    ("- 3", -3.0, -3),
    ("5\u200b6", 56.0, 56),
]
REFUSED = [
    *["", " ", ".", ",", "-", "e5", "1e", "nan", "inf", "-inf", "0x10", "1.2.3", "1,02,4", "12,34,567", "1..5", "1,,5"],
    *["1 2", "12 3456", "1__000", "_1", "1_", "5%", "5 px", "1/0", "1/2/3", "1/", "/3", "5²", "1e5e5", "true", "½x"],
    *["9" * (LONGEST + 1), "1e99999", "1e-99999"],
]


@pytest.mark.parametrize(("text", "real", "whole"), READ)
def test_what_a_person_types_is_read_where_it_is_plain(text: str, real: float | None, whole: int | None) -> None:
    for wanted, as_whole in ((real, False), (whole, True)):
        if wanted is None:
            with pytest.raises(NoNumber):
                read_number(text, whole=as_whole)
        else:
            found = read_number(text, whole=as_whole)
            assert found == wanted
            assert type(found) is (int if as_whole else float)


@pytest.mark.parametrize("text", REFUSED)
@pytest.mark.parametrize("whole", [False, True])
def test_what_is_no_number_is_refused(text: str, whole: bool) -> None:
    with pytest.raises(NoNumber):
        read_number(text, whole=whole)


@pytest.mark.parametrize(
    ("text", "whole", "says"),
    [
        ("1,024", False, "it can be read as 1024 and as 1.024; write the one that you mean"),
        ("-60,000", False, "it can be read as -60000 and as -60.000; write the one that you mean"),
        ("60.000", True, "it can be read as 60.000 and as 60000; write the one that you mean"),
        ("1,024e3", False, "it can be read as 1024e3 and as 1.024e3; write the one that you mean"),
        ("1/0", False, "a division by 0 is no number"),
    ],
)
def test_both_readings_are_named(text: str, whole: bool, says: str) -> None:
    with pytest.raises(NoNumber, match="^" + says.replace(".", r"\.") + "$"):
        read_number(text, whole=whole)


@given(
    st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300).filter(
        lambda v: v == 0 or abs(v) > 1e-300
    )
)
def test_what_we_write_is_read_back_to_the_bit(value: float) -> None:
    assert read_number(repr(value), whole=False) == value


@given(st.integers(-(10**18), 10**18))
def test_whole_numbers_are_read_back_however_they_are_grouped(value: int) -> None:
    for written in (
        str(value),
        f"{value:,}",
        f"{value:_}",
        f"{value:,}".replace(",", " "),
        f"{value:,}".replace(",", "'"),
    ):
        assert read_number(written.replace("-", "−"), whole=True) == value


@given(st.text(max_size=30), st.booleans())
def test_any_text_is_a_number_or_refused(text: str, whole: bool) -> None:
    try:
        found: Any = read_number(text, whole=whole)
    except NoNumber:
        return
    assert isinstance(found, int if whole else float)
    assert any(sign.isdecimal() for sign in plain(text))


@pytest.mark.parametrize(
    "text", ["8,20,56", " 8 , 20,56 ", "8 20 56", "8; 20; 56", "８，２０、５６", "8,20,56,", ",8,20\u00a056"]
)
def test_in_a_list_a_comma_separates(text: str) -> None:
    assert split_list(text) == ["8", "20", "56"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ({"lr": "0,001", "seed": "60,000"}, {"lr": "0.001", "seed": "60000"}),
        ({"lr": "1/4", "depth": " ２０ "}, {"lr": "0.25", "depth": "20"}),
        ({"lr": "10⁻³", "norm": " None "}, {"lr": "1e-3", "norm": "none"}),
        ({"cut": "3, 7; 10–12"}, {"cut": "3,7,10-12"}),
        ({"edits": "1.024:lr:0.2"}, None),
        ({"edits": "60:lr:0,01；70:cut:７"}, {"edits": "60:lr:0.01 70:cut:7"}),
        ({"lr": "1,024"}, None),
        ({"width": "16.0.0"}, None),
    ],
)
def test_a_spec_reads_what_a_person_types(typed: dict[str, str], meant: dict[str, str] | None) -> None:
    spec, problems = Spec.read(typed)
    assert bool(problems) == (meant is None)
    if meant is not None:
        assert spec == Spec.of(meant)
        assert spec.digest == Spec.of(meant).digest
    else:
        [value] = typed.values()
        assert f"“{value}” cannot be used" in problems[0].sentence


def test_both_readings_are_said_beside_what_is_allowed() -> None:
    _, [problem] = Spec.read({"lr": "1,024"})
    assert problem.sentence == (
        "“1,024” cannot be used: it can be read as 1024 and as 1.024; write the one that you mean; "
        "allowed is a number from 0.000001 to 100."
    )
