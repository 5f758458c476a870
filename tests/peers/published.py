"""The same figures as the warehouse has published them."""

from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from warehouse.published import store
from warehouse.zones.home import Home

FIGURES = """
    with
    poverty as (
        from marts.area_poverty where standard_id = 'S2022' and area_level = 'commune' and period_month = $month
    ),
    computed as (
        unpivot (from poverty where basis = 'computed') on
            reviewed_households as reviewed, poor_households as poor, near_poor_households as near_poor,
            average_households as average, other_households as other, undetermined_households as undetermined
        into name figure value value
    ),
    legal as (
        unpivot (from poverty where basis = 'legal') on
            poor_households as legal_poor, near_poor_households as legal_near_poor
        into name figure value value
    ),
    programmes as (
        unpivot (from marts.area_programme where area_level = 'commune' and period_month = $month) on
            loans_open, loan_balance_vnd, houses_completed, house_support_vnd
        into name figure value value
    )
    select area_code as commune_code, figure, value from computed
    union all by name
    select area_code as commune_code, figure, value from legal
    union all by name
    select area_code as commune_code, figure, value from programmes
    union all by name
    select area_code as commune_code, indicator_code as figure, deprived_units as value
    from marts.area_indicator
    where standard_id = 'S2022' and area_level = 'commune' and period_month = $month and unit = 'household' and k = 3
    union all by name
    select area_code as commune_code, 'cards_valid' as figure, sum(cards_valid)::bigint as value
    from marts.area_cards where area_level = 'commune' and period_month = $month group by all
"""


def figures(home: Path, month: date) -> pa.Table:
    """Rows (commune_code, figure, value) of the current version of a home."""
    with duckdb.connect(store.folder(Home(home)) / store.RESTRICTED, read_only=True) as engine:
        return engine.execute(FIGURES, {"month": month}).to_arrow_table()
