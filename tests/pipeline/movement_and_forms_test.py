"""The movement of the recognised households and the report pack: identities that hold, and that notice when broken."""

import itertools
from datetime import date
from pathlib import Path

import pytest
from pipeline.conftest import Copy, Warehouse
from python_calamine import CalamineWorkbook

from warehouse.published import report_pack

FORMS = "the_official_forms_agree_within_and_between_each_other"
FLOWS = "the_flows_of_a_month_lead_from_its_opening_to_its_closing"
CONTINUITY = "a_month_opens_with_the_closing_of_the_month_before"
RESULT = "the_closing_of_a_month_is_what_its_lists_recognise"
ARRIVAL = "what_leaves_one_class_for_the_other_arrives_there"


@pytest.mark.parametrize("test", [FORMS, FLOWS, CONTINUITY, RESULT, ARRIVAL])
def test_the_identities_hold_in_what_is_published(copy: Copy, test: str) -> None:
    assert copy.found(test) == 0


@pytest.mark.parametrize(
    ("column", "test"),
    [
        *itertools.product(
            ["opening", "moved_to_other_class", "rose_above", "other_decrease", "came_from_other_class", "relapsed",
             "newly_arising", "other_increase", "closing"],
            [FLOWS],
        ),
        ("opening", CONTINUITY), ("closing", CONTINUITY), ("closing", RESULT),
        ("moved_to_other_class", ARRIVAL), ("came_from_other_class", ARRIVAL),
    ],
)  # fmt: skip
def test_a_wrong_flow_breaks_its_identity(copy: Copy, column: str, test: str) -> None:
    assert copy.found_when("area_movement", column, test) > 0


@pytest.mark.parametrize(
    ("form", "column"),
    [
        (1, "poor_households"), (1, "near_poor_persons"), (2, "closing"), (2, "relapsed"), (3, "moved_to_other_class"),
        (4, "deprivations"), (4, "indicator_07"), (4, "unknown_answers"),
        (6, "without_review"), (5, "indicator_07_pct"), (6, "households"), (6, "indicator_12"),
        (7, "indicator_01_pct"), (8, "poor_total"), (8, "near_poor_minority"), (8, "near_poor_counted_again"),
        (9, "poor_total"), (9, "near_poor_ethnic_01"), (10, "near_poor_total"), (10, "near_poor_cause_unknown"),
        (11, "near_poor_uninsured_children"), (12, "closing_households"), (12, "rate_pct"),
        (13, "opening_households"), (13, "closing_minority_households"),
    ],
)  # fmt: skip
def test_a_wrong_figure_on_an_official_form_breaks_an_identity(copy: Copy, form: int, column: str) -> None:
    assert copy.found_when(f"official_report_{form}", column, FORMS) > 0


@pytest.mark.definition("F3")
def test_the_first_opening_is_the_first_closing_and_all_boundaries_move_alike(warehouse: Warehouse) -> None:
    first = warehouse.restricted(
        "select count(*), count_if(opening = closing and rose_above = 0) from marts.area_movement "
        "where period_month = (select min(period_month) from marts.area_movement)"
    )[0]
    levels = warehouse.restricted(
        """
        select period_month, class, unit, count(distinct (opening, rose_above, newly_arising, closing)) from (
            select period_month, class, unit, area_level, sum(opening) as opening, sum(rose_above) as rose_above,
                sum(newly_arising) as newly_arising, sum(closing) as closing
            from marts.area_movement group by all
        ) group by all having count(distinct (opening, rose_above, newly_arising, closing)) > 1
        """
    )

    assert first[0] == first[1]
    assert levels == []


@pytest.mark.definition("F1")
def test_the_difference_of_states_decides_the_flow_and_a_contrary_declaration_is_reported(warehouse: Warehouse) -> None:
    wrong = warehouse.restricted(
        """
        select event.* from facts.movement_event as event
        inner join facts.household_deprivation as now using (period_month, household_key)
        left join facts.household_deprivation as before
            on before.household_key = event.previous_key and before.standard_id = now.standard_id
            and before.period_month = event.period_month - interval 1 month
        where now.standard_id = 'S2022'
            and event.period_month > (select min(period_month) from marts.dim_period) and (
            event.to_class is distinct from now.legal_class
            or event.from_class is distinct from before.legal_class
            or (event.flow = 'rose_above' and now.legal_class <> 'none')
            or (event.flow in ('relapsed', 'newly_arising') and now.legal_class not in ('poor', 'near_poor'))
            or (event.declared_movement = 'relapsed' and event.flow <> 'relapsed' and not event.is_conflict)
        )
        """
    )

    assert wrong == []


def test_the_report_pack_is_a_workbook_of_thirteen_forms_with_vietnamese_headers(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    out = tmp_path / "pack.xlsx"

    said = warehouse.cantho("pack", "--month", "2026-10", "--out", str(out), "--restricted")
    book = CalamineWorkbook.from_path(str(out))
    first = book.get_sheet_by_name("Biểu 1").to_python()
    city = warehouse.restricted(
        "select poor_households from marts.area_poverty where area_level = 'city' and basis = 'legal' "
        "and period_month = date '2026-10-01'"
    )[0][0]

    assert said.returncode == 0
    assert book.sheet_names == [f"Biểu {number}" for number in range(1, 14)]
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in first[0]
    assert str(first[2][0]).startswith("Biểu số 1: Kết quả rà soát hộ nghèo")
    assert {"NGƯỜI LẬP BIỂU", "THỦ TRƯỞNG ĐƠN VỊ"} <= set(first[-2])
    assert len([row for row in first if str(row[1]).isdigit() and len(str(row[1])) == 5]) == 103
    assert [row[5] for row in first if row[2] == "Toàn thành phố"] == [city]
    assert warehouse.cantho("pack", "--month", "2031-10", "--out", str(out)).returncode == 2


def test_the_city_s_row_of_the_public_pack_is_what_is_public_of_the_city(warehouse: Warehouse, tmp_path: Path) -> None:
    out = tmp_path / "pack.xlsx"

    said = warehouse.cantho("pack", "--month", "2026-10", "--out", str(out))
    first = CalamineWorkbook.from_path(str(out)).get_sheet_by_name("Biểu 1").to_python()
    second = CalamineWorkbook.from_path(str(out)).get_sheet_by_name("Biểu 2").to_python()
    ((*city,),) = warehouse.public(
        "select households, persons, poor_households, poor_rate_pct, near_poor_households, near_poor_rate_pct, "
        "poor_persons, near_poor_persons from marts.area_poverty where area_level = 'city' and basis = 'legal' "
        "and period_month = date '2026-10-01'"
    )
    closing = warehouse.public(
        "select closing from marts.area_movement where area_level = 'city' and class = 'poor' "
        "and period_month = date '2026-10-01' order by unit"
    )
    (row,) = [row for row in first if row[2] == "Toàn thành phố"]

    assert said.returncode == 0
    assert isinstance(city[0], int)
    assert [*row[3:9], row[11], row[13]] == pytest.approx([_shown(value) for value in city])
    assert [row[12] for row in second if row[2] == "Toàn thành phố"] == [_shown(count) for (count,) in closing]
    assert "…" in [row[5] for row in first]


def _shown(value: float | None) -> float | str:
    """As the pack writes it: withheld of a city as small as this, it is not what communes add up to."""
    return "…" if value is None else value


def test_what_the_city_s_marts_say_of_a_form_is_the_sum_of_its_communes(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In exact figures both ways to the city's row lead to the same, so that each column is taken from its own."""
    restricted = warehouse.version / "restricted.duckdb"
    packs = []
    for name in ("own", "summed"):
        report_pack.write(restricted, restricted, date(2026, 10, 1), tmp_path / name)
        monkeypatch.setattr(report_pack, "_city", lambda *_: {})
        book = CalamineWorkbook.from_path(str(tmp_path / name))
        packs.append(
            [
                value
                for sheet in book.sheet_names
                for row in book.get_sheet_by_name(sheet).to_python()
                if row[2] == "Toàn thành phố"
                for value in row[3:]
            ]
        )
    own, summed = packs

    assert len(own) == len(summed)
    assert [one for one, other in zip(own, summed, strict=True) if one != other and one != pytest.approx(other)] == []
