"""The way back from a key to a family: sealed, logged, and closed to whoever lacks the key."""

import io
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pipeline.conftest import Warehouse
from python_calamine import CalamineWorkbook

from warehouse import sealed
from warehouse.keyring import Keyring


@pytest.fixture(scope="module")
def named(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, bytes, list[list]]:
    """What `forms 15` says, the file it writes, and the rows in it."""
    out = tmp_path_factory.mktemp("forms") / "form15.xlsx"
    said = warehouse.cantho("forms", "15", "--month", "2026-10", "--purpose", "posting of the list", "--out", str(out))
    assert said.returncode == 0, said.stderr
    content = out.with_name("form15.xlsx.age").read_bytes()
    opened = sealed.unseal(out.with_name("form15.xlsx.age"), Keyring.open(warehouse.home / "key"))
    rows = CalamineWorkbook.from_filelike(io.BytesIO(opened)).get_sheet_by_index(0).to_python()
    assert not out.exists()
    return said.stdout + said.stderr, content, [row for row in rows[4:] if row[4]]


def test_form_15_names_the_poor_in_a_sealed_file_and_nowhere_else(
    warehouse: Warehouse, named: tuple[str, bytes, list[list]]
) -> None:
    said, content, rows = named
    on_form = warehouse.restricted(
        "select sum(poor_households) from marts.area_poverty where area_level = 'city' and basis = 'legal' "
        "and period_month = date '2026-10-01'"
    )[0][0]
    log = (warehouse.home / "access.log").read_text()

    assert len({(row[0], row[2]) for row in rows}) <= on_form
    assert len({(row[0], row[2]) for row in rows}) >= 0.9 * on_form
    assert content.startswith(b"age-encryption.org/")
    for row in rows:
        assert str(row[4]) not in said + log
        assert str(row[8] or "no number") not in said + log


def test_every_look_is_logged_with_who_why_what_and_how_many(
    warehouse: Warehouse, named: tuple[str, bytes, list[list]]
) -> None:
    entries = [json.loads(line) for line in (warehouse.home / "access.log").read_text().splitlines()]

    entry = next(entry for entry in entries if entry["what"] == "form 15 of 2026-10")
    assert set(entry) == {"at", "who", "purpose", "what", "rows"}
    assert (entry["purpose"], entry["rows"]) == ("posting of the list", len(named[2]))
    assert (warehouse.home / "access.log").stat().st_mode & 0o777 == 0o600


def test_a_number_and_a_code_resolve_to_the_same_household(
    warehouse: Warehouse, named: tuple[str, bytes, list[list]]
) -> None:
    number = next(str(row[8]) for row in named[2] if len(str(row[8])) == 12)
    by_number = warehouse.cantho("resolve", "--number", number, "--month", "2026-10", "--purpose", "a claim", "--json")
    key = json.loads(by_number.stdout)[0]["household_key"]
    ((commune, code),) = warehouse.restricted(
        f"select distinct commune_code, household_code from facts.household_deprivation where household_key = '{key}' "
        "and period_month = date '2026-10-01'"
    ) or [(None, None)]

    if code is not None:
        by_code = warehouse.cantho(
            "resolve", "--commune", commune, "--code", code, "--month", "2026-10", "--purpose", "a claim", "--json"
        )
        assert key in {row["household_key"] for row in json.loads(by_code.stdout)}
    assert number not in (warehouse.home / "access.log").read_text()


def test_without_the_key_without_a_purpose_or_without_a_record_there_is_no_way_back(
    warehouse: Warehouse, copy_of: Callable[[Warehouse], Warehouse], tmp_path: Path
) -> None:
    home = copy_of(warehouse)
    asked = ("forms", "15", "--month", "2026-10", "--out", str(tmp_path / "list"))
    codes = [
        home.cantho(*asked).returncode,
        home.cantho(*asked, "--purpose", " ").returncode,
        home.cantho("resolve", "--number", "097000000000", "--purpose", "a claim").returncode,
        home.cantho("resolve", "--purpose", "a claim").returncode,
        home.cantho("forms", "15", "--month", "2031-10", "--purpose", "x", "--out", str(tmp_path / "x")).returncode,
    ]
    (home.home / "key").chmod(0o600)
    (home.home / "key").write_bytes(os.urandom(32))
    codes.append(home.cantho(*asked, "--purpose", "x").returncode)
    (home.home / "key").unlink()
    codes.append(home.cantho(*asked, "--purpose", "x").returncode)

    assert codes == [2] * len(codes)
    assert not list(tmp_path.glob("list*"))
    assert not (home.home / "key").exists()
