"""Which deliveries count, and in which order."""

from datetime import date
from pathlib import Path
from typing import Any

from warehouse.zones.register import ACCEPTED, REFUSED, Entry, Register


def _entry(name: str, **fields: Any) -> Entry:
    base: dict[str, Any] = {
        "delivery_id": name, "feed": "labour/poverty_list", "file": f"{name}.xlsx", "month": date(2026, 9, 1),
        "commune": "31120",
        "supplement": False, "sha256": name, "first_seen": "2026-10-01T00:00:00", "status": ACCEPTED, "rows": 100,
    }  # fmt: skip
    return Entry(**base | fields)


def test_order_is_first_seen_then_file_name(tmp_path: Path) -> None:
    register = Register(tmp_path / "register.sqlite")
    for entry in (_entry("c"), _entry("b"), _entry("a", first_seen="2026-10-02T00:00:00")):
        register.record(entry)

    assert [entry.delivery_id for entry in register.accepted()] == ["b", "c", "a"]


def test_a_build_reads_of_deliveries_what_their_entries_say(tmp_path: Path) -> None:
    register = Register(tmp_path / "register.sqlite")
    for entry in (_entry("c"), _entry("refused", status=REFUSED), _entry("b", revision=2), _entry("a", commune=None)):
        register.record(entry)

    counted, accepted = register.counted(), register.accepted()

    assert [one.content for one in counted] == ["a", "b+2", "c"] == [entry.content for entry in accepted]
    for one, entry in zip(counted, accepted, strict=True):
        assert one._asdict() == {name: getattr(entry, name) for name in one._fields}


def test_a_delivery_accepted_later_keeps_the_time_it_was_first_seen(tmp_path: Path) -> None:
    register = Register(tmp_path / "register.sqlite")
    register.record(_entry("a", status=REFUSED, promise="no rows"))
    register.record(_entry("a", first_seen="2026-12-01T00:00:00"))

    found = register.get("a")

    assert found is not None
    assert (found.status, found.first_seen, found.promise) == (ACCEPTED, "2026-10-01T00:00:00", None)


def test_volume_is_compared_with_the_last_full_delivery_of_the_same_commune(tmp_path: Path) -> None:
    register = Register(tmp_path / "register.sqlite")
    for entry in (
        _entry("older", month=date(2026, 8, 1)), _entry("other", commune="31135"), _entry("part", supplement=True),
        _entry("refused", status=REFUSED), _entry("later", month=date(2026, 12, 1)), _entry("last"),
    ):  # fmt: skip
        register.record(entry)

    previous = register.previous("labour/poverty_list", "31120", date(2026, 10, 1))

    assert previous is not None
    assert previous.delivery_id == "last"


def test_the_same_bytes_are_known_in_another_month_only(tmp_path: Path) -> None:
    register = Register(tmp_path / "register.sqlite")
    register.record(_entry("a"))

    assert register.same_bytes_elsewhere("labour/poverty_list", "a", date(2026, 10, 1)) is not None
    assert register.same_bytes_elsewhere("labour/poverty_list", "a", date(2026, 9, 1)) is None
