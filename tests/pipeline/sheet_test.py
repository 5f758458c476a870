"""A commune's sheet: its figures are those of its file, and a public one shows nothing that is withheld."""

import html
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pipeline.conftest import Warehouse

from warehouse.published.report import sheet

MONTH = date(2026, 10, 1)
FIGURES = """
    select area_code, households, poor_households, poor_rate_pct, near_poor_households
    from marts.area_poverty
    where area_level = 'commune' and basis = 'legal' and period_month = $month and standard_id = 'S2022'
"""
WORDS = ("Hộ dân cư", "Hộ nghèo đã công nhận", "Tỷ lệ hộ nghèo (%)", "Hộ cận nghèo đã công nhận")


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was drawn, page by page; no PDF is made of it."""
    pages: list[str] = []

    def keep(svg: str) -> bytes:
        pages.append(svg)
        return b"%PDF"

    monkeypatch.setattr(sheet.vl_convert, "svg_to_pdf", keep)
    return pages


def written(version: Path, database: str, out: Path, **more: Any) -> list[Path]:
    manifest = json.loads((version / "manifest.json").read_text())
    return sheet.write(version / database, out, MONTH, manifest["version"], manifest["deliveries"], **more)


def after(page: str, words: str) -> str:
    """The first cell after the words of a row."""
    texts = [html.unescape(text) for text in re.findall(r">([^<>]+)</text>", page)]
    return texts[texts.index(words) + 1]


@pytest.mark.parametrize("database", ["public.duckdb", "restricted.duckdb"])
def test_the_figures_of_a_sheet_are_those_of_its_file(
    database: str, warehouse: Warehouse, drawn: list[str], tmp_path: Path
) -> None:
    files = written(warehouse.version, database, tmp_path)
    with duckdb.connect(str(warehouse.version / database), read_only=True) as engine:
        exact = {code: values for code, *values in engine.execute(FIGURES, {"month": MONTH}).fetchall()}

    assert [path.name for path in files] == [f"{code}-2026-10.pdf" for code in sorted(exact)]
    withheld = 0
    for path, page in zip(files, drawn, strict=True):
        for words, value in zip(WORDS, exact[path.name[:5]], strict=True):
            shown = after(page, words)
            withheld += shown == "không công bố"
            if value is None:
                assert shown in ("không công bố", "không có số liệu")
            else:
                assert float(shown.replace(".", "").replace(",", ".")) == pytest.approx(float(value), abs=0.005)
    assert (withheld > 0) == (database == "public.duckdb")


def test_a_sheet_says_whether_it_is_restricted_and_whether_people_are_simulated(
    warehouse: Warehouse, drawn: list[str], tmp_path: Path
) -> None:
    written(warehouse.version, "restricted.duckdb", tmp_path, commune="31120", simulated=True)
    written(warehouse.version, "public.duckdb", tmp_path, commune="31120")

    assert sheet.RESTRICTED in drawn[0]
    assert sheet.SIMULATED in drawn[0]
    assert sheet.RESTRICTED not in drawn[1]
    assert sheet.SIMULATED not in drawn[1]


def test_neighbours_share_an_outline_and_are_each_others() -> None:
    near = sheet.neighbours()

    assert len(near) == 103
    assert all(code in near[other] for code, others in near.items() for other in others)
    # Ninh Kieu and Tan An, two wards of the centre; Ninh Kieu and Vinh Chau lie at opposite ends.
    assert "31147" in near["31135"]
    assert "31783" not in near["31135"]


def test_the_command_writes_a_pdf_and_names_months_and_communes_that_are_none(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    done = warehouse.cantho("sheet", "--month", "2026-10", "--commune", "31120", "--out", str(tmp_path))
    wrong = [
        warehouse.cantho("sheet", "--month", month, "--commune", commune, "--out", str(tmp_path))
        for month, commune in (("2031-10", "31120"), ("2026-10", "99999"))
    ]

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "31120-2026-10.pdf").read_bytes().startswith(b"%PDF")
    assert [(said.returncode, "There is no" in said.stderr) for said in wrong] == [(2, True), (2, True)]
