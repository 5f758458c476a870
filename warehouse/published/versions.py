"""Published versions side by side: what changed between two and why, figures across vintages, and how long they stay.

Reads what `writer` wrote and never changes a version; `prune` takes whole ones away, by the rule in
`versions.toml`. Not here: how a version is made, and the retention of originals (`retention`).
"""

import json
import tomllib
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from sources import offline
from warehouse.published import closing, issues, store, user_sql
from warehouse.zones.files import write_atomically
from warehouse.zones.home import OPEN_FILE, Home, remove
from warehouse.zones.register import ACCEPTED, Entry, Register

RULES = Path(__file__).with_name("versions.toml")
# The figures a diff names one by one; of the other marts it says how many rows changed.
HEADLINE = "area_poverty"
GRAIN = ("period_month", "area_level", "area_code", "standard_id", "basis")


@dataclass(frozen=True)
class Diff:
    """What a later version has that an earlier one had not.

    `causes` are the deliveries that came or went, and changed code; `months` those that only one of them has, of which
    nothing more is said; `tables` the number of rows changed by mart and month; `figures` the counts and rates of the
    city and its communes, or of the area asked for, that differ, before and after.
    """

    causes: list[dict[str, Any]]
    months: list[dict[str, Any]]
    tables: list[dict[str, Any]]
    figures: list[dict[str, Any]]


def diff(
    home: Home,
    before: str,
    after: str,
    database: str = store.PUBLIC,
    month: date | None = None,
    area: str | None = None,
) -> Diff:
    """Compare two versions, or what they say of a month or of an area code. Raises `UnknownVersion`.

    Of public files the causes are those of their issues.
    """
    folders = {"before": store.folder(home, before), "after": store.folder(home, after)}
    rests_on = [store.manifest(home, version) for version in (before, after)]
    if database == store.PUBLIC:
        rests_on = [asdict(issues.carried_by(manifest)) for manifest in rests_on]
        if gone := [issue["version"] for issue in rests_on if issue["withdraws"]]:
            raise store.UnknownVersion(f"{gone[0]} has a notice in place of public figures: they were withdrawn.")
    causes = _causes(home, *rests_on)
    with offline.connect() as engine:
        for side, folder in folders.items():
            engine.execute(f"ATTACH '{folder / database}' AS {side} (READ_ONLY)")
        engine.execute(
            "create temp table compared as select period_month from before.marts.dim_period inner join "
            "after.marts.dim_period using (period_month) where period_month = coalesce($month, period_month)",
            {"month": month},
        )
        return Diff(causes, _months_of_one(engine), _tables(engine, area), _figures(engine, area))


def _causes(home: Home, before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, Any]]:
    entries = Register.open(home).entries("status = ?", (ACCEPTED,))
    entries_by_content = {entry.content: entry for entry in entries}
    old, new = before["deliveries"], after["deliveries"]
    causes = [
        {
            "cause": cause,
            "delivery": name,
            "file": f"{entries_by_content[name].feed}/{entries_by_content[name].file}"
            if name in entries_by_content
            else None,
            "month": entries_by_content[name].month if name in entries_by_content else None,
            "replaces": _replaced(entries_by_content[name], entries, set(old))
            if cause == "delivery came" and name in entries_by_content
            else None,
        }
        # In the order in which deliveries count.
        for cause, names, others in (("delivery came", new, set(old)), ("delivery went", old, set(new)))
        for name in names
        if name not in others
    ]
    if before["code"] != after["code"]:
        causes.append({"cause": f"models or seeds changed: {before['code']} to {after['code']}"})
    return causes


def _replaced(entry: Entry, entries: list[Entry], old: set[str]) -> str | None:
    """The delivery of the earlier version that spoke for the same feed, month and commune; a supplement adds to it."""
    same = [
        candidate
        for candidate in entries
        if (candidate.feed, candidate.month, candidate.commune) == (entry.feed, entry.month, entry.commune)
        and candidate.content in old
    ]
    return f"{same[-1].feed}/{same[-1].file}" if same and not entry.supplement else None


def _months_of_one(engine: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    return offline.rows(
        engine,
        """
        select strftime(period_month, '%Y-%m') as month, if(before.period_month is null, 'came', 'went') as change
        from before.marts.dim_period as before full join after.marts.dim_period as after using (period_month)
        where before.period_month is null or after.period_month is null order by month
        """,
    )


def _tables(engine: duckdb.DuckDBPyConnection, area: str | None) -> list[dict[str, Any]]:
    names = engine.execute(
        "select table_name from duckdb_columns() where schema_name = 'marts' and column_name = 'period_month' "
        "and database_name in ('before', 'after') group by 1 having count(*) = 2 order by 1"
    ).fetchall()
    differences = []
    for (name,) in names:
        # Other code may have added a column, or have them in another order.
        shared = [
            column
            for (column,) in engine.execute(
                "select column_name from duckdb_columns() where schema_name = 'marts' and table_name = ? "
                "and database_name in ('before', 'after') group by 1 having count(*) = 2 order by 1",
                [name],
            ).fetchall()
        ]
        place = next((column for column in ("area_code", "commune_code") if column in shared), None)
        if area and not place:
            continue
        columns = ", ".join(shared)
        asked = "period_month in (from compared)" + (f" and {place} = $area" if area else "")
        changed = engine.execute(
            f"""
            with
            before as (select {columns} from before.marts.{name} where {asked}),
            after as (select {columns} from after.marts.{name} where {asked}),
            gone as (from before except all from after),
            came as (from after except all from before)
            select period_month, count(*) filter (where side = 'gone'), count(*) filter (where side = 'came')
            from (
                select period_month, 'gone' as side from gone union all select period_month, 'came' as side from came
            )
            group by period_month order by period_month
            """,
            {"area": area} if area else {},
        ).fetchall()
        differences += [
            {"table": name, "month": f"{month:%Y-%m}", "rows_gone": gone, "rows_new": came}
            for month, gone, came in changed
        ]
    return differences


def _figures(engine: duckdb.DuckDBPyConnection, area: str | None) -> list[dict[str, Any]]:
    numbers = [
        column
        for (column,) in engine.execute(
            "select column_name from duckdb_columns() where database_name = 'after' and schema_name = 'marts' "
            "and table_name = ? and data_type in ('BIGINT', 'HUGEINT', 'DOUBLE')",
            [HEADLINE],
        ).fetchall()
    ]
    # Marts of both sides as one number a row; what is null (unknown, or protected) is a value to compare too.
    long = """
        select * from (
            select {grain}, {columns} from {side}.marts.{mart}
            where period_month in (from compared) and {where}
        ) unpivot include nulls (amount for figure in ({names}))
    """
    sides = {
        side: long.format(
            grain=", ".join(GRAIN),
            columns=", ".join(f"{column}::double as {column}" for column in numbers),
            side=side,
            mart=HEADLINE,
            names=", ".join(numbers),
            where="area_code = $area" if area else "area_level in ('city', 'commune')",
        )
        for side in ("before", "after")
    }
    return offline.rows(
        engine,
        f"""
        with earlier as ({sides["before"]}), later as ({sides["after"]})
        select {", ".join(GRAIN)}, figure, earlier.amount as before, later.amount as after
        from earlier full join later using ({", ".join(GRAIN)}, figure)
        where earlier.amount is distinct from later.amount
        order by area_level, {", ".join(GRAIN)}, figure
        """,
        {"area": area} if area else {},
    )


@contextmanager
def across(home: Home, database: str = store.PUBLIC) -> Generator[user_sql.Ask]:
    """A function that answers queries (`user_sql`) over all published versions, each attached by its name.

    Schema `vintages` has each mart over all versions, with `version` and `published_at` before its columns: what was
    known when. A column that a version lacks is null.
    """
    gone = store.withdrawn(home) if database == store.PUBLIC else set()
    published = {
        published_manifest["version"]: published_manifest
        for published_manifest in store.versions(home)
        if published_manifest["version"] not in gone
    }
    databases = {name: store.folder(home, name) / database for name in published}
    month_files = {file for name in published for file in store.month_files(home, name, database)}

    def prepare(engine: duckdb.DuckDBPyConnection) -> None:
        marts: dict[str, list[str]] = {}
        for name, mart in engine.execute(
            "select database_name, table_name from duckdb_tables() where schema_name = 'marts' order by all"
        ).fetchall():
            stamped = f"select '{name}' as version, timestamptz '{published[name]['published_at']}' as published_at, *"
            marts.setdefault(mart, []).append(f"{stamped} from {name}.marts.{mart}")
        engine.execute("create schema vintages")
        for mart, selects in marts.items():
            engine.execute(f"create view vintages.{mart} as {' union all by name '.join(selects)}")

    with user_sql.opened(databases, month_files, prepare) as ask:
        yield ask


def pin(home: Home, version: str, reason: str | None) -> None:
    """Keep a version whatever its age, because it is cited or in use; None lets it go again. Signed ones stay."""
    store.folder(home, version)
    pins = pinned(home) | {version: reason or ""}
    kept = {name: why for name, why in pins.items() if why}
    write_atomically(_pins(home), json.dumps(kept, ensure_ascii=False, indent=1).encode(), OPEN_FILE)


def pinned(home: Home) -> dict[str, str]:
    """Reasons of the pinned versions, by their names."""
    path = _pins(home)
    return json.loads(path.read_text()) if path.exists() else {}


def _pins(home: Home) -> Path:
    return home.published / "pins.json"


def past_keeping(home: Home, day: date) -> list[str]:
    """Names of the versions that the rule of `day` no longer keeps, oldest first."""
    rules = tomllib.loads(RULES.read_text(encoding="utf-8"))["rule"]
    rule = max((row for row in rules if row["valid_from"] <= day), key=lambda row: row["valid_from"])
    published = store.versions(home)
    days = {manifest["version"]: datetime.fromisoformat(manifest["published_at"]).date() for manifest in published}
    last_of_month = {f"{when:%Y-%m}": name for name, when in days.items()} if rule["keep_last_of_month"] else {}
    signed = {sign_off.version for sign_off in closing.sign_offs(home)}
    kept = {store.current(home), *pinned(home), *signed, *last_of_month.values()}
    since = day - timedelta(days=rule["keep_days"])
    return [name for name, when in days.items() if name not in kept and when < since]


def prune(home: Home, day: date) -> list[str]:
    """Take away the versions that are kept no longer, and files of facts that no version left names.

    The caller holds `home.writing()`: a version under way names files that no manifest has yet.
    """
    gone = past_keeping(home, day)
    for name in gone:
        # Gone by one rename; what is left of it after a crash has no name that a version has.
        aside = home.published / f".gone-{name}"
        (home.published / name).rename(aside)
    for aside in home.published.glob(".gone-*"):
        remove(aside)
    named = set(_named_files(store.versions(home)))
    for path in (home.published / "facts").glob("*/*.parquet"):
        if str(path.relative_to(home.published)) not in named:
            path.unlink()
    return gone


def _named_files(manifests: Iterable[dict[str, Any]]) -> Iterable[str]:
    return (file for version in manifests for months in version["facts"].values() for file in months.values())
