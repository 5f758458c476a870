"""Published versions made: written aside from the live file, sealed, and made current; no file of one changes again.

A version is written next to the others, made read-only and named in `current.json` by one rename. Facts about
households are files by month, named by their rows and shared between versions. Public files are written at an issue and
carried by the versions after it (`issues`). Nothing is computed here: tables come from the live file as dbt left them.
"""

import functools
import hashlib
import json
import logging
import os
import re
import shutil
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from sources import offline
from sources.contracts.feeds import discover
from warehouse.published import issues, report, store
from warehouse.published.store import MANIFEST, PUBLIC, REPORTS, RESTRICTED, RESTRICTED_ROWS
from warehouse.zones import memory
from warehouse.zones.files import write_atomically
from warehouse.zones.home import OPEN_FILE, OPEN_FOLDER, SIMULATED, DamagedHome, Home, remove
from warehouse.zones.register import REFUSED, Register

log = logging.getLogger("cantho.publish")

# The live file under the name that dbt knows it by, the stem of its file.
LIVE = "warehouse"
# Facts with a row per household, person or loan and month: a file per month instead of a copy per version.
MONTHLY = "period_month"
NOTICE = "notice"
# Three quarters of the time that DuckDB's own level takes, and files of facts are no larger.
PARQUET = "COMPRESSION zstd, COMPRESSION_LEVEL 1"


@dataclass(frozen=True)
class Table:
    """A table of the live file, with what its comments say of it and of each column; `view` is the SQL of a view.

    `types` are the types of its columns.
    """

    schema: str
    name: str
    comment: str
    columns: dict[str, str]
    types: dict[str, str]
    view: str | None


@dataclass(frozen=True)
class Last:
    """The version before: its folder, its files of facts by table and month, its rows, and what was built since.

    `months` and `changed` tables (schema.name) are those that can differ from it, None for any table.
    """

    folder: Path
    facts: dict[str, dict[str, str]]
    rows: dict[str, int]
    months: list[date]
    changed: list[str] | None

    def has(self, table: Table) -> bool:
        """Whether a table stands there as it stands in the live file; of a view nobody says when it changed."""
        return self.changed is not None and not table.view and f"{table.schema}.{table.name}" not in self.changed


def set_aside_damaged(home: Home, prefix: str) -> list[Path]:
    """Rename versions without a whole manifest, and the pointer when it names none; returns what they are called now.

    The number of a version that is gone stays in the pointer's new name, so that no other one gets it.
    """
    whole = {version["version"] for version in store.versions(home, damaged_too=False)}
    renamed = {path: path.name for path in sorted(home.published.glob("v*")) if path.name not in whole}
    try:
        named = store.current(home)
    except DamagedHome:
        named = "current"
    if named not in {None, *whole}:
        renamed[store.pointer(home)] = f"{named}.json"
    return [path.rename(path.with_name(prefix + name)) for path, name in renamed.items()]


def publish(
    home: Home,
    deliveries: list[str],
    code: str,
    months: list[date] | None,
    changed: list[str] | None = None,
    reason: str | None = None,
) -> str:
    """Publish what stands in the live file as a new version and return its name; arguments as of `prepare`."""
    with offline.connect(settings=memory.settings(home)) as live:
        live.execute(f"ATTACH '{home.warehouse}' AS {LIVE} (READ_ONLY)")
        return flip(home, prepare(home, live, deliveries, code, months, changed, reason))


def prepare(
    home: Home,
    live: duckdb.DuckDBPyConnection,
    deliveries: list[str],
    code: str,
    months: list[date] | None,
    changed: list[str] | None = None,
    reason: str | None = None,
) -> str:
    """Write a version aside from the live file, which is open as `LIVE`, and return the name that `flip` gives it.

    `deliveries` are the ids that the build read, `code` the fingerprint of models and seeds, `months` those
    that the build rebuilt, None for all: files of facts for other months are taken over. `changed` are the
    tables (schema.name) in which something can differ from the current version, None for any. The public files are
    those of the last issue, unless the calendar asks for an issue, or somebody has a `reason` for one.
    """
    version, before = _next_name(home), store.current(home)
    log.info("Writing version %s", version)
    last = None
    earlier = store.manifest(home, before) if before else {}
    if before and months is not None and earlier.get("written_by") == _code():
        last = Last(store.folder(home, before), earlier["facts"], store.rows(home, before), months, changed)
    aside = _aside(home, version)
    # One that a run left behind when it broke off.
    remove(aside)
    aside.mkdir(mode=0o700)
    issue = _issue(version, earlier, deliveries, code, reason)
    register = Register.open(home)
    gate, refusals = register.by_month(), _refusals(register)
    # A version is written aside and at once: it needs no log to recover from.
    live.execute("SET checkpoint_threshold = '1KB'")
    with ThreadPoolExecutor(4) as beside:
        live.execute(f"USE {LIVE}")
        tables = _tables(live)
        standards = live.execute(
            "select standard_id, valid_from::varchar, valid_to::varchar from reference.standard order by valid_from"
        ).fetchall()

        facts = beside.submit(_export_facts, home, _beside(live), list(filter(_is_exported, tables)), last)
        # Most of both is many small statements, which leave all processors but one idle.
        public = beside.submit(
            _write_public, home, _beside(live), aside, tables, issue, earlier, _gate_for_everyone(gate)
        )
        if last:
            shutil.copyfile(last.folder / RESTRICTED, aside / RESTRICTED)
        shown = [table for table in tables if table.schema != "public"]
        restricted_rows = _database(_beside(live), aside / RESTRICTED, shown, facts, last)
        hashed = beside.submit(_sha256, aside / RESTRICTED)
        version_before = report.Before(before, earlier["published_at"][:10], earlier["deliveries"]) if before else None
        report.write(
            aside / RESTRICTED,
            aside / REPORTS[RESTRICTED],
            version,
            deliveries,
            gate,
            refusals,
            version_before,
            home.is_simulated,
        )
        public_rows = public.result()
    (aside / "dictionary.md").write_text(_dictionary(tables, _keys(live), home.is_simulated), encoding="utf-8")
    (aside / RESTRICTED_ROWS).write_text(json.dumps(restricted_rows, indent=1), encoding="utf-8")
    content = {
        "version": version,
        "published_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "follows": before,
        "code": code,
        "written_by": _code(),
        "deliveries": deliveries,
        "standards": [dict(zip(("standard_id", "valid_from", "valid_to"), row, strict=True)) for row in standards],
        "touched": None if months is None else [month.isoformat() for month in months],
        "rows": public_rows,
        "facts": facts.result(),
        "issue": asdict(issue),
        "simulated": home.is_simulated,
    }
    _seal(home, aside, content, {aside / RESTRICTED: hashed.result()})
    return version


def _next_name(home: Home) -> str:
    """A name that no version has or had, as far as the folder remembers: also of those that were set aside."""
    names = [path.name for path in home.published.iterdir() if not re.fullmatch(r"\.v\d{5}", path.name)]
    numbers = [int(match[1]) for name in [*names, store.current(home) or ""] if (match := re.search(r"v(\d{5})", name))]
    return f"v{max(numbers, default=0) + 1:05d}"


def withdraw(home: Home, reason: str) -> str:
    """Put a notice in place of the last issue; returns the name of the version that has it.

    Whoever may not see restricted files loses the withdrawn ones first, in every version that carries them; so one that
    broke off is completed by asking again.
    """
    before, current = store.folder(home), store.manifest(home)
    last = issues.carried_by(current)
    wrong = last.withdraws or last.version
    for version_manifest in store.versions(home, damaged_too=False):
        if issues.carried_by(version_manifest).version == wrong:
            carrying = home.published / version_manifest["version"]
            for path in (
                carrying / PUBLIC,
                carrying / REPORTS[PUBLIC],
                *(carrying / "marts").iterdir(),
            ):
                path.chmod(0o440)
    if last.withdraws:
        return last.version
    version, now = _next_name(home), datetime.now(UTC).isoformat(timespec="seconds")
    aside = _aside(home, version)
    issue = issues.Issue(version, now, reason, last.code, last.deliveries, wrong)
    remove(aside)
    aside.mkdir(mode=0o700)
    (aside / "marts").mkdir()
    for name in (RESTRICTED, REPORTS[RESTRICTED], RESTRICTED_ROWS, "dictionary.md"):
        shutil.copyfile(before / name, aside / name)
    _write_notice(aside, issue)
    changed = {"version": version, "published_at": now, "follows": before.name, "touched": [], "issue": asdict(issue)}
    _seal(home, aside, current | changed | {"rows": {f"public.marts.{NOTICE}": 1}}, {})
    return flip(home, version)


def _write_notice(aside: Path, issue: issues.Issue) -> None:
    with offline.connect(aside / PUBLIC) as database:
        database.execute("CREATE SCHEMA marts")
        database.execute(
            f"CREATE TABLE marts.{NOTICE} AS SELECT ? AS withdrawn, ?::timestamptz AS withdrawn_at, ? AS reason",
            [issue.withdraws, issue.issued_at, issue.reason],
        )
        database.execute(f"COMMENT ON TABLE marts.{NOTICE} IS 'Why the figures of an issue were withdrawn.'")
    page = report.notice(str(issue.withdraws), issue.issued_at, issue.reason)
    (aside / REPORTS[PUBLIC]).write_text(page, encoding="utf-8")


def _seal(home: Home, aside: Path, content: dict[str, Any], hashes: dict[Path, str]) -> None:
    """Put the manifest into a version that is written, and set the modes; `hashes` are those known already."""
    files = sorted(path for path in aside.rglob("*") if path.is_file())
    content = content | {"sha256": {str(file.relative_to(aside)): hashes.get(file) or _sha256(file) for file in files}}
    (aside / MANIFEST).write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    home.close_to_others()
    for path in sorted(aside.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    # Pseudonymous facts, exact marts and how many rows they have are for those who are cleared; all else for everyone.
    for name in (RESTRICTED, REPORTS[RESTRICTED], RESTRICTED_ROWS):
        (aside / name).chmod(0o440)


@functools.cache
def _code() -> str:
    """Names the way in which versions are written: of one that was written in another way nothing is taken over."""
    parts = [Path(__file__), *(path for path in report.PARTS.iterdir() if path.is_file())]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(parts))).hexdigest()[:16]


def flip(home: Home, version: str) -> str:
    """Make a prepared version the current one; nothing is done twice when a run that broke off here is repeated."""
    if _aside(home, version).exists():
        _aside(home, version).chmod(OPEN_FOLDER)
        _aside(home, version).replace(home.published / version)
    if store.current(home) != store.folder(home, version).name:
        write_atomically(store.pointer(home), json.dumps({"version": version}).encode(), OPEN_FILE)
    return version


def _aside(home: Home, version: str) -> Path:
    return home.published / f".{version}"


def _issue(version: str, earlier: dict[str, Any], deliveries: list[str], code: str, reason: str | None) -> issues.Issue:
    """The issue whose public files a version has: its own or, until the next one is due, the last."""
    last, now = issues.carried_by(earlier) if earlier else None, datetime.now(UTC)
    reason = reason or issues.reason_now(last, code, deliveries, now)
    if last and not reason:
        return last
    return issues.Issue(version, now.isoformat(timespec="seconds"), str(reason), code, deliveries)


def _write_public(
    home: Home,
    live: duckdb.DuckDBPyConnection,
    aside: Path,
    tables: list[Table],
    issue: issues.Issue,
    earlier: dict[str, Any],
    gate: list[dict[str, Any]],
) -> dict[str, int]:
    """Write the public files of an issue, or copy those that are carried; returns rows by table."""
    page = aside / REPORTS[PUBLIC]
    if aside.name != f".{issue.version}":
        before = store.folder(home, earlier["version"])
        for name in PUBLIC, page.name:
            shutil.copyfile(before / name, aside / name)
        shutil.copytree(before / "marts", aside / "marts", copy_function=shutil.copyfile)
        (aside / "marts").chmod(0o700)
        return earlier["rows"]
    (aside / "marts").mkdir()
    shown = [table for table in tables if table.schema == "public"]
    code_lists = [table for table in tables if table.schema == "reference"]
    rows = _database(live, aside / PUBLIC, [*shown, *code_lists], None, None)
    last = issues.carried_by(earlier) if earlier else None
    issue_before = report.Before(last.version, last.issued_at[:10], last.deliveries) if last else None
    report.write(aside / PUBLIC, page, issue.version, issue.deliveries, gate, [], issue_before, home.is_simulated)
    with offline.connect(aside / PUBLIC, read_only=True) as database:
        for table in shown:
            file = aside / "marts" / f"{table.name}.parquet"
            database.execute(f"COPY marts.{table.name} TO '{file}' ({PARQUET})")
    return rows


def _keys(live: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """The columns that tell the rows of a table of facts or marts apart."""
    listed = live.execute(
        "select table_name, list(column_name order by column_position) from marts.dim_key group by all"
    ).fetchall()
    return dict(listed)


def _beside(live: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """A connection for another thread."""
    own = live.cursor()
    own.execute(f"USE {LIVE}")
    return own


def _gate_for_everyone(gate: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What everyone may know of the gate: rows set apart are people, and few; a folder of no feed is its sender's.

    Why a delivery came back is between office and warehouse.
    """
    of_feeds = [counts for counts in gate if counts["feed"] in discover()]
    return [{name: value for name, value in counts.items() if name != "quarantined"} for counts in of_feeds]


def _refusals(register: Register) -> list[dict[str, Any]]:
    """The refused deliveries, newest month first: who sent what, why it was refused, and whether another one came."""
    return [
        {
            "feed": entry.feed,
            "month": entry.month and f"{entry.month:%Y-%m}",
            "commune": entry.commune,
            "owner": entry.owner,
            "vi": entry.vietnamese.get("promise", entry.promise),
            "en": entry.promise,
            "answered": register.answer(entry) is not None,
        }
        for entry in sorted(
            register.entries("status = ?", (REFUSED,)), key=lambda refused: refused.month or "", reverse=True
        )
    ]


def _tables(live: duckdb.DuckDBPyConnection) -> list[Table]:
    relations = live.execute(
        """
        select schema_name, table_name, coalesce(comment, ''), null from duckdb_tables()
        where schema_name in ('public', 'marts', 'facts', 'reference')
        union all
        select schema_name, view_name, coalesce(comment, ''), sql from duckdb_views()
        where schema_name in ('public', 'marts', 'facts') and not internal
        order by all
        """
    ).fetchall()
    # A column is described once: a public one in its mart, one of a form by its header.
    columns = live.execute(
        """
        select own.schema_name, own.table_name, own.column_name,
            coalesce(own.comment, mart.comment, header_vi || '. ' || header_en || '.', ''), own.data_type
        from duckdb_columns() as own
        left join duckdb_columns() as mart
            on mart.schema_name = 'marts' and mart.database_name = own.database_name
                and mart.table_name = own.table_name and mart.column_name = own.column_name
        left join reference.report_column
            on own.table_name = 'official_report_' || form and own.column_name = report_column.column_name
        order by own.schema_name, own.table_name, own.column_index
        """
    ).fetchall()
    return [
        Table(
            schema,
            name,
            comment,
            {c: described for s, t, c, described, _ in columns if (s, t) == (schema, name)},
            {c: kind for s, t, c, _, kind in columns if (s, t) == (schema, name)},
            view,
        )
        for schema, name, comment, view in relations
    ]


def _export_facts(
    home: Home,
    live: duckdb.DuckDBPyConnection,
    tables: list[Table],
    last: Last | None,
) -> dict[str, dict[str, str]]:
    """Files of the facts by table and month, relative to the published folder."""
    known_by_table = last.facts if last else {}
    # As text, which they are in a manifest.
    rebuilt = [month.isoformat() for month in last.months] if last else None
    files: dict[str, dict[str, str]] = {}
    for table in tables:
        shelf = home.published / "facts" / table.name
        shelf.mkdir(parents=True, exist_ok=True)
        # How large they are says how many are in them.
        for path in (shelf.parent, shelf):
            path.chmod(0o750)
        last_files = known_by_table.get(table.name, {})
        rewritten = rebuilt if last is None or not last.has(table) else []
        kept = {
            month: file
            for month, file in last_files.items()
            if rewritten is not None and month not in rewritten and (home.published / file).exists()
        }
        missing = (
            sorted({*last_files, *(rewritten or [])} - set(kept)) if last_files and rewritten is not None else None
        )
        counted = live.execute(
            f"SELECT {MONTHLY}::varchar, count(*), sum(hash(one)) FROM facts.{table.name} AS one "
            f"{_of_months(missing)} GROUP BY ALL"
        ).fetchall()
        columns = live.execute(f"DESCRIBE facts.{table.name}").fetchall()
        for month, *rows in counted:
            # Named by its columns and rows: most facts of a month are as they were before a commune's delivery.
            content = hashlib.sha256(str((columns, rows)).encode()).hexdigest()[:16]
            final = shelf / f"{month[:7]}-{content}.parquet"
            if not final.exists():
                beside = shelf / f".{os.getpid()}.parquet"
                live.execute(f"COPY (SELECT * FROM facts.{table.name} {_of_months([month])}) TO '{beside}' ({PARQUET})")
                beside.chmod(0o440)
                beside.replace(final)
            kept[month] = str(final.relative_to(home.published))
        if kept:
            files[table.name] = dict(sorted(kept.items()))
    return files


def _of_months(months: list[str] | None) -> str:
    """A condition on rows of these months; none at all for None."""
    listed = ", ".join(f"DATE '{month}'" for month in months or [])
    return "" if months is None else f"WHERE {MONTHLY} IN ({listed or 'NULL'})"


def _database(
    live: duckdb.DuckDBPyConnection,
    path: Path,
    tables: list[Table],
    exported: Future[dict[str, dict[str, str]]] | None,
    last: Last | None,
) -> dict[str, int]:
    """Write a database of these tables with their comments; returns rows by table. Facts are files, if there are any.

    With a last version a copy of its database stands there, in which only what differs is written anew: sorting two
    years of marts for one commune's delivery takes longer than all the rest of a run.
    """
    out = f"out_{path.stem}"
    live.execute(f"ATTACH '{path}' AS {out}")
    rows: dict[str, int] = {}
    # One transaction: a thousand comments, each written to disk for itself, take seconds.
    live.execute("BEGIN")
    for table in _dependable(tables):
        target = f"{out}.{_schema(table)}.{table.name}"
        if not last:
            live.execute(f"CREATE SCHEMA IF NOT EXISTS {out}.{_schema(table)}")
        # What is public is protected when it is built, not whenever somebody asks.
        if table.view and table.schema != "public":
            # A view has no rows of its own, and to count them takes seconds.
            if not last:
                _view(live, table, target, out)
            continue
        if exported and _is_exported(table):
            files = exported.result().get(table.name, {})
            is_new = not last or files != last.facts.get(table.name, {})
            if is_new:
                _view(live, table, target, out, [path.parent.parent / file for file in files.values()])
        elif last:
            is_new = not last.has(table)
            if is_new:
                where = _of_months(
                    [month.isoformat() for month in last.months]
                    if MONTHLY in table.columns and not table.view
                    else None
                )
                live.execute(f"DELETE FROM {target} {where}")
                live.execute(f"INSERT INTO {target} SELECT * FROM {table.schema}.{table.name} {where} ORDER BY ALL")
        else:
            is_new = True
            live.execute(f"CREATE TABLE {target} AS SELECT * FROM {table.schema}.{table.name} ORDER BY ALL")
            _comment(live, "TABLE", target, table)
        name = f"{path.stem}.{_schema(table)}.{table.name}"
        if is_new:
            # Of files the count stands at their ends.
            count = live.execute(f"SELECT count(*) FROM {target}").fetchone()
            rows[name] = count[0] if count else 0
        elif last:
            rows[name] = last.rows[name]
    live.execute("COMMIT")
    live.execute(f"DETACH {out}")
    return rows


def _is_exported(table: Table) -> bool:
    """Whether it is a fact in files by month, of which a database has a view."""
    return table.schema == "facts" and MONTHLY in table.columns and not table.view


def _schema(table: Table) -> str:
    return "marts" if table.schema == "public" else table.schema


def _view(
    live: duckdb.DuckDBPyConnection, table: Table, target: str, out: str, files: list[Path] | None = None
) -> None:
    """A fact as a view over its files, be there none, or what is a view already over the tables beside it."""
    live.execute(f"DROP VIEW IF EXISTS {target} CASCADE")
    if files:
        listed = ", ".join(f"'{file}'" for file in files)
        live.execute(f"CREATE VIEW {target} AS SELECT * FROM read_parquet([{listed}])")
    elif files is not None:
        described = live.execute(f"DESCRIBE {table.schema}.{table.name}").fetchall()
        columns = ", ".join(f'NULL::{kind} AS "{name}"' for name, kind, *_ in described)
        live.execute(f"CREATE VIEW {target} AS SELECT {columns} WHERE false")
    else:
        # dbt names the live file in it; here it finds the tables beside it.
        live.execute(f"USE {out}")
        live.execute(str(table.view).replace(f"{LIVE}.", ""))
        live.execute(f"USE {LIVE}")
    _comment(live, "VIEW", target, table)


def _comment(live: duckdb.DuckDBPyConnection, kind: str, target: str, table: Table) -> None:
    live.execute(f"COMMENT ON {kind} {target} IS {_quoted(table.comment)}")
    for column, description in table.columns.items():
        live.execute(f'COMMENT ON COLUMN {target}."{column}" IS {_quoted(description)}')


def _dependable(tables: list[Table]) -> list[Table]:
    """Tables before files, whose export takes longest, these before views, and a view after the views it reads."""
    ordered = sorted((table for table in tables if not table.view), key=_is_exported)
    views = [table for table in tables if table.view]
    while views:
        names = [f"{view.schema}.{view.name}" for view in views]
        ready = [v for v in views if not any(n in str(v.view) for n in names if n != f"{v.schema}.{v.name}")]
        ordered += ready
        views = [view for view in views if view not in ready]
    return ordered


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _dictionary(tables: list[Table], keys: dict[str, list[str]], simulated: bool) -> str:
    """What each table means, what tells its rows apart, and which others can be joined to it."""
    lines = ["# Data dictionary", "", *([f"**{SIMULATED}**", ""] if simulated else [])]
    for table in tables:
        databases = {"public": PUBLIC, "reference": f"{PUBLIC}, {RESTRICTED}"}
        lines += [
            f"## {_schema(table)}.{table.name} ({databases.get(table.schema, RESTRICTED)})", "", table.comment, ""
        ]  # fmt: skip
        if key := keys.get(table.name):
            lines += [f"Key: {_named(key)}.", "", *_joins(table, tables, keys)]
        lines += ["| column | type | meaning |", "|---|---|---|"]
        lines += [
            f"| `{column}` | {table.types[column].lower()} | {description.replace('|', '/')} |"
            for column, description in table.columns.items()
        ]
        lines.append("")
    return "\n".join(lines)


def _joins(table: Table, tables: list[Table], keys: dict[str, list[str]]) -> list[str]:
    """The tables of its database whose whole key it has: joined on that, none of its rows is doubled."""
    beside = [other for other in tables if (other.schema == "public") == (table.schema == "public") and other != table]
    joined = {
        other.name: keys[other.name]
        for other in beside
        if other.name in keys and table.columns.keys() >= {*keys[other.name]}
    }
    listed = "; ".join(f"`{name}` on {_named(columns)}" for name, columns in sorted(joined.items()))
    return [f"Joined to it, these double no row: {listed}.", ""] if joined else []


def _named(columns: list[str]) -> str:
    return ", ".join(f"`{column}`" for column in columns)
