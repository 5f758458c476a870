"""The way back from a key to a family: sealed, logged, and closed to whoever lacks the key."""

import io
import json
import os
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from pipeline.conftest import Warehouse
from python_calamine import CalamineWorkbook

from orchestration.command import app
from warehouse.zones import sealed
from warehouse.zones.home import Home
from warehouse.zones.keyring import Keyring

PURPOSE = "posting of the list"


def _rows(warehouse: Warehouse, form: int, folder: Path) -> tuple[str, bytes, list[list]]:
    """What `forms` says, the file it writes, and every row under the headers, named or not."""
    out = folder / f"form{form}.xlsx"
    said = warehouse.cantho("forms", str(form), "--month", "2026-10", "--purpose", PURPOSE, "--out", str(out))
    assert said.returncode == 0, said.stderr
    content = out.with_name(f"{out.name}.age").read_bytes()
    opened = sealed.unseal(out.with_name(f"{out.name}.age"), Keyring.read(warehouse.home / "key"))
    rows = CalamineWorkbook.from_filelike(io.BytesIO(opened)).get_sheet_by_index(0).to_python()
    assert not out.exists()
    return said.stdout + said.stderr, content, rows[4:]


@pytest.fixture(scope="module")
def named(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, bytes, list[list]]:
    return _rows(warehouse, 15, tmp_path_factory.mktemp("forms"))


def test_form_15_names_the_poor_in_a_sealed_file_and_nowhere_else(
    warehouse: Warehouse, named: tuple[str, bytes, list[list]]
) -> None:
    said, content, rows = named
    log = (warehouse.home / "access.log").read_text()

    assert content.startswith(b"age-encryption.org/")
    assert all(row[4] for row in rows)
    for row in rows:
        assert str(row[4]) not in said + log
        assert str(row[8] or "no number") not in said + log


@pytest.mark.parametrize(("form", "legal_class"), [(15, "poor"), (14, "near_poor")])
def test_a_named_list_leaves_out_none_of_those_whom_form_1_counts(
    warehouse: Warehouse, tmp_path: Path, form: int, legal_class: str
) -> None:
    """Persons of form 1 are the rows of the lists: also of who has no usable number, or no review of the household."""
    rows = _rows(warehouse, form, tmp_path)[2]
    ((households, persons),) = warehouse.restricted(
        f"select sum({legal_class}_households), sum({legal_class}_persons) from marts.official_report_1 "
        "where period_month = date '2026-10-01'"
    )
    unusable = warehouse.restricted(
        "select count(*) from facts.listed_person where period_month = date '2026-10-01' "
        f"and list_section = 'recognised' and legal_class = '{legal_class}' and not person_number_usable"
    )[0][0]

    assert len({(row[0], row[2]) for row in rows}) == households
    assert len(rows) == persons
    assert len({(row[0], row[2], row[3]) for row in rows}) == len(rows)
    assert all(row[4] for row in rows)
    assert unusable, "the simulated faults no longer reach what this test is for"


def test_every_look_is_logged_with_who_why_what_and_how_many(
    warehouse: Warehouse, named: tuple[str, bytes, list[list]]
) -> None:
    entries = [json.loads(line) for line in (warehouse.home / "access.log").read_text().splitlines()]

    entry = next(entry for entry in entries if entry["what"] == "form 15 of 2026-10")
    assert set(entry) == {"at", "who", "login_uid", "purpose", "what", "rows"}
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


LOOKS = {
    "sql on v00001": ("sql", "--restricted", "-c", "select 1"),
    "what-if of 2026-10 under S2027": ("what-if", "--standard", "S2027", "--month", "2026-10"),
    "progress of 2026-10 since 2026-09": ("progress", "--month", "2026-10", "--since", "2026-09"),
    "report of 2026-10": ("pack", "--restricted", "--month", "2026-10", "--out", "/dev/null"),
}


@pytest.mark.parametrize("what", LOOKS)
def test_restricted_figures_are_shown_only_after_a_line_in_the_log(
    warehouse: Warehouse, what: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Without the log there is no look: a folder in its place stands for a disk that is full or a file that is shut."""
    home = Home(warehouse.home)
    asked = [str(tmp_path / "pack.xlsx") if word == "/dev/null" else word for word in LOOKS[what]]
    with pytest.raises(SystemExit) as done:
        app([*asked, "--home", str(warehouse.home), "--purpose", "a question"])
    logged = json.loads(home.access_log.read_text().splitlines()[-1])
    capsys.readouterr()
    monkeypatch.setattr(Home, "access_log", tmp_path)
    with pytest.raises(SystemExit) as refused:
        app([*asked, "--home", str(warehouse.home)])

    assert (done.value.code or 0, refused.value.code) == (0, 1)
    assert (logged["what"], logged["purpose"]) == (what, "a question")
    assert logged["rows"] > 0
    assert capsys.readouterr().out == ""


def test_explain_is_logged_without_the_household_and_public_sql_is_not(warehouse: Warehouse) -> None:
    log = warehouse.home / "access.log"
    ((key,),) = warehouse.restricted("select min(household_key) from facts.household_deprivation")
    warehouse.cantho("explain", "--household", key, "--month", "2026-10")
    after = log.read_text()
    warehouse.cantho("sql", "-c", "select 1")

    assert json.loads(after.splitlines()[-1])["what"] == "explain of 2026-10"
    assert json.loads(after.splitlines()[-1])["purpose"] == "not stated"
    assert key not in after
    assert log.read_text() == after


def _found(warehouse: Warehouse, number: str, folder: Path) -> tuple[str, list[dict]]:
    """What `identity find` says, and the rows of the file it writes."""
    out = folder / "subject.json"
    said = warehouse.cantho("identity", "find", "--number", number, "--purpose", PURPOSE, "--out", str(out))
    assert said.returncode == 0, said.stderr
    assert not out.exists()
    opened = sealed.unseal(out.with_name(f"{out.name}.age"), Keyring.read(warehouse.home / "key"))
    return said.stdout + said.stderr, json.loads(opened)


def test_all_that_was_sent_of_a_person_is_found_and_shown_to_the_key_alone(
    warehouse: Warehouse, named: tuple[str, bytes, list[list]], tmp_path: Path
) -> None:
    name, number = next((str(row[4]), str(row[8])) for row in named[2] if len(str(row[8])) == 12)

    said, found = _found(warehouse, number, tmp_path)

    spoken = (warehouse.home / "access.log").read_text() + said
    assert number not in spoken
    assert name not in spoken
    of_list = [row for row in found if row["feed"] == "labour/poverty_list"]
    assert {row["member_name"] for row in of_list} == {name}
    assert all(number in map(str, row.values()) for row in found if "set_apart_because" not in row)
    assert not any(column.endswith("_key") for row in found for column in row)


def test_rows_of_a_person_that_were_set_apart_are_found_with_their_reasons(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    rows = [row for form in (14, 15) for row in _rows(warehouse, form, tmp_path)[2] if len(str(row[8])) == 12]
    keys = Keyring.read(warehouse.home / "key").pseudonyms("person")([str(row[8]) for row in rows])
    numbers = dict(zip(keys, (str(row[8]) for row in rows), strict=True))
    set_apart = duckdb.sql(
        f"select delivery_id, person_key, reasons from '{warehouse.home}/lake/quarantined/*/*/*.parquet'"
    ).fetchall()
    delivery, key, reasons = next(row for row in set_apart if row[1] in numbers)

    found = _found(warehouse, numbers[key], tmp_path)[1]

    assert (delivery, reasons) in {(row["delivery_id"], row.get("set_apart_because")) for row in found}


def test_a_number_of_nobody_is_found_nowhere_and_the_question_is_logged(warehouse: Warehouse, tmp_path: Path) -> None:
    out = tmp_path / "nobody.json"

    said = warehouse.cantho("identity", "find", "--number", "099" + 9 * "0", "--purpose", PURPOSE, "--out", str(out))

    assert said.returncode == 2
    assert "No accepted delivery has a row with this number." in said.stderr
    assert not list(tmp_path.iterdir())
    assert json.loads((warehouse.home / "access.log").read_text().splitlines()[-1])["rows"] == 0
