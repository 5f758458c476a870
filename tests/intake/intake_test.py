"""Deliveries at the intake: what counts, what is kept out, and how what was kept out comes in again."""

import dataclasses
import hashlib
import json
import logging
import os
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from orchestration import pages
from orchestration.assets import raw_asset
from sources.contracts import feeds as contract
from sources.contracts.code_lists import communes, successors
from sources.contracts.feeds import Feed, discover
from sources.contracts.refusal import BrokenPromise
from sources.reading.delivery import Delivery
from sources.reading.processes import Read, Readers
from sources.simulator import simulate
from warehouse.intake.deliveries import REPEATED, Intake
from warehouse.notices.letters import letter
from warehouse.upkeep import retention
from warehouse.zones import lake, sealed
from warehouse.zones.home import Home
from warehouse.zones.register import ACCEPTED, REFUSED, Entry, Register

TOTALS = "labour/commune_totals"
HEADER = "commune_code,households,persons\n"
COMMUNES = sorted(communes())[:60]
LAST = f"{COMMUNES[-1]},359"
GOOD = HEADER + "".join(f"{code},{300 + at},{900 + at}\n" for at, code in enumerate(COMMUNES))
Land = Callable[..., list[Entry]]


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    return Intake.open(Home.open(tmp_path / "home"))


@pytest.fixture
def land(intake: Intake) -> Land:
    """Put files of one feed into landing and take them in."""

    def take(files: dict[str, str], feed: str = TOTALS) -> list[Entry]:
        for name, content in files.items():
            (intake.home.landing / feed / name).write_text(content, encoding="utf-8")
        return intake.take_in(discover()[feed])

    return take


def _original(intake: Intake, entry: Entry) -> str:
    with intake.original(entry) as path:
        return path.read_text()


def _raw(intake: Intake, feed: str = TOTALS) -> list[tuple[object, ...]]:
    files = intake.home.lake / "raw" / discover()[feed].table / "month=*" / "*.parquet"
    return duckdb.sql(f"select commune_code, households, persons from '{files}' order by all").fetchall()


def test_an_intake_says_what_waits_before_it_reads_it(land: Land, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "cantho.intake"):
        land({"2026-09.csv": GOOD, "2026-10.csv": GOOD})

    said = [record.getMessage() for record in caplog.records if record.name == "cantho.intake"]
    assert said == [f"{TOTALS}: {done} of 2 files done, reading 1" for done in (0, 1)]


def test_a_delivery_is_not_measured_by_what_was_sent_under_older_boundaries(land: Land) -> None:
    """In July 2025 the units became 103 communes under some of their codes: fewer of them, and larger."""
    units = sorted(successors())
    before = HEADER + "".join(f"{code},300,900\n" for code in units)

    (old,) = land({"2025-06.csv": before})
    (new,) = land({"2025-07.csv": HEADER + "".join(f"{code},900,2700\n" for code in sorted(communes()))})
    (halved,) = land({"2025-08.csv": HEADER + "".join(f"{code},900,2700\n" for code in COMMUNES[:50])})

    assert len(units) > 2 * len(communes())
    assert (old.status, new.status, halved.status) == (ACCEPTED, ACCEPTED, REFUSED)
    assert "down by half" in str(halved.promise)


def test_a_refused_file_leaves_nothing_behind_and_its_correction_is_taken_in(intake: Intake, land: Land) -> None:
    (refused,) = land({"2026-09.csv": GOOD.replace("households", "so_luong")})
    (accepted,) = land({"2026-09_sua.csv": GOOD})

    assert (refused.status, accepted.status) == (REFUSED, ACCEPTED)
    assert len(_raw(intake)) == len(COMMUNES)
    assert intake.register.answer(refused) == intake.register.get(accepted.delivery_id)


def test_the_same_bytes_resent_or_renamed_change_nothing(intake: Intake, land: Land) -> None:
    land({"2026-09.csv": GOOD})
    before = intake.register.entries()

    (again,) = land({"2026-09_gui_lai.csv": GOOD})

    assert again.status == REPEATED
    assert intake.register.entries() == before


def test_a_correction_of_a_past_month_is_a_delivery_of_that_month(intake: Intake, land: Land) -> None:
    land({"2026-09.csv": GOOD, "2026-10.csv": GOOD.replace(",900", ",901")})

    (late,) = land({"2026-09_dinh_chinh.csv": GOOD.replace(",900", ",902")})

    assert (late.status, late.month) == (ACCEPTED, date(2026, 9, 1))
    september, october = date(2026, 9, 1), date(2026, 10, 1)
    assert [entry.month for entry in intake.register.accepted()] == [september, october, september]


def test_a_month_with_half_of_its_communes_missing_is_refused(land: Land) -> None:
    rows = [f"{code},{300 + at},{900 + at}\n" for at, code in enumerate(COMMUNES)]
    land({"2026-09.csv": GOOD})

    (refused,) = land({"2026-10.csv": HEADER + "".join(rows[:29])})

    assert refused.status == REFUSED
    assert "communes" in (refused.promise or "")


def test_after_a_contract_is_mended_only_what_was_set_apart_comes_in(
    intake: Intake, land: Land, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = discover()[TOTALS]
    _put_in_force(monkeypatch, _with_at_most(feed, "households", 358))
    (entry,) = land({"2026-09.csv": GOOD})
    before = _raw(intake)
    set_apart = lake.quarantined_rows(intake.home, feed, entry)

    _put_in_force(monkeypatch, feed)
    again = intake.read_again(entry)

    assert set_apart == [(61, "", "range:households")]
    assert (again.quarantined, again.first_seen, again.revision) == (0, entry.first_seen, 1)
    assert set(_raw(intake)) - set(before) == {(COMMUNES[-1], 359, 959)}
    assert set(before) <= set(_raw(intake))
    assert intake.read_again(again).content == again.content


def test_a_replay_that_would_be_refused_changes_nothing(
    intake: Intake, land: Land, monkeypatch: pytest.MonkeyPatch
) -> None:
    (entry,) = land({"2026-09.csv": GOOD.replace(LAST, f"{COMMUNES[-1]},x")})
    feed, before = discover()[TOTALS], _raw(intake)
    _put_in_force(monkeypatch, _with_at_most(feed, "persons", 10))

    with pytest.raises(BrokenPromise, match="persons is out of range"):
        intake.read_again(entry)

    assert intake.register.get(entry.delivery_id) == entry
    assert _raw(intake) == before


def test_a_replay_that_is_killed_before_the_register_knows_is_a_build_too_many_and_none_too_few(
    intake: Intake, land: Land, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = discover()[TOTALS]
    _put_in_force(monkeypatch, _with_at_most(feed, "households", 358))
    (entry,) = land({"2026-09.csv": GOOD})
    _put_in_force(monkeypatch, feed)

    with monkeypatch.context() as patched:
        patched.setattr(Intake, "_keep_original", lambda *_: pytest.fail("killed"))
        with pytest.raises(pytest.fail.Exception, match="killed"):
            intake.read_again(entry)
    broken_off = intake.register.get(entry.delivery_id)
    assert broken_off is not None
    again = intake.read_again(broken_off)

    assert (COMMUNES[-1], 359, 959) in _raw(intake)
    assert broken_off.content != entry.content
    assert again.quarantined == 0
    # How many rows there are is built too.
    assert (broken_off.revision, again.revision) == (1, 2)


def test_an_original_that_is_not_what_was_sent_is_not_read_again(intake: Intake, land: Land) -> None:
    (entry,) = land({"2026-09.csv": GOOD})
    before = _raw(intake)
    sealed.seal(intake.sealed_file(entry), GOOD.replace(LAST, f"{COMMUNES[-1]},777").encode(), intake.keyring)

    with pytest.raises(BrokenPromise, match="not the file that was sent"):
        intake.read_again(entry)

    assert intake.register.get(entry.delivery_id) == entry
    assert _raw(intake) == before


def test_a_file_that_its_sender_takes_back_is_no_delivery_and_what_the_warehouse_lacks_is_an_error(
    intake: Intake, land: Land, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken_back = intake.home.landing / TOTALS / "2026-09.csv"
    read = Readers.read

    def lacking(readers: Readers, delivery: Delivery) -> Iterator[Read]:
        if delivery.path == taken_back:
            taken_back.unlink()
        elif delivery.file.endswith("lacking.csv"):
            raise FileNotFoundError("a code list")
        return read(readers, delivery)

    monkeypatch.setattr(Readers, "read", lacking)
    (other,) = land({"2026-08.csv": GOOD, taken_back.name: GOOD})

    assert (other.file, other.status) == ("2026-08.csv", ACCEPTED)
    with pytest.raises(FileNotFoundError, match="a code list"):
        land({"2026-10_lacking.csv": GOOD})


@pytest.mark.parametrize("sent", [GOOD, HEADER])
def test_a_file_taken_back_after_it_was_sealed_is_kept_as_it_was_read(
    intake: Intake, land: Land, monkeypatch: pytest.MonkeyPatch, sent: str
) -> None:
    path, seal_file = intake.home.landing / TOTALS / "2026-09.csv", sealed.seal_file

    def seal(*given: Any) -> str:
        sha256 = seal_file(*given)
        path.unlink()
        return sha256

    monkeypatch.setattr(sealed, "seal_file", seal)
    (entry,) = land({path.name: sent})

    with intake.original(entry) as original:
        assert original.read_text(encoding="utf-8") == sent


@pytest.mark.parametrize("sent", [GOOD, HEADER])
def test_what_takes_the_name_of_a_file_while_that_is_judged_is_read_too(
    intake: Intake, land: Land, monkeypatch: pytest.MonkeyPatch, sent: str
) -> None:
    """The first is accepted or refused, or was never whole: what counts is what stands there when it is judged."""
    path, corrected = intake.home.landing / TOTALS / "2026-09.csv", GOOD.replace(LAST, f"{COMMUNES[-1]},777")
    read = Readers.read

    def read_slowly(readers: Readers, delivery: Delivery) -> list[Read]:
        tables = [*read(readers, delivery)]
        beside = path.with_name(".corrected")
        beside.write_text(corrected)
        beside.replace(path)
        return tables

    with monkeypatch.context() as patched:
        patched.setattr(Readers, "read", read_slowly)
        meanwhile = land({path.name: sent})
    waits, recorded = path.read_text(), intake.register.entries()
    (entry,) = intake.take_in(discover()[TOTALS])

    assert (meanwhile, waits, recorded) == ([], corrected, [])
    assert (COMMUNES[-1], 777, 959) in _raw(intake)
    assert _original(intake, entry) == corrected
    assert not path.exists()


def test_what_takes_the_name_of_a_file_while_that_is_recorded_stays_in_landing(
    intake: Intake, land: Land, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, corrected = intake.home.landing / TOTALS / "2026-09.csv", GOOD.replace(LAST, f"{COMMUNES[-1]},777")
    record = Register.record

    def recorded_slowly(register: Register, entry: Entry) -> None:
        record(register, entry)
        path.write_text(corrected)

    with monkeypatch.context() as patched:
        patched.setattr(Register, "record", recorded_slowly)
        (first,) = land({path.name: GOOD})
    (second,) = intake.take_in(discover()[TOTALS])

    assert (first.status, second.status) == (ACCEPTED, ACCEPTED)
    assert (_original(intake, first), _original(intake, second)) == (GOOD, corrected)


@pytest.mark.parametrize("locked", ["2026-09.csv", "2026-09.csv.manifest.json"])
def test_a_file_that_may_not_be_read_waits_and_holds_up_no_other(
    intake: Intake, land: Land, monkeypatch: pytest.MonkeyPatch, locked: str
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(os, "access", lambda path, _: Path(path).name != locked)
        (intake.home.landing / TOTALS / "2026-09.csv.manifest.json").write_text("{}")
        (other,) = land({"2026-09.csv": GOOD, "2026-08.csv": GOOD})
    (entry,) = intake.take_in(discover()[TOTALS])

    assert (other.file, other.status) == ("2026-08.csv", ACCEPTED)
    assert entry.file == "2026-09.csv"


def test_a_letter_says_what_where_and_what_to_do_without_a_value(intake: Intake, land: Land) -> None:
    header = "household_code,commune_code,head_name,member_count,reviewed_on\n"
    row = "{at},31120,NGUYEN CANARY,2,01/09/2026\n"
    rows = "".join(row.format(at=at) for at in range(1, 20)) + "20,31120,NGUYEN CANARY,x,01/09/2026\n"
    feed = discover()["labour/household_review"]
    (entry,) = land({"2026-09_31120.csv": header + rows}, feed.id)
    (refused,) = land({"2026-10_31120.csv": "Tên,household_code\nNGUYEN CANARY,1\n"}, feed.id)

    about_rows = letter(entry, feed, lake.quarantined_rows(intake.home, feed, entry))
    about_file = letter(refused, feed, [])

    assert "không đọc được giá trị ở cột “Số nhân khẩu”: dòng 21" in about_rows
    assert "member_count cannot be read: row 21" in about_rows
    assert "thiếu cột" in about_file
    assert "Đề nghị: gửi lại tệp có đủ các cột này." in about_file
    assert feed.contact in about_file
    assert "CANARY" not in about_rows + about_file


def _with_at_most(feed: Feed, name: str, maximum: int) -> Feed:
    """The feed under a contract that lets a column hold no more."""
    column = dataclasses.replace(feed.by_name[name], maximum=maximum)
    return dataclasses.replace(feed, columns=tuple(column if one.name == name else one for one in feed.columns))


def _put_in_force(monkeypatch: pytest.MonkeyPatch, feed: Feed) -> None:
    feeds = {**contract.discover(), feed.id: feed}
    reading, rooms = "sources.reading.table", ("intake.deliveries", "zones.lake")
    for module in (reading, *(f"warehouse.{name}" for name in rooms)):
        monkeypatch.setattr(f"{module}.discover", lambda: feeds)
    monkeypatch.setattr(f"{__name__}.discover", lambda: feeds)


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated month of all feeds."""
    folder = tmp_path_factory.mktemp("month")
    simulate([date(2026, 9, 1)], 0.002, 7, folder, truth=None)
    return folder


@pytest.mark.parametrize("feed_id", discover(), ids=str)
def test_refused_corrected_and_taken_in_is_as_if_it_had_been_right_at_once(
    feed_id: str, month: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANTHO_KEY_FILE", str(tmp_path / "key"))
    feed, (sent, *_) = discover()[feed_id], sorted((month / feed_id).iterdir())
    clean, mended = (Intake.open(Home.open(tmp_path / name)) for name in ("clean", "mended"))
    for home in (clean, mended):
        (home.home.landing / feed_id / sent.name).write_bytes(sent.read_bytes())
    (clean_entry,) = clean.take_in(feed)
    (mended.home.landing / feed_id / sent.name).write_bytes(sent.read_bytes()[:40])
    refused = mended.take_in(feed)

    mended.put_back(refused[0])
    again = mended.take_in(feed)
    (mended.home.landing / feed_id / sent.name).write_bytes(sent.read_bytes())
    (accepted,) = mended.take_in(feed)

    assert [entry.status for entry in (*refused, *again, accepted)] == [REFUSED, REFUSED, ACCEPTED]
    assert (accepted.rows, accepted.quarantined) == (clean_entry.rows, clean_entry.quarantined)
    rows = [
        duckdb.sql(f"from '{one.home.lake}/raw/{feed.table}/month=*/*.parquet' order by all").fetchall()
        for one in (clean, mended)
    ]
    assert rows[0] == rows[1]
    assert len(rows[0]) == accepted.rows


def test_a_supplement_with_the_corrected_rows_stands_beside_what_it_completes(intake: Intake, land: Land) -> None:
    (whole,) = land({"2026-09.csv": GOOD.replace(LAST, f"{COMMUNES[-1]},x")})

    (supplement,) = land({"2026-09_supplement.csv": HEADER + f"{LAST},959\n"})

    assert (whole.quarantined, supplement.status, supplement.supplement) == (1, ACCEPTED, True)
    assert len(_raw(intake)) == len(COMMUNES)
    assert intake.register.answer(whole) == intake.register.get(supplement.delivery_id)


def test_an_original_is_sealed_beside_a_manifest_that_tells_what_it_is(intake: Intake, land: Land) -> None:
    (accepted,) = land({"2026-09_dot_1.csv": GOOD})

    path = intake.sealed_file(accepted)
    manifest = json.loads(path.with_name(path.name + ".manifest.json").read_text(encoding="utf-8"))

    content = _original(intake, accepted).encode()
    assert content == GOOD.encode()
    assert manifest["sha256"] == hashlib.sha256(content).hexdigest()
    assert (manifest["file"], manifest["month"], manifest["bytes"]) == ("2026-09_dot_1.csv", "2026-09-01", len(content))


def test_what_is_past_its_retention_goes_and_the_rows_past_the_identity_zone_stay(intake: Intake, land: Land) -> None:
    (accepted,) = land({"2026-09.csv": GOOD})
    (refused,) = land({"2026-10.csv": GOOD.replace("households", "so_luong")})
    before, feed = _raw(intake), discover()[TOTALS]
    last_day = date(2026 + feed.retention_years, 10, 1)

    assert retention.kept_until(accepted) == last_day
    assert [one.delivery_id for one in retention.due(intake.home, last_day)] == [refused.delivery_id]
    gone = retention.let_go(intake.home, last_day + timedelta(days=1))

    assert {one.delivery_id for one in gone} == {accepted.delivery_id, refused.delivery_id}
    assert list(intake.home.root.rglob("*.age")) == []
    assert _raw(intake) == before
    assert retention.due(intake.home, date.max) == []
    with pytest.raises(BrokenPromise, match="let go on"):
        intake.put_back(intake.register.entries("status = ?", (REFUSED,))[0])


@pytest.mark.parametrize("month", ["1990-01", "2021-12", "2036-01"])
def test_a_month_without_rules_is_refused_and_holds_nothing_up(month: str, land: Land) -> None:
    outcomes = land({f"{month}.csv": GOOD, "2026-09.csv": GOOD})

    assert sorted((entry.file, entry.status) for entry in outcomes) == sorted(
        [(f"{month}.csv", REFUSED), ("2026-09.csv", ACCEPTED)]
    )
    assert "no rules for" in next(entry.promise or "" for entry in outcomes if entry.status == REFUSED)


def test_a_household_code_without_its_leading_zeros_is_the_same_household(intake: Intake) -> None:
    header = "household_code,commune_code,head_name,member_count,reviewed_on\n"
    feed = discover()["labour/household_review"]
    keys = []
    for month, code in (("2026-09", "00012"), ("2026-10", "12")):
        path = intake.home.landing / feed.id / f"{month}_31120.csv"
        path.write_text(header + f"{code},31120,Trần Văn A,2,01/09/2026\n")
        intake.take_in(feed)
        files = intake.home.lake / "raw" / feed.table / f"month={month}" / "*.parquet"
        keys += duckdb.sql(f"select registration_key from '{files}'").fetchall()

    assert len(keys) == 2
    assert len(set(keys)) == 1


def test_a_failed_check_says_what_to_do_and_a_later_good_run_does_not_hide_it(intake: Intake) -> None:
    asset = raw_asset(discover()[TOTALS], intake.home)
    landing = intake.home.landing / TOTALS

    with dg.DagsterInstance.ephemeral() as instance:
        (landing / "2026-09_sai.csv").write_text(GOOD.replace("persons", "nguoi"))
        (failed,) = dg.materialize([asset], instance=instance).get_asset_check_evaluations()
        (landing / "2026-10.csv").write_text(GOOD)
        (passed,) = dg.materialize([asset], instance=instance).get_asset_check_evaluations()
        (landing / "2026-09.csv").write_text(GOOD.replace("300", "301"))
        (answered,) = dg.materialize([asset], instance=instance).get_asset_check_evaluations()
        newest, *_ = instance.get_runs(limit=1)

    assert (failed.passed, passed.passed, answered.passed) == (False, True, True)
    assert "lacks persons" in (failed.description or "")
    assert f"Owner: {discover()[TOTALS].owner}" in (failed.description or "")
    assert "Next: " in (failed.description or "")
    assert "2026-09_sai.csv" in (passed.description or "")
    assert "sai" not in (answered.description or "")
    assert newest.tags["month/2026-09"] == "accepted"


def test_a_refusal_stands_on_a_page_of_its_own_until_it_is_answered_and_tags_its_run(intake: Intake) -> None:
    asset = raw_asset(discover()[TOTALS], intake.home)
    landing = intake.home.landing / TOTALS

    with dg.DagsterInstance.ephemeral() as instance:
        (landing / "2026-09_sai.csv").write_text(GOOD.replace("persons", "nguoi"))
        dg.materialize([asset], instance=instance)
        (run,) = instance.get_runs()
    refused = pages.refusals(intake.home)
    (landing / "2026-09.csv").write_text(GOOD)
    intake.take_in(discover()[TOTALS])

    assert run.tags["month/2026-09"] == "refused"
    assert "lacks persons" in refused
    assert "thiếu cột" in refused
    assert "Next: " in refused
    assert "No refused delivery is open" in pages.refusals(intake.home)
