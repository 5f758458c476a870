"""No file, name or manifest stops another, whatever it is and whatever its reader does with it."""

import os
from pathlib import Path

import pytest

from intake import odd_files, readers_gone_wrong
from sources.contracts.feeds import discover
from sources.contracts.refusal import BrokenPromise
from sources.reading.delivery import safe_name
from sources.reading.processes import Readers
from warehouse.intake.deliveries import Intake
from warehouse.zones.home import Home
from warehouse.zones.register import ACCEPTED, REFUSED

FEEDS = {odd_files.TOTALS: "csv", "labour/poverty_list": "xlsx", "health_insurance/cards": "jsonl",
         "labour/household_review": "parquet"}  # fmt: skip


def test_odd_things_are_refused_by_name_and_the_good_beside_them_taken_in(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "home")
    odd, good = odd_files.put(home.landing), odd_files.put_good(home.landing)
    intake = Intake.open(home)

    intake.turn_away_strays()
    for feed in discover().values():
        intake.take_in(feed)

    entries = intake.register.entries()
    assert {entry.file for entry in entries if entry.status == ACCEPTED} == {*good}
    refused = [entry for entry in entries if entry.status == REFUSED]
    assert sorted(entry.file for entry in refused) == sorted(safe_name(Path(one.path)) for one in odd)
    assert all(entry.promise and entry.next_step and intake.sealed_file(entry).parent.is_dir() for entry in refused)
    assert [path for path in home.landing.rglob("*") if not path.is_dir()] == []


def test_what_was_set_aside_unread_is_not_taken_for_an_original(tmp_path: Path) -> None:
    intake = Intake.open(Home.open(tmp_path / "home"))
    (intake.home.landing / odd_files.TOTALS / "2026-09.csv").symlink_to("/etc/hostname")

    (entry,) = intake.take_in(discover()[odd_files.TOTALS])

    assert entry.promise == "it is a link, not a file. Promised by labour/commune_totals v1.0.0."
    assert intake.sealed_file(entry).is_symlink()
    with pytest.raises(BrokenPromise, match="set aside without being read"):
        intake.original(entry).__enter__()


@pytest.mark.parametrize("wrong", readers_gone_wrong.KINDS)
def test_whatever_a_reader_does_its_file_alone_is_refused(tmp_path: Path, wrong: str) -> None:
    """Of four feeds and formats: one file harms its reader, the one after it is read by the next."""
    call, code = readers_gone_wrong.KINDS[wrong]
    readers = Readers(memory=500_000_000, seconds=2, read=call)

    try:
        for feed_id, extension in FEEDS.items():
            feed = discover()[feed_id]
            commune = "_31120" if feed.scope != "city" else ""
            harmful, sound = (tmp_path / f"2026-09{commune}_{name}.{extension}" for name in ("harmful", "sound"))
            harmful.write_bytes(b"x")
            sound.write_bytes(b"x")
            with pytest.raises(BrokenPromise) as refused:
                [*readers.read(readers_gone_wrong.recognised(feed, harmful))]
            assert refused.value.code == code
            assert "CANARY" not in str(refused.value)
            assert [*readers.read(readers_gone_wrong.recognised(feed, sound))] == [readers_gone_wrong.SOUND]
    finally:
        readers.close()


def test_a_reader_that_lives_reads_the_next_file_too(tmp_path: Path) -> None:
    feed = discover()[odd_files.TOTALS]
    readers = Readers(read=readers_gone_wrong.name_of_process)

    paths = [tmp_path / f"2026-09_{at}.csv" for at in range(20)]
    for path in paths:
        path.write_bytes(b"x")
    deliveries = [readers_gone_wrong.recognised(feed, path) for path in paths]
    readers.begin(deliveries)
    read_by = {str([*readers.read(delivery)]) for delivery in deliveries}
    readers.close()

    assert len(read_by) == 1
    assert read_by != {str([os.getpid()])}
