"""What Splink links of a month's rows, to compare with the links of the warehouse: a judge, and no part of it.

    python -m tests.linkage_by_splink HOME TRUTH --month 2026-10

Splink scores pairs of rows by all they have: number, name, birth, sex, commune. It learns its weights from the month
itself. Recall and precision are those of `linkage`, over the same pairs of a month, for each threshold of the score.
The vault is opened, so the home has to be one of simulated people.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from splink import Linker, SettingsCreator, block_on
from splink import comparison_library as compare
from splink.backends.duckdb import DuckDBAPI

from sources.contracts.feeds import Feed, discover
from sources.text import fold
from tests.linkage import PLAIN
from warehouse.zones import home_key, sealed
from warehouse.zones.home import Home
from warehouse.zones.identity import PERSON_KEY
from warehouse.zones.lake import raw_schema

THRESHOLDS = (0.9, 0.99)
SETTINGS = SettingsCreator(
    link_type="link_only",
    comparisons=[
        compare.DamerauLevenshteinAtThresholds("number", [1, 2]),
        compare.JaroWinklerAtThresholds("name", [0.95, 0.88]).configure(term_frequency_adjustments=True),
        compare.DamerauLevenshteinAtThresholds("birth", [1, 2]),
        compare.ExactMatch("birth_year"),
        compare.ExactMatch("sex"),
        compare.ExactMatch("commune").configure(term_frequency_adjustments=True),
    ],
    blocking_rules_to_generate_predictions=[
        block_on("number"), block_on("name", "birth_year"), block_on("birth", "sex", "commune"),
    ],
    additional_columns_to_retain=["person_id"],
)  # fmt: skip
# Each row of a feed with the person whom the simulator meant.
RECORDS = f"""
    create table record as
    select row_number() over (order by row.feed, row.row_key) as unique_id, row.*, truth.person_id
    from row inner join truth
        on row.feed = truth.feed
            and {PLAIN.replace("row_key", "row.row_key")} = {PLAIN.replace("row_key", "truth.row_key")}
"""
# A pair counts once, whatever the number of rows in which a feed names the person.
MEASURED = """
    with of_feed as (select distinct feed, person_id from record),
    meant as (
        select one.feed, other.feed as other_feed, count(*) as pairs
        from of_feed as one inner join of_feed as other on one.feed < other.feed and one.person_id = other.person_id
        group by all
    ),
    found as (
        select distinct
            least(source_dataset_l, source_dataset_r) as feed,
            greatest(source_dataset_l, source_dataset_r) as other_feed,
            least(person_id_l, person_id_r) as one, greatest(person_id_l, person_id_r) as other
        from link where match_probability >= $threshold
    )
    select
        coalesce(feed, 'all'), coalesce(other_feed, 'all'), sum(pairs), sum(links), sum(false_links)
    from meant left join (
        select feed, other_feed, count(*) as links, count(*) filter (where one <> other) as false_links
        from found group by all
    ) using (feed, other_feed)
    group by grouping sets ((feed, other_feed), ()) order by 1, 2
"""


def records(home: Home, month: str) -> Iterator[pa.Table]:
    """Rows of persons of a month, by delivery: feed, key of the contract as one text, and what tells who it is."""
    keyring = home_key.matching(home, None, next(home.vault.rglob(f"*{sealed.SUFFIX}")))
    for feed in discover().values():
        if PERSON_KEY in raw_schema(feed).names:
            for path in sorted((home.lake / "raw" / feed.table / f"month={month}").glob("*.parquet")):
                vault = next((home.vault / feed.table / f"month={month}").glob(f"{path.stem}*{sealed.SUFFIX}"))
                personal = pq.read_table(pa.BufferReader(sealed.unseal(vault, keyring)))
                yield _recorded(feed, pq.read_table(path, partitioning=None), personal)


def _recorded(feed: Feed, raw: pa.Table, personal: pa.Table) -> pa.Table:
    def texts(*kinds: str) -> pa.Array:
        """The first column of a kind or name, of either part; null where the feed has none."""
        for column in feed.columns:
            if column.kind in kinds or column.name in kinds:
                of_part = raw if column.name in raw.column_names else personal
                return of_part[column.name].cast(pa.string()).combine_chunks()
        return pa.nulls(raw.num_rows, pa.string())

    names = texts("full_name", "member_name", "head_name", "customer_name")
    numbers = pc.replace_substring_regex(texts("personal_number"), "[^0-9]", "")
    births = texts("date_or_year")
    keys = [texts(name) for name in feed.key]
    keys = [pc.fill_null(key, "") for key in keys]
    return pa.table(
        {
            "feed": pa.repeat(feed.name, raw.num_rows),
            "row_key": pc.binary_join_element_wise(*keys, "|") if len(keys) > 1 else keys[0],
            "number": pc.if_else(pc.equal(pc.utf8_length(numbers), 12), numbers, None),
            "name": pa.array([name and fold(name) for name in names.to_pylist()], pa.string()),
            "birth": pc.if_else(pc.equal(pc.utf8_length(births), 10), births, None),
            "birth_year": pc.utf8_slice_codeunits(births, 0, 4),
            "sex": texts("sex"),
            "commune": raw["commune_code"].combine_chunks(),
        }
    )


def linked(engine: duckdb.DuckDBPyConnection) -> None:
    """Table `link` of table `record`: pairs of records of two feeds, with the probability that they are one person."""
    api = DuckDBAPI(connection=engine)
    feeds = [feed for (feed,) in engine.execute("select distinct feed from record order by feed").fetchall()]
    tables = [
        api.register(engine.table("record").filter(f"feed = '{feed}'").to_arrow_table(), dataset_display_name=feed)
        for feed in feeds
    ]
    linker = Linker(tables, SETTINGS, log_level=40)
    linker.training.estimate_probability_two_random_records_match([block_on("number")], recall=0.9)
    linker.training.estimate_u_using_random_sampling(max_pairs=5e6, seed=7)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("number"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("name", "birth_year"))
    predicted = linker.inference.predict(threshold_match_probability=min(THRESHOLDS))
    engine.execute(f"create table link as from {predicted.physical_name}")


def main() -> None:
    say = sys.stdout.write
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("truth", type=Path)
    parser.add_argument("--month", required=True)
    given = parser.parse_args()
    with duckdb.connect() as engine:
        engine.register("row", pa.concat_tables(records(Home(given.home), given.month)))
        engine.execute(
            f"create view truth as from '{given.truth}/person_truth.parquet' where period_month = '{given.month}-01'"
        )
        engine.execute(RECORDS)
        linked(engine)
        for threshold in THRESHOLDS:
            say(f"from {threshold}: feed | other feed | pairs | recall | links | false links | precision\n")
            rows = engine.execute(MEASURED, {"threshold": threshold}).fetchall()
            for feed, other, pairs, links, false in rows:
                recall, precision = (links - false) / pairs, 1 - false / max(links, 1)
                say(f"{feed} | {other} | {pairs:,} | {recall:.4f} | {links:,} | {false:,} | {precision:.5f}\n")


if __name__ == "__main__":
    main()
