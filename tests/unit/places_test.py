"""Communes of before and after the merger of July 2025, placed by code, by name and by date."""

import csv
from collections.abc import Callable
from datetime import date

import pytest
from readings import read_rows

from sources.contracts.code_lists import FOLDER, communes, communes_named, place, unit
from sources.reading.delivery import Delivery
from sources.reading.rows import CheckedRows

BEFORE, AFTER = date(2025, 6, 1), date(2026, 9, 1)
DIVIDED = {"31178", "31183", "31207"}
Deliver = Callable[[str, str, bytes | str], Delivery]


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


OLD = [row for row in _rows("communes_before_2025") if row["is_primary"] == "true"]


def _spellings(row: dict[str, str]) -> list[str]:
    name = row["old_name"]
    bare = name.removeprefix("Phường ").removeprefix("Xã ").removeprefix("Thị trấn ")
    short = {"Phường": "P.", "Xã": "X.", "Thị trấn": "TT."}[row["old_type"]]
    return [name, name.upper(), f"{short} {bare}", f"{short}{bare}", *filter(None, row["old_name_variants"].split("|"))]


@pytest.mark.parametrize("row", OLD, ids=lambda row: row["old_code"])
def test_every_commune_of_before_the_merger_is_placed(row: dict[str, str]) -> None:
    code, today, divided = row["old_code"], row["new_code"], row["old_code"] in DIVIDED
    district, province = row["old_district_name"], row["old_province_name"]

    assert place(code, BEFORE) == (today, code, divided)
    # A code that one of today's communes has taken over means that commune from the merger on.
    assert place(code, AFTER) == (today, today, divided and row["code_kept"] == "false")
    for name in _spellings(row):
        assert communes_named(name, district, province, BEFORE) == {(today, code, divided)}, name
        assert communes_named(name, district, province, AFTER) == {(today, today, divided)}, name


@pytest.mark.parametrize("row", _rows("communes"), ids=lambda row: row["code"])
def test_todays_name_alone_means_today_or_says_that_it_cannot_tell(row: dict[str, str]) -> None:
    found = {today for today, _, _ in communes_named(row["name"], "", "", AFTER)}

    assert row["code"] in found


def test_a_name_that_was_reused_is_never_placed_by_itself(deliver: Deliver) -> None:
    header = "Xã,Huyện,households,persons\n"
    rows = "Phường Tân An,,300,900\nPhường Tân An,Quận Ninh Kiều,5,12\nPhường An Cư,Q. Ninh Kiều,6,13\nHưng Lợi,,1,1\n"

    checked = _read(deliver("labour/commune_totals", "2026-09.csv", header + rows))

    assert _reasons(checked)[0] == (2, "unknown_place:commune_name")
    assert checked.accepted["commune_code"].to_pylist()[0] == "31135"


def test_a_name_stands_for_a_missing_code_and_may_stand_in_its_column(deliver: Deliver) -> None:
    header = "Mã xã,Tên xã,households,persons\n"
    rows = ",Phường Cái Khế,3,9\nP. Ninh Kiều,,5,12\n31147,Phường Ninh Kiều,6,13\n"

    checked = _read(deliver("labour/commune_totals", "2026-09.csv", header + rows))

    assert checked.accepted["commune_code"].to_pylist() == ["31120", "31135"]
    assert _reasons(checked) == [(4, "place_conflict:commune_code")]


def test_the_name_says_which_part_of_a_divided_commune_is_meant(deliver: Deliver) -> None:
    header = "Mã xã,Tên xã,households,persons\n"
    rows = "31178,,3,9\n31178,Phường Cái Khế,4,9\n"

    checked = _read(deliver("labour/commune_totals", "2026-09.csv", header + rows))

    placed = checked.accepted.select(["commune_code", "commune_assumed"]).to_pylist()
    assert placed == [
        {"commune_code": "31168", "commune_assumed": True},
        {"commune_code": "31120", "commune_assumed": False},
    ]


@pytest.mark.parametrize("row", _rows("communes_abolished"), ids=lambda row: row["abolished_name"])
def test_a_commune_abolished_before_still_leads_to_its_successor(row: dict[str, str]) -> None:
    found = communes_named(row["abolished_name"], row["district_name"], "", AFTER)

    assert {today for today, _, _ in found} == {row["current_code"]}


def _read(delivery: Delivery) -> CheckedRows:
    return read_rows(delivery)


def _reasons(checked: CheckedRows) -> list[tuple[int, str]]:
    return [(row["row_number"], row["reasons"]) for row in checked.rejected.to_pylist()]


def test_names_of_todays_units_alone_mean_them_and_older_names_do_not(deliver: Deliver) -> None:
    """Tân An is a unit of today and the name of two older ones; An Cư is an older one."""
    names = ["Phường Ninh Kiều", "Phường Cái Khế", "Phường Tân An", "Phường An Bình", "Phường Thới An Đông",
             "Phường Bình Thủy", "Phường Long Tuyền", "Phường Cái Răng", "Phường Hưng Phú", "Phường Ô Môn"]  # fmt: skip

    def read(names: list[str], month: str = "2026-09") -> CheckedRows:
        rows = "".join(f"{name},3,9\n" for name in names)
        return _read(deliver("labour/commune_totals", f"{month}.csv", f"Xã,households,persons\n{rows}"))

    assert "31150" in read(names).accepted["commune_code"].to_pylist()
    assert (4, "unknown_place:commune_name") in _reasons(read(names[:9]))
    assert (4, "unknown_place:commune_name") in _reasons(read([*names, "Phường An Cư"]))
    assert (2, "unknown_place:commune_name") in _reasons(read(names, "2025-06"))


def test_a_code_that_got_another_meaning_in_july_2025_names_two_units() -> None:
    """The town of Mỹ Xuyên became a ward of its own code together with two others."""
    before, after = date(2025, 6, 1), date(2025, 7, 1)
    became_one = [row for row in _rows("communes_before_2025") if row["new_code"] == "31684"]

    assert len(became_one) == 3
    assert unit("31684", before) != unit("31684", after) == "31684"
    assert unit("31525", before) != unit("31525", after)
    alone = [code for code in communes() if unit(code, before) == code]
    assert alone
    assert all(len([row for row in _rows("communes_before_2025") if row["new_code"] == code]) == 1 for code in alone)
