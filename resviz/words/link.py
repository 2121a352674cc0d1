"""The words of a link that has come a long way: through mail and chat programs that add to it, quote it or encode it again.

What was plainly meant is read so and said; what was not is refused with its value; trackers are left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from urllib.parse import parse_qsl, unquote, urlencode

from resviz.words.text import Problem, shown
from resviz.words.typed import plain

Pairs = list[tuple[str, str]]

# What mail programs, advertisements and analytics add to links, by how it begins and by its whole name.
TRACKERS = ("utm_", "mtm_", "pk_", "hsa_", "_hs", "mc_", "vero_", "oly_", "at_")
TRACKER = frozenset(
    (
        *("fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "ysclid", "twclid", "ttclid"),
        *("li_fat_id", "igshid", "igsh", "mkt_tok", "_ga", "_gl", "_ke", "s_cid", "si", "ref", "ref_src", "ref_url"),
        *("spm", "wt_mc", "wickedid", "sfmc_id", "rb_clickid", "srsltid"),
    )
)
ENDS = ".,;:!?)]}>\"'`*_~|”’»“‘«›‹"  # what stands behind a link in a sentence, and is taken into it
BEGINS = "([{<\"'`*_~|“„‘‚«‹"
MOST_ENCODED = 3  # times that a link is encoded, at most
CUT_SHORT = ("…", "...")  # such a value may have gone on: nobody knows how


@dataclass(frozen=True)
class Link:
    """The words of a link as they are read. `problems`: what cannot be, and is left out. `says`: what was read otherwise than it
    was written, in a sentence. `mended`: the pairs of the link as it should have been, if it was not so, else None."""

    words: dict[str, str]
    problems: tuple[Problem, ...] = ()
    says: str = ""
    mended: Pairs | None = None


NO_LINK = Link({})


def query_of(pairs: Pairs) -> str:
    """Return the pairs as they stand in an address after the question mark."""
    return urlencode(pairs, safe=",:")


def read_link(
    pairs: Iterable[tuple[str, str]],
    keys: Collection[str],
    usable: Callable[[str, str], bool],
    others: Collection[str] = (),
) -> Link:
    """Read the pairs of a link. `keys` are its settings; `usable` says whether one can have a value. `others` belong to somebody
    else: they may be given several times."""
    given = list(pairs)
    apart = list(_separate(given))
    told = [f"“{shown('&'.join(key for key, _ in given))}” was read as {len(apart)} settings"] * (
        len(apart) > len(given)
    )
    found: dict[str, list[str]] = {}
    for key, value in apart:
        name = _key(key, (*keys, *others))
        if name not in (*keys, *others) and is_tracker(name):
            continue
        read = repaired(value, partial(usable, name)) if name in keys else value
        if (name, read) != (key, value):
            told.append(f"“{shown(f'{key}={value}')}” was read as {name}={shown(read)}")
        found.setdefault(name, []).append(read)
    problems = []
    for name, values in found.items():
        if name in others:
            continue
        if len(values) > 1 and len(set(values)) == 1:
            told.append(f"{name}={shown(values[0])} is given {len(values)} times and was read once")
        elif len(values) > 1:
            first, second = (shown(value) for value in list(dict.fromkeys(values))[:2])
            what = f"the link gives it twice, as “{first}” and as “{second}”; leave one of them"
            problems.append(Problem(name, f"{first} and {second}", what))
    mended = [
        (name, value)
        for name, values in found.items()
        for value in (values if name in others else dict.fromkeys(values))
    ]
    return Link(
        {name: values[0] for name, values in found.items() if len(set(values)) == 1},
        tuple(problems),
        f"The link was damaged on its way: {'; '.join(told)}." if told else "",
        None if mended == given else mended,
    )


def is_tracker(key: str) -> bool:
    """Whether a word of a link tells somebody where it was pressed, and nothing to us."""
    return key.casefold() in TRACKER or key.casefold().startswith(TRACKERS)


def repaired(value: str, usable: Callable[[str], bool]) -> str:
    """Return the value that was plainly meant, without what a program put around it; this one if no such is usable."""
    if value.endswith(CUT_SHORT) or (usable(value) and not value.endswith(tuple(ENDS))):
        return value
    once = unquote(value)
    for text in dict.fromkeys((value, once, unquote(once), value.removeprefix("3D"))):
        bare = text.strip().lstrip(BEGINS).rstrip(ENDS).strip()
        if bare and usable(bare):
            return bare
    return value


def _separate(pairs: Pairs) -> Iterator[tuple[str, str]]:
    """Yield the pairs; where several were encoded as one, each of them."""
    for key, value in pairs:
        whole = key
        for _ in range(MOST_ENCODED):
            if value or "=" in whole:
                break
            whole = unquote(whole)
        if not value and "=" in whole:
            yield from parse_qsl(whole, keep_blank_values=True)
        elif "&" in value and "=" in value:
            yield from parse_qsl(f"{key}={value}", keep_blank_values=True)
        else:
            yield key, value


def _key(key: str, keys: Collection[str]) -> str:
    """Return the known key that was meant, else the key without what HTML added."""
    bare = plain(re.sub("^(?:amp;)+", "", key))
    if bare in keys:
        return bare
    alike = [known for known in keys if known.casefold() == bare.casefold()]
    return alike[0] if len(alike) == 1 else bare
