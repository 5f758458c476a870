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
from warehouse.zones.register import ACCEPTED

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
    return openpyxl.load_workbook(io.BytesIO(mending.workbook(feed, set_apart(path, feed), tried(path, feed).rows)))


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
    book = openpyxl.load_workbook(io.BytesIO(mending.workbook(feed, cells, rows)))

    lists = book[mending.LISTS]
    assert lists.sheet_state == "hidden"
    assert len(book[mending.SHEET].data_validations.dataValidation) >= len(chosen)


def _places(path: Path, feed: Feed) -> list[tuple[int, str]]:
    cells = read_whole(recognise(feed, path))[0].cells
    return list(zip(cells[ROW_NUMBER].to_pylist(), cells[PLACE].to_pylist(), strict=True))
