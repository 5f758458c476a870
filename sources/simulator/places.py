"""Communes of the city, before and after 1 July 2025, as the simulator needs them.

Here belong codes, populations and the mapping of old units. Not here: who lives there (`population`).
"""

import csv
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

REFERENCE = Path(__file__).parents[1] / "reference"
MERGER = 2025 * 12 + 6  # July 2025, the first month of today's 103 units

# Share of households headed by a Khmer, by former province; single communes lie around it.
KHMER_SHARE = {"92": 0.006, "93": 0.025, "94": 0.230}
HOA_SHARE = {"92": 0.012, "93": 0.010, "94": 0.045}


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a reference file."""
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@dataclass(frozen=True)
class Places:
    """Today's communes in order of the reference list, and the old units that went whole or mostly into each."""

    codes: list[str]
    names: list[str]
    is_ward: NDArray[np.bool_]
    province: NDArray[np.int16]
    population: NDArray[np.float64]
    bank_codes: list[str]
    old_codes: list[str]
    old_names: list[str]
    old_target: NDArray[np.int16]
    old_is_split: NDArray[np.bool_]

    @classmethod
    def load(cls) -> "Places":
        """From the reference files shipped with the project."""
        communes = rows("communes")
        codes = [row["code"] for row in communes]
        counted = {row["code"]: row for row in rows("commune_population")}
        bank = {}
        for row in rows("bank_places"):
            bank.setdefault(row["commune_code"], row["code"])
        crosswalk = rows("communes_before_2025")
        old = [row for row in crosswalk if row["is_primary"] == "true"]
        return cls(
            codes=codes,
            names=[row["name"] for row in communes],
            is_ward=np.array([row["type"] == "phuong" for row in communes]),
            province=np.array([int(row["former_province_code"]) for row in communes], dtype=np.int16),
            population=np.array(
                [
                    float(counted[code]["population_estimate_2025"] or counted[code]["population_registered_2025"])
                    for code in codes
                ]
            ),
            bank_codes=[bank[code] for code in codes],
            old_codes=[row["old_code"] for row in old],
            old_names=[row["old_name"] for row in old],
            old_target=np.array([codes.index(row["new_code"]) for row in old], dtype=np.int16),
            old_is_split=np.array([row["relation"] != "whole" for row in old]),
        )

    @cached_property
    def old_of(self) -> list[NDArray[np.int64]]:
        """For each commune the old units (indexes) that its people lived in."""
        return [np.flatnonzero(self.old_target == commune) for commune in range(len(self.codes))]

    @cached_property
    def outdated_codes(self) -> list[list[str]]:
        """For each commune the old codes that still lead to it alone: neither reused today nor of a split unit."""
        today = set(self.codes)
        return [
            [
                self.old_codes[unit]
                for unit in units
                if self.old_codes[unit] not in today and not self.old_is_split[unit]
            ]
            for units in self.old_of
        ]

    @cached_property
    def khmer_share(self) -> NDArray[np.float64]:
        """Share of Khmer households per commune: uneven inside a former province, its mean as published."""
        uneven = np.array([0.25 + 1.5 * ((int(code) * 7919) % 101) / 100 for code in self.codes])
        share = np.array([KHMER_SHARE[str(p)] for p in self.province])
        for province in np.unique(self.province):
            inside = self.province == province
            uneven[inside] /= np.average(uneven[inside], weights=self.population[inside])
        return share * uneven

    @cached_property
    def hoa_share(self) -> NDArray[np.float64]:
        """Share of Hoa households per commune."""
        return np.array([HOA_SHARE[str(p)] for p in self.province])
