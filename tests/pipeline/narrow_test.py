"""A build of the households that a commune's delivery touches comes to what a build of the whole month comes to."""

import csv
import io
import json
import shutil
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from pipeline.conftest import SIMULATED, Warehouse

from orchestration import models, rebuilding
from warehouse import sealed
from warehouse.home import Home

MONTH = "2026-10"
FEEDS = ("labour/household_review", "labour/household_members", "labour/poverty_list")
# A person of a form and of a list, under the columns that both have for them.
PERSON = ("personal_id", "birth_date", "sex")


@pytest.fixture(scope="module")
def corrected(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Generator[Warehouse]:
    """The shared warehouse, after a commune has sent its forms and its list again, which name others' people now."""
    home = tmp_path_factory.mktemp("corrected") / "home"
    shutil.copytree(warehouse.home, home)
    again = Warehouse(home, warehouse.truth)
    sent = tmp_path_factory.mktemp("sent")
    assert again.cantho("run").returncode == 0, "a home that was moved is built again"
    wrote = again.cantho("simulate", *SIMULATED, "--out", str(sent))
    assert wrote.returncode == 0, wrote.stderr
    for feed in FEEDS:
        own, other = sorted(_communes(sent / feed), key=len)[-2:]
        place = f"{MONTH}_{own[0]['commune_code']}.csv"
        sealed.place(home / "landing" / feed / place, _csv(_exchanged(own, other)))
    ran = again.cantho("run")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    yield again


def _communes(folder: Path) -> list[list[dict[str, str]]]:
    """The rows of each commune in those files of the month that name their columns as the contract does."""
    communes: dict[str, list[dict[str, str]]] = {}
    for path in sorted(folder.glob(f"{MONTH}*.csv")):
        for row in csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig", errors="replace"))):
            if "commune_code" in row and None not in row:
                communes.setdefault(row["commune_code"], []).append(row)
    return list(communes.values())


def _exchanged(rows: list[dict[str, str]], others: list[dict[str, str]]) -> list[dict[str, str]]:
    """The rows with another commune's person, a number missing, and the last household gone."""
    changed = [dict(row) for row in rows[:-1]]
    if "personal_id" in changed[0]:
        name = "full_name" if "full_name" in changed[0] else "member_name"
        theirs = "full_name" if "full_name" in others[0] else "member_name"
        changed[1] |= {column: others[1][column] for column in PERSON} | {name: others[1][theirs]}
        changed[2]["personal_id"] = ""
    else:
        changed[0] |= {"score_a": "100"}
    return changed


def _csv(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _contents(home: Home) -> dict[str, tuple]:
    with duckdb.connect(str(home.warehouse), read_only=True) as live:
        return {
            one.name: live.execute(f"select count(*), sum(hash(one)::hugeint) from {one.relation} as one").fetchall()[0]
            for one in models.statements(home)
            if one.is_kept
        }


def test_no_table_differs_from_a_build_of_the_month(corrected: Warehouse) -> None:
    home = Home.open(corrected.home)
    begun = json.loads((home.live / "build.json").read_text())

    narrow = _contents(home)
    rebuilding.rebuild(home, begun["months"])

    assert len(begun["sent"]) == len(FEEDS)
    assert [name for name, content in _contents(home).items() if content != narrow[name]] == []
    assert narrow["household_deprivation"][0] > 0


def test_who_is_linked_with_a_household_is_built_with_it(
    corrected: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the links between households the same build breaks its tests, or comes to something else."""
    home = Home.open(corrected.home)
    begun = json.loads((home.live / "build.json").read_text())
    whole = _contents(home)
    unlinked = [
        replace(one, sql=one.sql.replace("on own.hub = other.hub", "on own.hub = other.hub and own.node = other.node"))
        for one in models.statements(home, of_households=True)
    ]
    assert unlinked != models.statements(home, of_households=True)
    monkeypatch.setattr(models, "statements", lambda _, of_households=False: unlinked if of_households else [])

    with pytest.raises(RuntimeError):
        rebuilding._rebuild(home, unlinked, begun["months"], begun["feeds"], begun["sent"])

    monkeypatch.undo()
    assert _contents(home) == whole
