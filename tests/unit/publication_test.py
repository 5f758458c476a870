"""A version holds what the live file holds, and becomes the current one, once, wherever a run broke off."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from warehouse.published import issues, report, store, writer
from warehouse.published.store import PUBLIC, RESTRICTED, UnknownVersion
from warehouse.zones.home import Home
from warehouse.zones.register import Register


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with a version that was prepared."""
    made = Home.open(tmp_path / "home")
    Register.open(made).record_key("a fingerprint")
    marts = made.published / ".v00001" / "marts"
    marts.mkdir(parents=True)
    for name in (PUBLIC, RESTRICTED):
        (marts.parent / name).write_text(f"figures of {name}")
    (marts.parent / "manifest.json").write_text(json.dumps({"version": "v00001"}))
    marts.chmod(0o555)
    return made


def test_a_prepared_version_is_named_and_no_more_current_until_it_is_flipped(home: Home) -> None:
    before = store.current(home), store.versions(home)

    writer.flip(home, "v00001")

    assert before == (None, [])
    assert store.current(home) == "v00001"


def test_a_flip_that_broke_off_is_completed_and_one_that_did_not_is_not_repeated(home: Home) -> None:
    writer.flip(home, "v00001")
    pointer = home.published / "current.json"
    pointer.unlink()

    writer.flip(home, "v00001")
    written = pointer.stat().st_mtime_ns
    writer.flip(home, "v00001")

    assert store.current(home) == "v00001"
    assert pointer.stat().st_mtime_ns == written


def test_a_version_that_is_nowhere_does_not_become_the_current_one(home: Home) -> None:
    writer.flip(home, "v00001")

    with pytest.raises(UnknownVersion, match="v00002"):
        writer.flip(home, "v00002")

    assert store.current(home) == "v00001"


def test_what_was_made_read_only_is_removed_whole(home: Home) -> None:
    writer.remove(home.published / ".v00001")
    writer.remove(home.published / ".v00001")

    assert list(home.published.iterdir()) == []


@pytest.fixture
def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Home, duckdb.DuckDBPyConnection]]:
    """A home with a version of May 2026, and its live file: periods, which the public sees as a view, and no loans."""
    made = Home.open(tmp_path / "home")
    Register.open(made).record_key("a fingerprint")
    monkeypatch.setattr(report, "write", lambda database, page, *_: page.write_text(f"figures of {database.name}"))
    with duckdb.connect(str(made.warehouse)) as connection:
        connection.execute("""
            create schema reference; create schema marts; create schema public; create schema facts;
            create table reference.standard as select 's' as standard_id, date '2025-01-01' as valid_from, null::date
                as valid_to;
            create table marts.dim_period as select date '2026-05-01' as period_month;
            create view public.dim_period as from marts.dim_period;
            create table marts.dim_key as
                select 'marts' as table_schema, 'dim_period' as table_name, 1 as column_position,
                    'period_month' as column_name;
            create table reference.report_column as
                select 0 as form, 'a' as column_name, 'Mot' as header_vi, 'One' as header_en;
            create table facts.loan_month (period_month date, loan_key varchar, balance_vnd bigint);
        """)
        writer.flip(made, writer.prepare(made, connection, [], "code", None))
        yield made, connection


def _next(
    home: Home, connection: duckdb.DuckDBPyConnection, sql: str, months: list[date], changed: list[str] | None
) -> tuple[list[tuple], list[tuple], list[tuple], dict[str, int]]:
    """Issue what the live file holds after `sql`; gives periods, as a file too, loans and rows of the version."""
    connection.execute(sql)
    version = writer.flip(home, writer.prepare(home, connection, [], "code", months, changed, "a test"))
    folder = store.folder(home, version)

    def rows(database: str, query: str) -> list[tuple]:
        with duckdb.connect(str(folder / database), read_only=True) as opened:
            return opened.execute(f"{query} order by all").fetchall()

    return (
        rows(PUBLIC, "from marts.dim_period"),
        rows(PUBLIC, f"from '{folder / 'marts/dim_period.parquet'}'"),
        rows(RESTRICTED, "select period_month, loan_key from facts.loan_month"),
        store.rows(home, version),
    )


def test_the_public_sees_a_new_month_by_a_view_of_which_no_build_says_that_it_changed(
    live: tuple[Home, duckdb.DuckDBPyConnection],
) -> None:
    may, june = date(2026, 5, 1), date(2026, 6, 1)

    periods, file, _, counted = _next(
        *live, "insert into marts.dim_period values ('2026-06-01')", [june], ["marts.dim_period"]
    )

    assert periods == file == [(may,), (june,)]
    assert counted["public.marts.dim_period"] == counted["restricted.marts.dim_period"] == 2


def test_a_fact_without_rows_gets_some_and_loses_them(live: tuple[Home, duckdb.DuckDBPyConnection]) -> None:
    home, _ = live
    of_may = [date(2026, 5, 1)], ["facts.loan_month"]
    with duckdb.connect(str(store.folder(home) / RESTRICTED), read_only=True) as opened:
        before = opened.execute("describe facts.loan_month").fetchall()
        none_before = opened.execute("from facts.loan_month").fetchall()

    _, _, some, counted = _next(*live, "insert into facts.loan_month values ('2026-05-01', 'one', 2)", *of_may)
    _, _, none, counted_none = _next(*live, "delete from facts.loan_month", *of_may)

    assert [(name, kind) for name, kind, *_ in before] == [
        ("period_month", "DATE"), ("loan_key", "VARCHAR"), ("balance_vnd", "BIGINT"),
    ]  # fmt: skip
    assert (none_before, some, none) == ([], [(date(2026, 5, 1), "one")], [])
    assert (counted["restricted.facts.loan_month"], counted_none["restricted.facts.loan_month"]) == (1, 0)


def test_what_an_older_version_lacks_is_there_in_the_next(live: tuple[Home, duckdb.DuckDBPyConnection]) -> None:
    """In versions of older code a fact without rows is a table, and a month may be missing among the public ones."""
    home, _ = live
    said = store.manifest(home)
    manifest = store.folder(home) / store.MANIFEST
    manifest.chmod(0o644)
    manifest.write_text(json.dumps({name: value for name, value in said.items() if name != "written_by"}))
    for database, sql in (
        (RESTRICTED, "drop view facts.loan_month; create table facts.loan_month (period_month date)"),
        (PUBLIC, "delete from marts.dim_period"),
    ):
        (store.folder(home) / database).chmod(0o644)
        with duckdb.connect(str(store.folder(home) / database)) as opened:
            opened.execute(sql)

    periods, _, some, _ = _next(
        *live,
        "insert into marts.dim_period values ('2026-06-01'); insert into facts.loan_month values ('2026-06-01', '', 2)",
        [date(2026, 6, 1)],
        ["marts.dim_period", "facts.loan_month"],
    )

    assert periods == [(date(2026, 5, 1),), (date(2026, 6, 1),)]
    assert some == [(date(2026, 6, 1), "")]


def _public_bytes(home: Home, version: str) -> dict[str, bytes]:
    folder = store.folder(home, version)
    files = [folder / PUBLIC, folder / store.REPORTS[PUBLIC], *(folder / "marts").iterdir()]
    return {path.name: path.read_bytes() for path in files}


def test_between_issues_a_version_carries_the_public_files_of_the_last_one(
    live: tuple[Home, duckdb.DuckDBPyConnection],
) -> None:
    home, connection = live
    connection.execute("insert into marts.dim_period values ('2026-06-01')")

    carrying = writer.flip(home, writer.prepare(home, connection, ["d"], "code", [date(2026, 6, 1)]))
    new_code = writer.flip(home, writer.prepare(home, connection, ["d"], "other code", None))

    said = store.manifest(home, carrying)
    assert _public_bytes(home, carrying) == _public_bytes(home, "v00001")
    assert (said["issue"]["version"], said["issue"]["deliveries"], said["deliveries"]) == ("v00001", [], ["d"])
    assert said["rows"] == store.manifest(home, "v00001")["rows"]
    assert {path.stat().st_mode & 0o777 for path in (store.folder(home, carrying) / "marts").iterdir()} == {0o444}
    assert store.manifest(home, new_code)["issue"] | {"issued_at": ""} == {
        "version": new_code, "issued_at": "", "reason": issues.NEW_CODE, "code": "other code",
        "deliveries": ["d"], "withdraws": None,
    }  # fmt: skip
    assert _public_bytes(home, new_code) != _public_bytes(home, carrying)


def test_a_wrong_issue_is_withdrawn_from_every_version_that_carries_it(
    live: tuple[Home, duckdb.DuckDBPyConnection],
) -> None:
    home, connection = live
    carrying = writer.flip(home, writer.prepare(home, connection, ["d"], "code", []))

    notice = writer.withdraw(home, "Sai <danh sách> / wrong list")
    # One that broke off is completed by asking again.
    (store.folder(home, carrying) / PUBLIC).chmod(0o444)
    assert writer.withdraw(home, "again") == notice
    after = writer.flip(home, writer.prepare(home, connection, ["d", "e"], "other code", None))
    again = writer.flip(home, writer.prepare(home, connection, ["d", "e"], "other code", [], reason="mended"))

    modes = {
        version: {
            path.stat().st_mode & 0o777
            for path in store.folder(home, version).rglob("*")
            if path.name in (PUBLIC, "index.html") or path.suffix == ".parquet"
        }
        for version in ("v00001", carrying, notice, after, again)
    }
    assert modes == {"v00001": {0o440}, carrying: {0o440}, notice: {0o444}, after: {0o444}, again: {0o444}}
    for version in (notice, after):
        with duckdb.connect(str(store.folder(home, version) / PUBLIC), read_only=True) as opened:
            assert opened.execute("select withdrawn, reason from marts.notice").fetchall() == [
                ("v00001", "Sai <danh sách> / wrong list")
            ]
        assert "thu hồi" in (page := (store.folder(home, version) / "index.html").read_text())
        assert "&lt;danh sách&gt;" in page
        assert not list((store.folder(home, version) / "marts").iterdir())
    assert set(_public_bytes(home, again)) == set(_public_bytes(home, "v00001"))


def test_how_many_rows_the_restricted_tables_have_is_not_for_everybody(
    live: tuple[Home, duckdb.DuckDBPyConnection],
) -> None:
    """Of two versions their difference is what one commune's delivery added, however few these are."""
    home, connection = live
    connection.execute("insert into facts.loan_month values ('2026-05-01', 'l', 2)")
    version = writer.flip(home, writer.prepare(home, connection, [], "code", None))
    folder = store.folder(home, version)
    for_everybody = [path for path in folder.rglob("*") if path.is_file() and path.stat().st_mode & 0o004]

    assert store.rows(home, version)["restricted.facts.loan_month"] == 1
    assert set(store.manifest(home, version)["rows"]) == {
        "public.marts.dim_period", "public.reference.report_column", "public.reference.standard",
    }  # fmt: skip
    assert folder / store.RESTRICTED_ROWS not in for_everybody
    assert folder / store.MANIFEST in for_everybody
    assert (home.published / "facts").stat().st_mode & 0o777 == 0o750


def test_the_public_gate_names_no_folder_of_a_sender_and_counts_no_rows() -> None:
    gate = [
        {"feed": "labour/commune_totals", "month": "2026-09", "accepted": 1, "refused": 0, "quarantined": 3},
        {"feed": "labour/Nguyễn Văn An", "month": None, "accepted": 0, "refused": 1, "quarantined": 0},
    ]

    shown = writer._gate_for_everyone(gate)

    assert shown == [{"feed": "labour/commune_totals", "month": "2026-09", "accepted": 1, "refused": 0}]
