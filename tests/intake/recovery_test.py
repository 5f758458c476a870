"""A home that has lost something: made good from what is left, or an error that says what is missing."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sources.contracts.code_lists import communes
from sources.contracts.feeds import discover
from sources.reading.delivery import SUFFIX
from warehouse.intake.deliveries import REPEATED, Intake
from warehouse.upkeep import recovery, retention
from warehouse.zones import lake, sealed
from warehouse.zones.home import DamagedHome, Home
from warehouse.zones.keyring import Keyring
from warehouse.zones.register import ACCEPTED, REFUSED, Entry, Register

TOTALS = "labour/commune_totals"
COMMUNES = sorted(communes())[:60]
HEADER = "commune_code,households,persons\n"
GOOD = HEADER + "".join(f"{code},{300 + at},{900 + at}\n" for at, code in enumerate(COMMUNES))
ONE_SET_APART = GOOD.replace(f"{COMMUNES[-1]},359", f"{COMMUNES[-1]},x")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with two deliveries that count, one of them with a row set apart, and a refused one."""
    made = Home.open(tmp_path / "home")
    intake = Intake.open(made)
    for name, content in {
        "2026-09.csv": ONE_SET_APART, "2026-10.csv": GOOD.replace(",900", ",901"), "2026-11.csv": "a,b\n1,2\n",
    }.items():  # fmt: skip
        (made.landing / TOTALS / name).write_text(content, encoding="utf-8")
    assert [entry.status for entry in intake.take_in(discover()[TOTALS])] == [ACCEPTED, ACCEPTED, REFUSED]
    return made


def _rows(home: Home) -> dict[str, bytes]:
    """Files of the lake by name, without those that have no rows."""
    files = sorted(path for path in home.lake.rglob("month=*/*.parquet") if path.name != "schema.parquet")
    return {str(path.relative_to(home.lake)): path.read_bytes() for path in files}


def _raw(home: Home) -> Path:
    return next((home.lake / "raw" / "labour__commune_totals" / "month=2026-09").glob("labour*.parquet"))


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def _with_other_rows(path: Path) -> None:
    pq.write_table(pq.read_table(path, partitioning=None).slice(1), path)


LOSSES: dict[str, Callable[[Home], None]] = {
    "rows gone": lambda home: _raw(home).unlink(),
    "rows cut": lambda home: _cut(_raw(home)),
    "other rows": lambda home: _with_other_rows(_raw(home)),
    "rows set apart gone": lambda home: next((home.lake / "quarantined").rglob("labour*.parquet")).unlink(),
    "whole lake gone": lambda home: shutil.rmtree(home.lake),
    "vault gone": lambda home: shutil.rmtree(home.vault),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_rows_that_are_lost_are_made_again_and_are_the_same(home: Home, loss: str) -> None:
    before, entries = _rows(home), Register.open(home).accepted()
    LOSSES[loss](home)

    made = recovery.ensure_rows(home)

    assert made
    assert _rows(home) == before
    assert [entry.content for entry in Register.open(home).accepted()] == [entry.content for entry in entries]
    assert recovery.ensure_rows(home) == []


def test_files_of_months_that_a_build_leaves_are_looked_at_by_size(home: Home) -> None:
    _cut(_raw(home))

    assert [entry.file for entry in recovery.ensure_rows(home, [date(2026, 10, 1)])] == ["2026-09.csv"]


def test_rows_that_were_accepted_before_files_were_written_down_are_counted(home: Home) -> None:
    register = Register.open(home)
    for entry in register.accepted():
        register.record(replace(entry, lake_files={}))
    _with_other_rows(_raw(home))

    assert [entry.file for entry in recovery.ensure_rows(home)] == ["2026-09.csv"]


def _original(home: Home) -> Path:
    return next(home.archive.rglob("*2026-09*.age"))


LOST_ORIGINALS: dict[str, Callable[[Home], object]] = {
    "its kept original is gone": lambda home: _original(home).unlink(),
    "its kept original is not the file that was sent": lambda home: _cut(_original(home)),
    "its original was let go on": lambda home: retention.let_go(home, date(2100, 1, 1)),
}


@pytest.mark.parametrize("why", LOST_ORIGINALS)
def test_without_the_original_nothing_goes_on_and_the_delivery_is_named(home: Home, why: str) -> None:
    LOST_ORIGINALS[why](home)
    _raw(home).unlink()
    before = _rows(home)

    with pytest.raises(DamagedHome, match=why) as damaged:
        recovery.ensure_rows(home)

    said = str(damaged.value)
    assert f"{TOTALS}/2026-09.csv of 2026-09" in said
    assert discover()[TOTALS].owner in said
    assert "Next: " in said
    assert _rows(home) == before


def test_the_same_file_sent_again_makes_good_for_what_was_lost(home: Home) -> None:
    before, entry = _rows(home), Register.open(home).accepted()[0]
    _original(home).unlink()
    _raw(home).unlink()
    (home.landing / TOTALS / "2026-09.csv").write_text(ONE_SET_APART, encoding="utf-8")

    (again,) = Intake.open(home).take_in(discover()[TOTALS])

    assert again.status == ACCEPTED
    assert _rows(home) == before
    assert (again.content, again.first_seen) == (entry.content, entry.first_seen)
    (home.landing / TOTALS / "2026-09.csv").write_text(ONE_SET_APART, encoding="utf-8")
    assert [one.status for one in Intake.open(home).take_in(discover()[TOTALS])] == [REPEATED]


@pytest.mark.parametrize("fingerprint_is_known", [True, False])
@pytest.mark.parametrize("fault", ["gone", "cut", "another home's"])
def test_a_key_that_is_not_the_homes_stops_everything_and_none_is_made(
    home: Home, fault: str, fingerprint_is_known: bool
) -> None:
    if not fingerprint_is_known:
        # As a home of an older version stands.
        with sqlite3.connect(home.register) as register:
            register.execute("delete from sealed_under")
    home.key_file.unlink()
    if fault != "gone":
        home.key_file.write_bytes(bytes(32) if fault == "another home's" else b"short")
    before = sorted(path for path in home.root.rglob("*"))

    with pytest.raises(DamagedHome, match="key") as damaged:
        Intake.open(home)

    assert "Owner: who keeps the key" in str(damaged.value)
    assert sorted(path for path in home.root.rglob("*")) == before


def test_a_key_is_named_in_the_register_and_beside_each_original(home: Home) -> None:
    fingerprint = Keyring.read(home.key_file).fingerprint

    manifests = [json.loads(path.read_text()) for path in home.root.rglob(f"*{SUFFIX}")]

    assert {stated["key"] for stated in manifests} == {Register.open(home).key_fingerprint()} == {fingerprint}
    assert len(manifests) == 3
    assert fingerprint != Keyring(bytes(32)).fingerprint


@pytest.mark.parametrize("standing", ["archive", "published"])
def test_a_register_that_is_gone_beside_deliveries_or_a_version_is_an_error(home: Home, standing: str) -> None:
    home.register.unlink()
    if standing == "published":
        shutil.rmtree(home.archive)
        shutil.rmtree(home.quarantine)
        (home.published / "v00001").mkdir(parents=True)
        (home.published / "v00001" / "manifest.json").write_text("{}")

    with pytest.raises(DamagedHome, match=rf"register.sqlite is gone or empty, while {standing}/.* stands"):
        Register.open(home)
    assert not home.register.exists()


def test_a_register_that_is_empty_beside_deliveries_is_no_new_one(home: Home) -> None:
    for content in (b"", Path(_blank_database(home.root / "blank")).read_bytes()):
        home.register.write_bytes(content)

        with pytest.raises(DamagedHome, match="gone or empty"):
            Intake.open(home)


def _blank_database(path: Path) -> str:
    with sqlite3.connect(path) as database:
        database.execute("create table other (a)")
    return str(path)


def test_a_register_that_is_older_than_the_archive_loses_no_delivery_in_silence(home: Home) -> None:
    older = home.register.read_bytes()
    (home.landing / TOTALS / "2026-12.csv").write_text(GOOD.replace(",900", ",902"), encoding="utf-8")
    Intake.open(home).take_in(discover()[TOTALS])
    newer = Register.open(home).entries()
    home.register.write_bytes(older)

    with pytest.raises(DamagedHome, match=r"does not know 1 originals of the archive.*2026-12"):
        recovery.ensure_rows(home)
    recovery.rebuild(home)

    assert _said(Register.open(home).entries()) == _said(newer)
    assert recovery.ensure_rows(home) == []


def test_what_a_killed_run_sealed_and_did_not_register_is_taken_in_again(home: Home) -> None:
    older = home.register.read_bytes()
    waiting = home.landing / TOTALS / "2026-12.csv"
    waiting.write_text(GOOD.replace(",900", ",902"), encoding="utf-8")
    content = waiting.read_bytes()
    Intake.open(home).take_in(discover()[TOTALS])
    home.register.write_bytes(older)
    waiting.write_bytes(content)

    assert recovery.ensure_rows(home) == []


def test_an_original_whose_manifest_nobody_can_read_is_named_and_nothing_is_made_without_it(home: Home) -> None:
    manifest = next(home.archive.rglob(f"*2026-09*{SUFFIX}"))
    manifest.write_text(manifest.read_text()[:50])
    home.register.unlink()

    with pytest.raises(DamagedHome, match=r"2026-09.*no manifest that can be read"):
        recovery.rebuild(home)
    assert not home.register.exists()


def test_what_was_accepted_after_a_refusal_is_accepted_when_a_kill_left_both(home: Home) -> None:
    accepted = Register.open(home).accepted()[0]
    left = home.quarantine / accepted.delivery_id
    left.mkdir()
    original = _original(home)
    shutil.copy(original, left / f"{accepted.file}.age")
    said = json.loads(original.with_name(original.name + SUFFIX).read_text()) | {"status": REFUSED}
    (left / f"{accepted.file}.age{SUFFIX}").write_text(json.dumps(said))
    home.register.unlink()

    found = recovery.rebuild(home)

    assert (found.accepted, found.refused) == (2, 1)


def test_a_register_that_is_cut_is_an_error(home: Home) -> None:
    home.register.write_bytes(home.register.read_bytes()[:5000])

    with pytest.raises(DamagedHome, match=r"register\.sqlite cannot be read"):
        Register.open(home)


def _said(entries: list[Entry]) -> list[Entry]:
    """Entries without the moment at which they were written down."""
    return [replace(entry, processed_at="") for entry in entries]


def test_a_home_of_archive_quarantine_and_key_is_made_again_as_it_was(home: Home) -> None:
    entries, before = Register.open(home).entries(), _rows(home)
    for path in (home.register, home.lake, home.vault, home.live):
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    found = recovery.rebuild(Home.open(home.root))

    assert (found.accepted, found.refused, found.set_aside) == (2, 1, [])
    assert _said(Register.open(home).entries()) == _said(entries)
    assert _rows(home) == before
    assert recovery.ensure_rows(home) == []


def test_what_has_expired_is_known_again_as_long_as_its_rows_stand(home: Home) -> None:
    retention.let_go(home, date(2100, 1, 1))
    entries, before = Register.open(home).entries(), _rows(home)
    home.register.unlink()

    recovery.rebuild(home)

    assert _said(Register.open(home).entries()) == _said(entries)
    assert _rows(home) == before
    _raw(home).unlink()
    with pytest.raises(DamagedHome, match=r"2026-09.csv of 2026-09 \(its original has expired, and its rows are gone"):
        recovery.rebuild(home)


def _without_original(home: Home) -> None:
    _original(home).unlink()


def _with_a_version_that_names_more(home: Home) -> None:
    _original(home).unlink()
    manifest = next(home.archive.rglob(f"*2026-09*{SUFFIX}"))
    name = json.loads(manifest.read_text())["delivery_id"]
    manifest.unlink()
    home.register.unlink()
    (home.published / "v00001").mkdir(parents=True)
    said = {"version": "v00001", "deliveries": [name]}
    (home.published / "v00001" / "manifest.json").write_text(json.dumps(said))


@pytest.mark.parametrize("lose", [_without_original, _with_a_version_that_names_more])
def test_a_home_that_cannot_be_made_again_whole_is_left_as_it_is(home: Home, lose: Callable[[Home], None]) -> None:
    lose(home)
    shutil.rmtree(home.lake)
    entries = Register.open(home).entries() if home.register.exists() else None

    with pytest.raises(DamagedHome, match=r"have lost their rows: .*2026-09"):
        recovery.rebuild(home)

    assert (Register.open(home).entries() if home.register.exists() else None) == entries


def test_a_cut_manifest_is_made_good_by_the_register_that_stands(home: Home) -> None:
    entries = Register.open(home).entries()
    manifest = next(home.archive.rglob(f"*2026-09*{SUFFIX}"))
    manifest.write_text(manifest.read_text()[:50])

    found = recovery.rebuild(home)

    assert _said(Register.open(home).entries()) == _said(entries)
    assert json.loads(manifest.read_text())["file"] == "2026-09.csv"
    assert [name.endswith("-register.sqlite") for name in found.set_aside] == [True]


def test_plain_originals_of_a_killed_process_are_swept_at_the_next_start(home: Home) -> None:
    ended = 4194304  # one more than any process may have
    left = home.root / f".verify-{ended}-x"
    left.mkdir()
    (left / "2026-09.csv").write_text(GOOD)
    left.chmod(0o555)

    with home.scratch("replay") as under_way:
        Home.open(home.root)

        assert under_way.exists()
        assert not left.exists()


def test_a_sealed_file_that_is_cut_says_so(home: Home, keyring: Keyring) -> None:
    with pytest.raises(sealed.NotOpened):
        sealed.unseal(_original(home), keyring)


def test_the_lake_holds_a_file_for_each_zone_that_a_delivery_has_rows_in(home: Home) -> None:
    first, second = Register.open(home).accepted()

    assert (set(first.lake_files), set(second.lake_files)) == ({"raw", "quarantined"}, {"raw"})
    assert first.lake_files == lake.files(home, discover()[TOTALS], first)
