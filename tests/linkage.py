"""Whether rows of two departments meet in one person key where they speak of one person, and only there.

Compares the person keys of a home with the simulator's truth, over all pairs of rows of a month that stand in two
feeds: `python -m tests.linkage HOME TRUTH` prints recall and precision by pair of feeds, and recall by fault. A row's
key is that of its number, or of the person whom `person_link` names.

Not here: households, and rows without a birth, which no model links by name.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sources.contracts.feeds import Feed, discover
from warehouse.zones import home_key, sealed
from warehouse.zones.home import Home
from warehouse.zones.identity import MATCH_KEY, PERSON_KEY
from warehouse.zones.lake import raw_schema

# Both texts of a key as letters and digits: departments write an apostrophe or blanks into numbers.
PLAIN = "regexp_replace(row_key, '[^0-9A-Za-z|]', '', 'g')"
# A pair counts once, whatever the number of rows in which a feed names the person.
SPOKEN = f"""
    select distinct
        truth.period_month, truth.feed, truth.person_id, coalesce(link.person_key, keyed.person_key) as person_key,
        coalesce(truth.faults, '') as faults
    from keyed
    left join live.staging.person_link as link
        on keyed.period_month = link.period_month and keyed.match_key = link.match_key
    inner join truth
        on keyed.period_month = truth.period_month and keyed.feed = truth.feed
            and {PLAIN.replace("row_key", "keyed.row_key")} = {PLAIN.replace("row_key", "truth.row_key")}
"""
# Both ways of being a pair, each an equal join; `union` leaves one of a pair that is both.
PAIRS = " union ".join(
    f"""
    select one.feed, other.feed as other_feed, one.person_id = other.person_id as is_one_person,
        one.person_key = other.person_key as is_linked, one.faults, other.faults as other_faults, one.period_month,
        one.person_id, other.person_id as other_person
    from spoken as one inner join spoken as other
        on one.period_month = other.period_month and one.feed < other.feed and one.{same} = other.{same}
    """
    for same in ("person_id", "person_key")
)


def keyed_rows(home: Home) -> Iterator[pa.Table]:
    """Accepted rows of each delivery: month, feed, key of the contract as one text, person key, match key."""
    keyring = home_key.matching(home, None, next(home.vault.rglob(f"*{sealed.SUFFIX}")))
    for feed in discover().values():
        if PERSON_KEY in raw_schema(feed).names:
            for path in sorted((home.lake / "raw" / feed.table).glob("month=*/*.parquet")):
                inside = path.relative_to(home.lake / "raw")
                vault = next((home.vault / inside.parent).glob(f"{path.stem}*{sealed.SUFFIX}"), None)
                if vault:
                    personal = pq.read_table(pa.BufferReader(sealed.unseal(vault, keyring)))
                    yield _keyed(feed, pq.read_table(path, partitioning=None), personal)


def _keyed(feed: Feed, raw: pa.Table, personal: pa.Table) -> pa.Table:
    columns = [(raw if name in raw.column_names else personal)[name].cast(pa.string()) for name in feed.key]
    texts = [pc.fill_null(column, "") for column in columns]
    row_key = pc.binary_join_element_wise(*texts, "|") if len(texts) > 1 else texts[0]
    return pa.table(
        {
            "period_month": raw["period_month"],
            "feed": pa.repeat(feed.name, raw.num_rows),
            "row_key": row_key,
            "person_key": raw[PERSON_KEY],
            "match_key": raw[MATCH_KEY] if MATCH_KEY in raw.column_names else pa.nulls(raw.num_rows, pa.string()),
        }
    )


def measured(home: Home, truth: Path) -> list[tuple[Any, ...]]:
    """Rows (feed, other feed, pairs of one person, linked of them, links, false links); all feeds as `all`."""
    with duckdb.connect() as engine:
        _learn(engine, home, truth)
        return engine.execute(
            """
            select coalesce(feed, 'all'), coalesce(other_feed, 'all'), count_if(is_one_person),
                count_if(is_one_person and is_linked), count_if(is_linked), count_if(is_linked and not is_one_person)
            from pair group by grouping sets ((feed, other_feed), ()) order by 1, 2
            """
        ).fetchall()


def by_fault(home: Home, truth: Path) -> list[tuple[Any, ...]]:
    """Rows (fault, pairs of one person in which a row has it, linked of them, false links in which one has it)."""
    with duckdb.connect() as engine:
        _learn(engine, home, truth)
        return engine.execute(
            """
            select fault, count_if(is_one_person), count_if(is_one_person and is_linked),
                count_if(is_linked and not is_one_person)
            from (
                select *, unnest(list_distinct(string_split(concat_ws('; ', faults, other_faults), '; '))) as fault
                from pair
            )
            group by fault order by fault
            """
        ).fetchall()


def _learn(engine: duckdb.DuckDBPyConnection, home: Home, truth: Path) -> None:
    engine.execute(f"attach '{home.warehouse}' as live (read_only)")
    engine.register("keyed_rows", pa.concat_tables(keyed_rows(home)))
    engine.execute("create table keyed as from keyed_rows")
    engine.execute(f"create view truth as from '{truth}/person_truth.parquet'")
    engine.execute(f"create table spoken as {SPOKEN}")
    engine.execute(f"create table pair as {PAIRS}")


def main() -> None:
    say = sys.stdout.write
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("truth", type=Path)
    given = parser.parse_args()
    home = Home(given.home)
    say("feed | other feed | pairs of one person | recall | links | false links | precision\n")
    for feed, other, pairs, linked, links, false in measured(home, given.truth):
        recall, precision = linked / max(pairs, 1), 1 - false / max(links, 1)
        say(f"{feed} | {other} | {pairs:,} | {recall:.4f} | {links:,} | {false:,} | {precision:.5f}\n")
    say("fault in either row | pairs of one person | recall | false links\n")
    for fault, pairs, linked, false in by_fault(home, given.truth):
        say(f"{fault or 'in either row none'} | {pairs:,} | {linked / max(pairs, 1):.4f} | {false:,}\n")


if __name__ == "__main__":
    main()
