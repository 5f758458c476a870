"""Rows of one person meet, and those of two do not, in a commune that has as many namesakes as a real one.

At the scale of other tests a commune has a hundred residents, of whom hardly two share a name and a year of birth.
"""

import dataclasses
import shutil
from datetime import date

import duckdb
import numpy as np
import pytest
from linkage import measured
from pipeline.conftest import Warehouse

from sources.simulator import simulate
from sources.simulator.places import Places
from warehouse.zones.home import Home

# Phường Ninh Kiều, the largest; every other commune has three households.
COMMUNE = "31135"
SCALE = 0.01


@pytest.fixture(scope="module")
def dense(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """One month of a hundredth of the city, nearly all of whom live in one commune; lasting faults at their rates."""
    folder = tmp_path_factory.mktemp("dense")
    places = Places.load()
    people = np.where(np.array(places.codes) == COMMUNE, places.population / SCALE, 1)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Places, "load", lambda: dataclasses.replace(places, population=people))
        made = Warehouse(folder / "home", folder / "truth")
        simulate([date(2026, 10, 1)], SCALE, 7, folder / "sent", faults=1, truth=made.truth)
    shutil.copytree(folder / "sent", made.home / "landing")
    ran = made.cantho("run")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return made


def test_a_tenth_of_the_residents_have_a_namesake_of_their_age(dense: Warehouse) -> None:
    ((namesakes,),) = duckdb.sql(f"""
        select avg(persons) from (
            select (count(*) over (partition by full_name, sex, substr(cast(birth_date as varchar), 1, 4)) > 1)::int
                as persons
            from '{dense.home.parent}/sent/health_insurance/cards/*.parquet' where commune_code = '{COMMUNE}'
        )
    """).fetchall()

    assert 0.08 < namesakes < 0.3


def test_rows_of_one_person_meet_and_namesakes_stay_apart(dense: Warehouse) -> None:
    (_, _, of_one_person, linked, links, false), *_ = measured(Home(dense.home), dense.truth)

    assert of_one_person > 20_000
    assert linked / of_one_person > 0.99
    assert false / links < 0.0005
