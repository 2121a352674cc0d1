"""Common claims beside what the literature found, and short citations of papers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Claim:
    """A common claim, what the literature found, and the source."""

    said: str
    found: str
    source: str


HE_2015 = "He 2015, arXiv 1512.03385"
HE_2016 = "He 2016, arXiv 1603.05027"
HE_2016_TABLE_1, HE_2016_TABLE_2 = f"{HE_2016}, Table 1", f"{HE_2016}, Table 2"
HE_2015_TABLE_3 = f"{HE_2015}, Table 3"
SANDER_2022 = "Sander 2022, arXiv 2205.14612"
OTT_2021 = "Ott 2021, “ResNet after all? Neural ODEs and their numerical solution”, ICLR"
VEIT_2016 = "Veit 2016, arXiv 1605.06431"
LI_2018 = "Li 2018, arXiv 1712.09913"
ADEBAYO_2018 = "Adebayo 2018, arXiv 1810.03292"
