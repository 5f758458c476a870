"""Whether the simulated city is like the real one: every published target of `sources/simulator/targets.csv`.

Run by hand at full scale (`python -m tests.calibration`, about two minutes): prints what each target measures and exits
with 1 when one is missed. Measured on the simulated people themselves and on the lists and registers drawn from them.
"""

import csv
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from sources.simulator.draws import Draws
from sources.simulator.places import Places
from sources.simulator.population import populate
from sources.simulator.reviews import MEASURED_SHARE
from sources.simulator.simulation import Departments

TARGETS = Path(__file__).parents[1] / "sources" / "simulator" / "targets.csv"
LINE_VND = {"urban": 2_000_000, "rural": 1_500_000}
KHMER, OTHER_WATER, NEAR_POOR, POOR = 5, 6, 1, 2
AREAS = {"city": None, "former Can Tho": 92, "former Hau Giang": 93, "former Soc Trang": 94}
# Targets of no month in particular hold in each of these.
ANY = ["2022-12", "2024-12", "2025-12", "2026-10"]


class Measured:
    """The city of one seed, looked at in one month; figures per household, person or contract, at full scale."""

    def __init__(self, departments: Departments, scale: float, month: str) -> None:
        self.month, self.departments, self.scale = int(month[:4]) * 12 + int(month[5:]) - 1, departments, scale
        city = self.city = departments.city
        self.sizes = city.sizes(self.month)
        self.lived_in = np.flatnonzero(self.sizes > 0)
        communes = city.commune_at(self.lived_in, self.month)
        self.province, self.urban = city.places.province[communes], city.places.is_ward[communes]
        self.listed = departments.listing.at(self.lived_in, self.month)

    def _within(self, area: int | None) -> np.ndarray:
        return np.ones(len(self.lived_in), bool) if area is None else self.province == area

    def households(self, _: int | None) -> float:
        return len(self.lived_in) / self.scale

    def household_size(self, _: int | None) -> float:
        return float(self.sizes[self.lived_in].mean())

    def listed_pct(self, status: int) -> Callable[[int | None], float]:
        return lambda area: float((self.listed[self._within(area)] == status).mean() * 100)

    def listed_size(self, status: int) -> Callable[[int | None], float]:
        return lambda area: float(self.sizes[self.lived_in][self._within(area) & (self.listed == status)].mean())

    def khmer_heads_pct(self, _: int | None) -> float:
        return float((self.city.ethnicity[self.lived_in] == KHMER).mean() * 100)

    def below_line_pct(self, _: int | None) -> float:
        line = np.where(self.urban, LINE_VND["urban"], LINE_VND["rural"])
        return float((self.departments.welfare.income(self.lived_in, self.month) <= line).mean() * 100)

    def median_income_thousand(self, _: int | None) -> float:
        income = self.departments.welfare.income(self.lived_in, self.month)
        order = np.argsort(income)
        persons = np.cumsum(self.sizes[self.lived_in][order])
        return float(income[order][np.searchsorted(persons, persons[-1] / 2)] / 1000)

    def insured_pct(self, _: int | None) -> float:
        alive = np.flatnonzero(self.city.alive(self.month))
        home = self.city.home_at(self.month)[alive].astype(np.int64)
        return float(self.departments.insurance.insured(alive, home, self.month).mean() * 100)

    def clean_water_pct(self, _: int | None) -> float:
        source = self.departments.answers.of_households(self.lived_in, self.month)["water_source"]
        return float((source != OTHER_WATER).mean() * 100)

    def _loans(self) -> dict[str, np.ndarray]:
        return {name: np.array(cells) for name, cells in self.departments.contracts.rows(self.month).columns.items()}

    def outstanding_trillion(self, _: int | None) -> float:
        loans = self._loans()
        return float(
            sum(loans[name].sum() for name in ("in_term_vnd", "overdue_vnd", "frozen_vnd")) / self.scale / 1e12
        )

    def customers(self, _: int | None) -> float:
        loans = self._loans()
        return len(set(loans["customer_code"][loans["status"] == "open"])) / self.scale

    def overdue_and_frozen_pct(self, _: int | None) -> float:
        in_term, overdue, frozen = (self._loans()[f"{kind}_vnd"].sum() for kind in ("in_term", "overdue", "frozen"))
        return float((overdue + frozen) / (in_term + overdue + frozen) * 100)

    def houses(self, _: int | None) -> float:
        return float((self.departments.cases.completed <= self.month).sum() / self.scale)

    def by_name(self) -> dict[str, Callable[[int | None], float]]:
        return {
            "households": self.households,
            "mean household size": self.household_size,
            "poor household rate": self.listed_pct(POOR),
            "near-poor household rate": self.listed_pct(NEAR_POOR),
            "persons per poor household": self.listed_size(POOR),
            "persons per near-poor household": self.listed_size(NEAR_POOR),
            "share of households headed by a Khmer": self.khmer_heads_pct,
            "households at or below the S2022 income line": self.below_line_pct,
            "median income per head per month": self.median_income_thousand,
            "health insurance coverage": self.insured_pct,
            "clean water": self.clean_water_pct,
            "policy-bank outstanding": self.outstanding_trillion,
            "policy-bank customers": self.customers,
            "policy-bank overdue and frozen": self.overdue_and_frozen_pct,
            "houses built or repaired in the 2025 drive": self.houses,
        }


def main(scale: float = 1.0, seed: int = 11) -> int:
    """Measure every target and print the table; returns how many are missed."""
    started = time.perf_counter()
    city = populate(Places.load(), Draws(seed), scale)
    departments = Departments(city, scale, 0.12, MEASURED_SHARE, 0, Path())
    table = Table("measure", "area", "month", "measured", "low", "high", "", title=f"scale {scale:g}, seed {seed}")
    missed = 0
    with TARGETS.open(encoding="utf-8", newline="") as lines:
        for target in csv.DictReader(lines):
            for month in ANY if target["month"] == "any" else [target["month"]]:
                value = Measured(departments, scale, month).by_name()[target["measure"]](AREAS[target["area"]])
                within = float(target["low"]) <= value <= float(target["high"])
                missed += not within
                shown = [target["measure"], target["area"], month, f"{value:,.2f}", target["low"], target["high"]]
                table.add_row(*shown, "ok" if within else "MISSED")
    Console().print(table)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    Console().print(f"{missed} missed; {time.perf_counter() - started:.0f} s, peak {peak:.1f} GB")
    return missed


if __name__ == "__main__":
    sys.exit(bool(main()))
