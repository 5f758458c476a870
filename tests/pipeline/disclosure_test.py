"""What the public figures withhold cannot be worked out from them; and whoever tries could, were they less careful."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
from attack import ROUND_TO, SUPPRESS_BELOW, attack, both_tables, columns_of, learn, public_tables, weaken
from declared import measures
from pipeline.conftest import Warehouse
from rendering import render

from warehouse.build.project import PROJECT, environment
from warehouse.zones.home import Home

MONTH = "2026-10-01"


def test_an_attacker_recovers_no_withheld_count(warehouse: Warehouse) -> None:
    known = learn(warehouse.version / "public.duckdb", warehouse.version / "restricted.duckdb", [MONTH])

    found = list(attack(known, sample=3, of_each_table=6))

    assert len(known.withheld) > 1000
    assert found == []


def test_the_same_attacker_recovers_counts_that_are_withheld_each_for_itself(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    plain = tmp_path / "plain.duckdb"
    weaken(warehouse.version / "public.duckdb", warehouse.version / "restricted.duckdb", plain)

    found = next(attack(learn(plain, warehouse.version / "restricted.duckdb", [MONTH], plain=True), sample=3))

    assert found.low <= found.truth <= found.high


def test_the_poor_of_one_group_do_not_tell_how_few_others_are_under_review(warehouse: Warehouse) -> None:
    keys = "period_month, area_level, area_code, standard_id, unit, weights, k, group_kind"
    with duckdb.connect() as engine:
        for name in ("public", "restricted"):
            engine.execute(f"attach '{warehouse.version / name}.duckdb' as {name} (read_only)")
        shown = {
            count: engine.execute(f"""
                with of_group as (
                    select *, sum(units) over of_area as whole, sum(units - {count}) over of_area + {count} as room
                    from restricted.marts.area_mpi_group
                    window of_area as (partition by {keys})
                ),
                told as (
                    select distinct {keys} from of_group
                    where units > 0 and room < {SUPPRESS_BELOW} and whole >= {SUPPRESS_BELOW}
                )
                select count(*), count(public.{count})
                from told inner join public.marts.area_mpi_group as public using ({keys})
            """).fetchall()
            for count in ("poor_units", "poor_units_max")
        }

    for ((groups, not_withheld),) in shown.values():
        assert groups > 0
        assert not_withheld == 0


# Measures made of figures that are public anyway.
OF_OPEN_FIGURES = {"target_rate_pct", "average_farm_rate_pct", "average_farm_persons_pct"}


def points_at_few(public: Path, restricted: Path) -> list[tuple[str, str]]:
    """(table, column) where a row shows a count that is small or not rounded to the rule, or a measure of such."""
    found = []
    with duckdb.connect() as engine:
        engine.execute(f"attach '{public}' as public (read_only)")
        engine.execute(f"attach '{restricted}' as exact (read_only)")
        for table in public_tables():
            keys, counts = columns_of(engine, table)
            wrong = {
                count: f"p.{count} % {ROUND_TO} <> 0 or p.{count} between 1 and {SUPPRESS_BELOW - 1} "
                f"or abs(p.{count} - e.{count}) > {ROUND_TO // 2} or e.{count} between 1 and {SUPPRESS_BELOW - 1} "
                f"and p.{count} is not null or p.{count} is null and e.{count} is not null "
                f"and not contains(p.protected_columns, '{count}')"
                for count in counts
            }
            for name, kind, *_ in engine.execute(f"describe public.marts.{table.name}").fetchall():
                if (kind == "DOUBLE" or name.endswith("_vnd")) and name not in OF_OPEN_FIGURES:
                    is_unknown = " or ".join(f"p.{count} is null" for count in measures()[name])
                    wrong[name] = f"p.{name} is not null and ({is_unknown})"
            tested = ", ".join(f"count_if({condition})" for condition in wrong.values())
            (times,) = engine.execute(f"select {tested} from {both_tables(table, keys)}").fetchall()
            found += [(table.name, column) for column, often in zip(wrong, times, strict=True) if often]
    return found


def test_no_row_of_a_public_table_points_at_few(warehouse: Warehouse, tmp_path: Path) -> None:
    restricted = warehouse.version / "restricted.duckdb"
    careless = tmp_path / "public.duckdb"
    shutil.copy(warehouse.version / "public.duckdb", careless)
    careless.chmod(0o600)
    with duckdb.connect(str(careless)) as engine:
        engine.execute("update marts.area_cards set cards_valid = 3 where area_level = 'commune'")
        engine.execute("update marts.area_mpi set intensity = 0.5")

    assert points_at_few(warehouse.version / "public.duckdb", restricted) == []
    assert points_at_few(careless, restricted) == [("area_mpi", "intensity"), ("area_cards", "cards_valid")]


def test_a_share_of_what_is_withheld_is_withheld_and_not_nothing(warehouse: Warehouse) -> None:
    """Coverage needs the undetermined, the share of a group needs all groups."""
    coverage = warehouse.public(
        """
        select count(*) from marts.area_poverty
        where undetermined_households is null and reviewed_households > 0
            and (coverage_pct is not null or not contains(protected_columns, 'coverage_pct'))
        """
    )
    shares = warehouse.public(
        """
        select period_month, area_code, group_kind from marts.area_mpi_group
        group by period_month, area_level, area_code, standard_id, unit, weights, group_kind
        having bool_or(units is null) and count(population_share) > 0
        """
    )

    assert coverage == [(0,)]
    assert shares == []


def test_contributions_are_parts_of_a_whole_that_holds_what_is_withheld(warehouse: Warehouse) -> None:
    """Were large ones left out, or taken for small ones, all others would look larger than they are."""
    keys = "period_month, area_level, area_code, standard_id, unit, k"
    lacks = f"""
        select {keys}, count(poor_deprived_units) < count(*) as is_in_part,
            max(100 * poor_deprived_units / contribution_pct) as lacks
        from marts.area_indicator where area_level not in ('commune', 'commune_then')
        group by all having max(contribution_pct) > 0
    """

    ((compared, withheld, apart),) = warehouse.public(
        f"""
        select count(*), count_if(is_in_part), max(abs(lacks - 12 * intensity * poor_units)) filter (where is_in_part)
        from ({lacks}) inner join marts.area_mpi using ({keys}) where weights = 'legal'
        """
    )
    assert 0 < withheld < compared
    assert apart < 0.001


def test_two_areas_show_when_their_communes_alone_nearly_come_to_what_is_left_of_the_city(tmp_path: Path) -> None:
    """51 in the city, 28 in one area: of the two others each has eleven communes with somebody."""
    judged = tmp_path / "judged.sql"
    judged.write_text("select {{ is_tight('city', '-2', 'others_least') }} from given")
    with duckdb.connect() as engine:
        engine.execute(
            "create table given as select 50 as city, 28 as parts_least, 32 as parts_most, 0 as small_parts, "
            "2 as other_parts, 8 as suppress_below, unnest([22, 12]) as others_least"
        )

        assert engine.execute(render(judged)).fetchall() == [(True,), (False,)]


def test_counts_that_bound_each_other_go_together(warehouse: Warehouse) -> None:
    """Who is poor, and who would be if all unknowns were lacks; the parts of what is undetermined, in all areas."""
    groups = """
        select count(*), count_if(poor_units is null), count_if((poor_units is null) <> (poor_units_max is null))
        from marts.area_mpi_group where group_code not in ('kinh', 'male', '16-59')
    """
    undetermined = """
        select period_month, standard_id from marts.area_cross
        where below_income_line is null or (below_income_line and three_or_more is null)
        group by all having count(reviewed_households) not in (0, count(*))
    """

    ((every, withheld, alone),) = warehouse.public(groups)
    assert 0 < withheld < every
    assert alone == 0
    assert warehouse.public(undetermined) == []


def test_a_row_that_is_withheld_and_shown_all_the_same_is_noticed(
    warehouse: Warehouse, copy_of: Callable[..., Warehouse]
) -> None:
    home = Home.open(copy_of(warehouse).home)
    test = [Path(sys.executable).with_name("dbt"), "test", "--select", "what_is_withheld_is_null_in_public"]

    def tested() -> int:
        with_project = [*test, "--project-dir", PROJECT]
        environ = os.environ | environment(home)
        return subprocess.run(with_project, env=environ, capture_output=True, check=False).returncode

    shown = tested()
    with duckdb.connect(str(home.warehouse)) as live:
        live.execute("update disclosure.disclosure_withheld set keys = keys || ' ' where rowid = 0")

    assert (shown, tested()) == (0, 1)
