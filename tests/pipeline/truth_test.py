"""What is published equals what the simulated people are, as far as the deliveries let anyone know."""

from collections import defaultdict
from fractions import Fraction

import pytest
from pipeline.conftest import Warehouse
from pipeline.truth import wrong_cells, wrong_classes


def test_every_cell_is_what_the_deliveries_allow_to_know(warehouse: Warehouse) -> None:
    cells, only_one_has, wrong = wrong_cells(warehouse)

    assert cells > 10_000
    assert (only_one_has, wrong) == (0, 0)


def test_unknown_occurs_and_is_never_read_as_not_deprived(warehouse: Warehouse) -> None:
    unknown = warehouse.restricted("select count(*) from facts.household_indicator where deprived is null")
    expected = warehouse.restricted("select count(*) from household_truth where expected is null")

    assert unknown == expected
    assert unknown[0][0] > 0


def test_every_class_follows_from_the_truth(warehouse: Warehouse) -> None:
    households, wrong = wrong_classes(warehouse)

    assert households > 1_000
    assert wrong == 0


@pytest.mark.definition("M1", "M4")
@pytest.mark.parametrize("unit", ["household", "person"])
def test_every_measure_of_every_cutoff_equals_exact_fractions(warehouse: Warehouse, unit: str) -> None:
    cells = warehouse.restricted(
        """
        select period_month, commune_code, standard_id, review_year, household_code, any_value(household_size),
            count(*) filter (where expected), count(*) filter (where expected is not false)
        from household_truth
        inner join facts.household_deprivation
            using (period_month, commune_code, review_year, household_code, standard_id)
        group by all
        """
    )
    groups: dict[tuple, list[tuple[int, int, int]]] = defaultdict(list)
    for month, commune, standard, _, _, size, known, possible in cells:
        weight = size if unit == "person" else 1
        groups[month, "city", "92", standard].append((weight, known, possible))
        groups[month, "commune", commune, standard].append((weight, known, possible))
    published = warehouse.restricted(
        f"""
        select period_month, area_level, area_code, standard_id, k, units, headcount_ratio, headcount_ratio_min,
            headcount_ratio_max, intensity, adjusted_headcount, adjusted_headcount_min, adjusted_headcount_max
        from marts.area_mpi
        where unit = '{unit}' and weights = 'legal' and area_level in ('city', 'commune') and units > 0
        """
    )
    assert len(published) == 12 * len(groups)

    for month, level, area, standard, k, units, *figures in published:
        rows = groups[month, level, area, standard]
        total = sum(weight for weight, _, _ in rows)
        poor = sum(weight for weight, known, _ in rows if known >= k)
        score = sum(weight * known for weight, known, _ in rows if known >= k)
        possible_poor = sum(weight for weight, _, possible in rows if possible >= k)
        possible_score = sum(weight * possible for weight, _, possible in rows if possible >= k)
        headcount, adjusted = Fraction(poor, total), Fraction(score, 12 * total)
        exact = [
            headcount, headcount, Fraction(possible_poor, total), Fraction(score, 12 * poor) if poor else None,
            adjusted, adjusted, Fraction(possible_score, 12 * total),
        ]  # fmt: skip
        assert units == total
        assert figures == [None if value is None else pytest.approx(float(value), abs=1e-12) for value in exact]
