"""Which months a build replaces."""

import json
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

import pytest

from warehouse.build import plan
from warehouse.build.plan import Build
from warehouse.published import store
from warehouse.upkeep import recovery
from warehouse.zones.home import Home
from warehouse.zones.register import ACCEPTED, REFUSED, Entry, Register

APRIL, MAY, JUNE, JULY, AUGUST, SEPTEMBER = (date(2026, month, 1) for month in range(4, 10))
STOOD = [str(MAY), str(JUNE)]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home that has published May and June 2026."""
    made = Home.open(tmp_path / "home")
    made.warehouse.write_bytes(b"")
    for month in (MAY, JUNE):
        _accept(made, month)
    monkeypatch.setattr(plan, "fingerprint", lambda: "code")
    # These deliveries are entries of the register alone.
    monkeypatch.setattr(recovery, "ensure_rows", lambda *_: [])
    monkeypatch.setattr(plan, "last", lambda _: Build(STOOD, "code", [], place=str(made.root)))
    monkeypatch.setattr(store, "current", lambda _: "v00001")
    known = {"code": "code", "deliveries": STOOD}
    monkeypatch.setattr(store, "manifest", lambda *_: known)
    return made


def _accept(
    home: Home, month: date, name: str = "", feed: str = "labour/commune_totals", commune: str | None = None
) -> None:
    Register.open(home).record(
        Entry(
            delivery_id=name or str(month), feed=feed, file=f"{month:%Y-%m}.csv", month=month, commune=commune,
            supplement=False, sha256=str(month), first_seen=str(month), status=ACCEPTED,
        )
    )  # fmt: skip


@pytest.mark.parametrize(("arrived", "months"), [
    ([], []),
    ([JULY], [JULY]),
    ([APRIL], [APRIL, MAY, JUNE]),
    # Nobody has sent July and August: they lie between, and have rows all the same.
    ([SEPTEMBER], [JULY, AUGUST, SEPTEMBER]),
])  # fmt: skip
def test_a_delivery_changes_its_month_the_later_ones_and_those_nobody_sent(
    home: Home, arrived: list[date], months: list[date]
) -> None:
    for month in arrived:
        _accept(home, month)

    assert plan.next_build(home).months == months
    assert plan.is_owed(home) == bool(months)


def test_a_correction_is_built_for_its_feed_and_a_new_month_for_all(home: Home) -> None:
    _accept(home, MAY, "corrected", "policy_bank/loans")
    corrected = plan.next_build(home)
    _accept(home, JULY)
    with_a_new_month = plan.next_build(home)

    assert (corrected.months, corrected.feeds) == ([MAY, JUNE], ["policy_bank/loans"])
    assert (with_a_new_month.months, with_a_new_month.feeds) == ([MAY, JUNE, JULY], None)


@pytest.mark.parametrize(("stood", "is_finished", "written"), [
    (STOOD, True, ["facts.loan_month"]),
    # The build before was not published, or not finished: who knows what it wrote.
    ([str(MAY)], True, None),
    (STOOD, False, None),
])  # fmt: skip
def test_a_publication_writes_what_a_build_wrote_where_that_followed_a_publication(
    home: Home, monkeypatch: pytest.MonkeyPatch, stood: list[str], is_finished: bool, written: list[str] | None
) -> None:
    before = Build(stood, "code", [JUNE], place=str(home.root), finished=is_finished)
    monkeypatch.setattr(plan, "last", lambda _: before)
    _accept(home, JUNE, "corrected")
    begun = plan.begin(home)
    monkeypatch.setattr(plan, "last", lambda _: replace(begun, changed=["facts.loan_month"]))

    assert plan.to_publish(home) == written
    monkeypatch.setattr(store, "current", lambda _: "v00002")
    assert plan.to_publish(home) is None


def test_a_build_from_scratch_that_broke_off_is_begun_again(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "last", lambda _: Build(STOOD, "code", None, place=str(home.root)))

    assert plan.next_build(home).months is None
    assert plan.is_owed(home)


def test_a_home_that_was_moved_is_built_from_scratch(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "last", lambda _: Build(STOOD, "code", [], place="/elsewhere"))

    assert plan.next_build(home).months is None


def test_months_asked_for_are_built_although_nothing_changed(home: Home) -> None:
    _accept(home, JUNE, "corrected")

    asked = plan.begin(home, also=[MAY])

    assert (asked.months, asked.feeds) == ([MAY, JUNE], None)


def test_a_build_that_read_a_delivery_the_gate_took_back_is_not_to_be_published(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Build(STOOD, "code", [JUNE], finished=True)
    monkeypatch.setattr(plan, "last", lambda _: read)
    _accept(home, JULY)
    before = plan.no_longer_counted(home)
    register = Register.open(home)
    for entry in register.entries("delivery_id = ?", ("2026-06-01",)):
        register.record(replace(entry, status=REFUSED))

    # One that arrived since waits for the next build and holds up none.
    assert before == []
    assert plan.no_longer_counted(home) == ["2026-06-01"]


def test_what_was_taken_in_is_owed_although_new_code_asks_for_everything(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "fingerprint", lambda: "new code")
    of_code_alone = plan.is_owed(home)
    _accept(home, JUNE, "corrected")

    assert plan.next_build(home).months is None
    assert not of_code_alone
    assert plan.is_owed(home)


@pytest.mark.parametrize(("built", "months", "feeds"), [
    # One that was built and not published counts no more.
    ([*STOOD, "taken back"], None, None),
    # The live file was put back from before the version: June is new in it, for all feeds.
    (STOOD[:1], [JUNE], None),
    # It holds more than the version, or what counts of a delivery was read anew.
    ([*STOOD, "2026-06-01-beside"], [JUNE], ["labour/commune_totals"]),
    # What stood of May is gone from it, and May for what anybody knows.
    (["2026-05-01+1", STOOD[1]], [MAY, JUNE], None),
    (STOOD, [], None),
])  # fmt: skip
def test_a_build_knows_what_the_live_file_holds_besides_the_version(
    home: Home, monkeypatch: pytest.MonkeyPatch, built: list[str], months: list[date] | None, feeds: list[str] | None
) -> None:
    monkeypatch.setattr(plan, "last", lambda _: Build(built, "code", [], place=str(home.root), finished=True))
    if "2026-06-01-beside" in built:
        _accept(home, JUNE, "2026-06-01-beside")

    assert (plan.next_build(home).months, plan.next_build(home).feeds) == (months, feeds)


def test_a_published_delivery_that_counts_no_more_is_taken_out_of_the_figures(home: Home) -> None:
    register = Register.open(home)
    for entry in register.entries("delivery_id = ?", ("2026-06-01",)):
        register.record(replace(entry, status=REFUSED))

    assert plan.next_build(home).months is None
    assert plan.is_owed(home)


def test_nothing_is_said_of_a_build_that_is_not_needed(home: Home) -> None:
    begun = plan.begin(home)

    assert begun.months == []
    assert list(home.live.glob("build.json")) == []


@pytest.mark.parametrize(("arrived", "months"), [([], []), ([JULY], None)])
def test_spark_builds_everything_or_nothing(
    home: Home, monkeypatch: pytest.MonkeyPatch, arrived: list[date], months: list[date] | None
) -> None:
    monkeypatch.setenv("CANTHO_ENGINE", "spark")
    for month in arrived:
        _accept(home, month)

    assert plan.next_build(home).months == months


def test_an_engine_that_there_is_not_is_said(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANTHO_ENGINE", "spork")
    _accept(home, JULY)

    with pytest.raises(ValueError, match="spork"):
        plan.next_build(home)


@pytest.mark.parametrize("record", ["", "{", '{"unknown": 1}'])
def test_a_record_of_a_build_that_cannot_be_read_is_a_build_to_be_made_again(
    home: Home, monkeypatch: pytest.MonkeyPatch, record: str
) -> None:
    monkeypatch.undo()
    (home.live / "build.json").write_text(record)

    assert plan.last(home).months is None
    assert not plan.last(home).finished


@pytest.mark.parametrize(("follows", "deliveries", "finished", "is_named"), [
    ("v00001", STOOD, True, True),
    # It was made of something else than what was built last, or that is not complete.
    (None, STOOD, True, False),
    ("v00001", STOOD[:1], True, False),
    ("v00001", STOOD, False, False),
])  # fmt: skip
def test_a_version_that_a_killed_run_left_unnamed_is_the_current_one_before_anything_is_built(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    follows: str | None,
    deliveries: list[str],
    finished: bool,
    is_named: bool,
) -> None:
    monkeypatch.setattr(recovery, "ensure_rows", lambda *_: [])
    home = Home.open(tmp_path / "home")
    for month in (MAY, JUNE):
        _accept(home, month)
    for version, said in (("v00001", {"deliveries": []}), ("v00002", {"deliveries": deliveries, "follows": follows})):
        (home.published / version).mkdir()
        (home.published / version / "manifest.json").write_text(json.dumps({"code": "code"} | said))
    (home.published / "current.json").write_text('{"version": "v00001"}')
    (home.live / "build.json").write_text(json.dumps(asdict(Build(STOOD, "code", [], finished=finished))))

    plan.begin(home)

    assert store.current(home) == ("v00002" if is_named else "v00001")
