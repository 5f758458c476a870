"""Deliveries of a small city: the same every time, and damaged no more than a gate tolerates."""

import csv
import datetime
import hashlib
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from rendering import PROJECT

from sources.simulator import simulate
from sources.simulator.dirt import Dirt
from sources.simulator.draws import Draws
from sources.simulator.layout import layout
from sources.simulator.listing import Listing
from sources.simulator.places import Places
from sources.simulator.population import populate
from sources.simulator.poverty_list import list_rows
from sources.simulator.welfare import Welfare

SEPTEMBER = [datetime.date(2026, 9, 1)]


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_same_arguments_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("once", "again"):
        simulate(SEPTEMBER, 0.002, 3, tmp_path / name / "out", dirt=1, truth=tmp_path / name / "truth")

    assert digests(tmp_path / "once") == digests(tmp_path / "again")


def test_every_department_sends_each_of_its_feeds(tmp_path: Path) -> None:
    """Tests of dirty files leave out what is not sent: none of these may go unnoticed."""
    simulate(SEPTEMBER, 0.002, 3, tmp_path)

    assert {str(path.parent.relative_to(tmp_path)) for path in tmp_path.rglob("2026-09*")} >= {
        "health_insurance/cards",
        "housing/support_cases",
        "labour/commune_totals",
        "labour/household_members",
        "labour/household_review",
        "labour/poverty_list",
        "labour/vocational_training",
        "policy_bank/loans",
    }


def test_a_month_is_the_same_whatever_months_come_before_it(tmp_path: Path) -> None:
    both = [datetime.date(2026, 8, 1), *SEPTEMBER]
    simulate(SEPTEMBER, 0.002, 3, tmp_path / "one")
    simulate(both, 0.002, 3, tmp_path / "two")

    later = {name: digest for name, digest in digests(tmp_path / "two").items() if "2026-09" in name}
    assert later == digests(tmp_path / "one")


def test_truth_answers_every_indicator_of_the_seed_for_each_household(tmp_path: Path) -> None:
    simulate(SEPTEMBER, 0.002, 3, tmp_path / "out", truth=tmp_path / "truth")

    truth = pq.read_table(tmp_path / "truth" / "household_truth.parquet").to_pandas()
    with (PROJECT / "seeds" / "indicator.csv").open(encoding="utf-8") as file:
        asked = sorted((row["standard_id"], row["indicator_code"]) for row in csv.DictReader(file))
    for _, cells in truth.groupby(["commune_code", "household_code"]):
        assert sorted(zip(cells["standard_id"], cells["indicator_code"], strict=True)) == asked


@pytest.mark.parametrize(
    "months", [[], [datetime.date(2026, 1, 1), datetime.date(2026, 3, 1)], [datetime.date(2019, 1, 1)]]
)
def test_months_outside_the_simulation_are_refused(tmp_path: Path, months: list[datetime.date]) -> None:
    with pytest.raises(ValueError, match="Months to simulate"):
        simulate(months, 0.002, 3, tmp_path)


def test_dirt_stays_below_the_tolerance_of_every_list_and_takes_members_with_their_head() -> None:
    city = populate(Places.load(), Draws(3), 0.05)
    welfare = Welfare(city)
    month = 2026 * 12 + 8
    clean = list_rows(city, welfare, Listing(city, welfare), month)

    damaged = Dirt(city.draws, city.places, 5.0).damage(clean, layout("labour", "poverty_list"), month)

    units = damaged.columns["commune_code"].to_numpy(zero_copy_only=False).astype("U5")
    for unit in np.unique(units):
        assert damaged.lost[units == unit].mean() <= 0.05
    heads = np.flatnonzero(damaged.columns["member_no"].to_numpy() == 1)
    household = np.cumsum(damaged.columns["member_no"].to_numpy() == 1) - 1
    assert damaged.lost.any()
    assert damaged.lost[damaged.lost[heads][household]].all()
