"""The workbook of wrong rows: what is wrong is coloured and explained, and mended it is a supplement."""

import io
from pathlib import Path

import openpyxl
import pytest
from readings import read_whole

from sources.contracts.code_lists import communes
from sources.contracts.feeds import Feed, discover
from sources.reading.delivery import recognise
from sources.reading.table import PLACE, ROW_NUMBER
from warehouse.intake.deliveries import Intake
from warehouse.intake.trial import set_apart, tried
from warehouse.notices import mending
from warehouse.zones.home import Home
from warehouse.zones.register import ACCEPTED, REFUSED

TOTALS = "labour/commune_totals"
WRONG = "FFF7C6C5"


@pytest.fixture
def feed() -> Feed:
    return discover()[TOTALS]


def sent(folder: Path, wrong: int) -> Path:
    """A delivery of totals in which so many rows have a word for a number, and one lacks the other count."""
    rows = [
        f"{code},{'nhiều' if at < wrong else 300 + at},{'' if at == wrong else 900}"
        for at, code in enumerate(sorted(communes()))
    ]
    path = folder / "2026-10.csv"
    path.write_text("commune_code,households,persons\n" + "\n".join(rows) + "\n", encoding="utf-8")
    return path


def opened(path: Path, feed: Feed) -> openpyxl.Workbook:
    result = tried(path, feed)
    return openpyxl.load_workbook(io.BytesIO(mending.workbook(feed, result.entry, set_apart(path, feed), result.rows)))


def retyped(book: openpyxl.Workbook, value: str) -> openpyxl.Workbook:
    """The workbook with a value in each coloured cell."""
    for row in book[mending.SHEET].iter_rows(min_row=2):
        for cell in row:
            if cell.fill.fgColor.rgb == WRONG:
                cell.value = value
    return book


def test_only_wrong_rows_are_in_it_and_only_wrong_cells_are_coloured(feed: Feed, tmp_path: Path) -> None:
    sheet = opened(sent(tmp_path, 3), feed)[mending.SHEET]
    heads = [cell.value for cell in sheet[1]]
    coloured = {
        (cell.row, heads[cell.column - 1]): cell.comment and cell.comment.text
        for row in sheet.iter_rows(min_row=2)
        for cell in row
        if cell.fill.fgColor.rgb == WRONG
    }

    assert [row[-2].value for row in sheet.iter_rows(min_row=2)] == [2, 3, 4, 5]
    assert set(coloured) == {(2, "Tổng số hộ"), (3, "Tổng số hộ"), (4, "Tổng số hộ"), (5, "Tổng số nhân khẩu")}
    assert all(coloured.values())
    assert sheet.cell(2, heads.index("Tổng số hộ") + 1).value == "nhiều"
    assert sheet.cell(2, heads.index("Tổng số nhân khẩu") + 1).value == "900"


def test_a_mended_workbook_answers_the_rows_and_no_others(feed: Feed, tmp_path: Path) -> None:
    path, home = sent(tmp_path, 3), Home.open(tmp_path / "home")
    (home.landing / feed.id / path.name).write_bytes(path.read_bytes())
    intake = Intake.open(home)
    (first,) = intake.take_in(feed)
    retyped(opened(path, feed), "500").save(home.landing / feed.id / mending.name(first))

    (second,) = intake.take_in(feed)

    assert (first.quarantined, second.status, second.rows, second.quarantined) == (4, ACCEPTED, 4, 0)
    assert second.supplement
    assert intake.register.answer(first) == second


def test_cells_that_are_not_wrong_come_back_as_they_were_sent(feed: Feed, tmp_path: Path) -> None:
    path = sent(tmp_path, 3)
    mended = tmp_path / mending.name(tried(path, feed).entry)
    retyped(opened(path, feed), "500").save(mended)

    before, after = (read_whole(recognise(feed, file))[0].cells.to_pylist() for file in (path, mended))

    assert [(row["commune_code"], row["households"], row["persons"]) for row in after] == [
        (before[0]["commune_code"], "500", before[0]["persons"]),
        (before[1]["commune_code"], "500", before[1]["persons"]),
        (before[2]["commune_code"], "500", before[2]["persons"]),
        (before[3]["commune_code"], before[3]["households"], "500"),
    ]


def test_mended_rows_under_the_name_of_their_file_do_not_take_its_place(feed: Feed, tmp_path: Path) -> None:
    path, home = sent(tmp_path, 3), Home.open(tmp_path / "home")
    (home.landing / feed.id / path.name).write_bytes(path.read_bytes())
    intake = Intake.open(home)
    intake.take_in(feed)
    retyped(opened(path, feed), "500").save(home.landing / feed.id / "2026-10_final.xlsx")

    (entry,) = intake.take_in(feed)

    assert (entry.status, entry.place) == (REFUSED, "the file name")
    assert "`_supplement`" in str(entry.next_step)


@pytest.mark.parametrize("name", ["2026-10_supplement.xlsx", "2026-09_supplement.xlsx"])
def test_mended_rows_wait_for_their_file(feed: Feed, tmp_path: Path, name: str) -> None:
    """Sent without it they would be all that there is of the month; named for another month they would be of that."""
    path, home = sent(tmp_path, 3), Home.open(tmp_path / "home")
    intake = Intake.open(home)
    other = "2026-09.csv" if name.startswith("2026-10") else path.name
    (home.landing / feed.id / other).write_bytes(path.read_bytes())
    intake.take_in(feed)
    retyped(opened(path, feed), "500").save(home.landing / feed.id / name)

    on_the_desk = tried(home.landing / feed.id / name, feed, home)
    (entry,) = intake.take_in(feed)

    assert entry.status == on_the_desk.entry.status == REFUSED
    assert "send that file first" in str(entry.next_step)


def test_a_member_comes_back_with_the_head_whose_row_was_sound(tmp_path: Path) -> None:
    """Of a list without its head a household is set apart."""
    feed = discover()["labour/poverty_list"]
    heads = [f"recognised,{at},1,An,Chủ hộ,1970,Nam,31135,Hộ nghèo" for at in range(1, 21)]
    wife = "recognised,20,2,Ba,Vợ,1972,chưa rõ,31135,"
    path = tmp_path / "2026-10_31135.csv"
    header = "list_section,household_no,member_no,member_name,relation,birth_date,sex,commune_code,legal_class"
    path.write_text("\n".join([header, *heads, wife]) + "\n", encoding="utf-8")
    first = tried(path, feed)
    retyped(opened(path, feed), "Nữ").save(tmp_path / mending.name(first.entry))

    second = tried(tmp_path / mending.name(first.entry), feed)

    assert [row for row, *_ in first.rows] == [22]
    assert (second.entry.status, second.entry.rows, second.rows) == (ACCEPTED, 2, [])


@pytest.mark.parametrize(("name", "status"), [("2026-10.csv", REFUSED), ("2026-10_supplement.csv", ACCEPTED)])
def test_members_without_their_heads_are_a_supplement_and_no_list(tmp_path: Path, name: str, status: str) -> None:
    """Rows of a household that were mended come without its others; a whole list without heads is broken."""
    header = "household_code,commune_code,member_no,full_name,birth_date,sex,relation"
    children = [f"{at},31135,2,An,2015,Nam,Con" for at in range(1, 61)]
    (tmp_path / name).write_text("\n".join([header, *children]) + "\n", encoding="utf-8")

    assert tried(tmp_path / name, discover()["labour/household_members"]).entry.status == status


def test_words_that_a_column_knows_are_a_list_to_choose_from(tmp_path: Path) -> None:
    feed = discover()["labour/poverty_list"]
    chosen = [column for column in feed.columns if column.words and column.kind != "list"]
    (sample,) = feed.folder.glob("sample.*")
    path = tmp_path / f"2026-09_31135{sample.suffix}"
    path.write_bytes(sample.read_bytes())
    rows: list[tuple[int, str | None, str]] = [
        (number, place, f"type:{chosen[0].name}") for number, place in _places(path, feed)
    ]
    cells = read_whole(recognise(feed, path))[0].cells
    book = openpyxl.load_workbook(io.BytesIO(mending.workbook(feed, tried(path, feed).entry, cells, rows)))

    lists = book[mending.LISTS]
    assert lists.sheet_state == "hidden"
    assert len(book[mending.SHEET].data_validations.dataValidation) >= len(chosen)


def _places(path: Path, feed: Feed) -> list[tuple[int, str]]:
    cells = read_whole(recognise(feed, path))[0].cells
    return list(zip(cells[ROW_NUMBER].to_pylist(), cells[PLACE].to_pylist(), strict=True))
