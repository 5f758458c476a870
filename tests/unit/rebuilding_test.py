"""A build of some months: what it replaces, and that it stands whole or not at all."""

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration import models, rebuilding
from orchestration.models import Statement
from warehouse.zones.home import Home

JUNE, JULY = "2026-06-01", "2026-07-01"
MONTHLY = "select month as period_month, 2 as version from temp.main.touched where month in (date '2026-07-01')"


def _statement(name: str, sql: str, **said: object) -> Statement:
    kind: dict[str, Any] = {
        "is_test": False, "is_kept": False, "is_scratch": False, "replaced_by": None, "reads": [], "feeds": [], **said,
    }  # fmt: skip
    kind.setdefault("rows_of", kind["reads"])
    return Statement(name=name, unique_id=f"model.{name}", sql=sql, relation=name, **kind)


TOUCHED = _statement("touched", "select unnest(getvariable('months')) as month", is_scratch=True)
FACT = _statement("fact", MONTHLY, is_kept=True, reads=["model.touched"])
STANDING = _statement("standing", "select count(*) as months from temp.main.touched", reads=["model.touched"])


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home.open(tmp_path / "home")
    with duckdb.connect(str(made.warehouse)) as live:
        months = "[date '2026-06-01', date '2026-07-01']"
        live.execute(f"create table fact as select unnest({months}) as period_month, 1 as version")
        live.execute("create table by_year as select unnest([2025, 2026]) as year, 1 as version")
    return made


@pytest.fixture
def rebuilt(home: Home, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[tuple]]:
    """What a query finds after a build of June and July by these statements."""

    def build(query: str, *statements: Statement) -> list[tuple]:
        monkeypatch.setattr(models, "statements", lambda *_, **__: list(statements))
        try:
            rebuilding.rebuild(home, [JUNE, JULY])
        finally:
            with duckdb.connect(str(home.warehouse), read_only=True) as live:
                found = live.execute(query).fetchall()
        return found

    return build


def test_a_month_whose_rows_have_all_vanished_goes(rebuilt: Callable[..., list[tuple]]) -> None:
    assert rebuilt("select period_month::varchar, version from fact", TOUCHED, FACT) == [(JULY, 2)]


def test_rows_are_written_month_by_month_and_commune_by_commune(
    home: Home, rebuilt: Callable[..., list[tuple]]
) -> None:
    with duckdb.connect(str(home.warehouse)) as live:
        live.execute("create table placed (period_month date, commune_code varchar)")
    mixed = (
        f"from (values (date '{JULY}', 'b'), (date '{JUNE}', 'b'), (date '{JULY}', 'a'), (date '{JUNE}', 'a')) "
        "as _ (period_month, commune_code)"
    )

    found = rebuilt(
        "select month(period_month), commune_code from placed order by rowid", _statement("placed", mixed, is_kept=True)
    )

    assert found == [(6, "a"), (6, "b"), (7, "a"), (7, "b")]


def test_rows_are_replaced_by_their_key_where_a_model_has_one(rebuilt: Callable[..., list[tuple]]) -> None:
    keyed = _statement("by_year", "select 2026 as year, 2 as version", is_kept=True, replaced_by="year")

    assert rebuilt("from by_year order by all", TOUCHED, keyed) == [(2025, 1), (2026, 2)]


def test_a_build_of_some_households_leaves_the_others_of_its_month(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with duckdb.connect(str(home.warehouse)) as live:
        live.execute(
            "create table person as from (values (date '2026-06-01', 'h1'), (date '2026-07-01', 'h1'), "
            "(date '2026-07-01', 'h2'), (date '2026-07-01', 'h3')) as _ (period_month, household)"
        )
        live.execute("create table loan as select date '2026-07-01' as period_month, unnest(['c1', 'c2']) as contract")
    found = _statement("found", "select unnest(getvariable('sent')) as household", is_scratch=True)
    newer = "select date '2026-07-01' as period_month, "
    person = _statement(
        "person", f"{newer} 'h2 again' as household", is_kept=True, narrowed_by="household", narrowed_to="found",
        reads=["model.found"],
    )  # fmt: skip
    loan = _statement("loan", f"{newer} 'c2' as contract", is_kept=True, narrowed_by="contract")
    monkeypatch.setattr(models, "statements", lambda _, of_households: [found, person, loan] if of_households else [])

    rebuilding.rebuild(home, [JULY], sent=["h2", "h3"])

    with duckdb.connect(str(home.warehouse), read_only=True) as live:
        assert live.execute("select month(period_month), household from person order by all").fetchall() == [
            (6, "h1"), (7, "h1"), (7, "h2 again"),
        ]  # fmt: skip
        assert live.execute("select contract from loan order by all").fetchall() == [("c1",), ("c2",)]


def test_where_a_build_of_some_households_fails_the_month_is_built(
    home: Home, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    objects = _statement("no_household_is_forgotten", "select 1", is_test=True)
    monkeypatch.setattr(
        models, "statements", lambda _, of_households=False: [TOUCHED, FACT, *([objects] if of_households else [])]
    )

    rebuilding.rebuild(home, [JULY], sent=["delivery"])

    with duckdb.connect(str(home.warehouse), read_only=True) as live:
        assert live.execute("select version from fact order by all").fetchall() == [(1,), (2,)]
    assert "no_household_is_forgotten" in caplog.text


def test_a_build_that_is_interrupted_in_a_query_ends_there(
    home: Home, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """DuckDB makes a RuntimeError of it, which is no reason to build the whole month instead."""
    endless = _statement("endless", "select count(*) as n from range(99999) as a, range(99999) as b, range(99999) as c")
    monkeypatch.setattr(models, "statements", lambda *_, **__: [TOUCHED, FACT, endless])

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    try:
        with pytest.raises((RuntimeError, KeyboardInterrupt)) as ended:
            rebuilding.rebuild(home, [JULY], sent=["delivery"])
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

    assert not isinstance(ended.value, rebuilding.NotBuilt)
    assert "instead" not in caplog.text
    with duckdb.connect(str(home.warehouse), read_only=True) as live:
        assert live.execute("select version from fact order by all").fetchall() == [(1,), (1,)]


def test_each_table_says_its_rows_and_how_many_are_new(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    keyed = _statement("by_year", "select 2026 as year, 2 as version", is_kept=True, replaced_by="year", feeds=["bank"])
    tested = _statement("tested", "from fact where version = 3", is_test=True, feeds=["insurance"])
    insured = _statement("fact", MONTHLY, is_kept=True, feeds=["insurance"], reads=["model.touched"])
    monkeypatch.setattr(models, "statements", lambda *_, **__: [TOUCHED, keyed, insured, tested])

    assert rebuilding.rebuild(home, [JULY], ["insurance"]) == [
        models.Done("model.touched", 1, 1, "touched"),
        models.Done("model.by_year", 2, 0, "by_year", stands=True),
        models.Done("model.fact", 2, 1, "fact"),
        models.Done("model.tested"),
    ]


def test_what_depends_on_no_new_delivery_stays_and_scratch_is_made_for_what_reads_it(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with duckdb.connect(str(home.warehouse)) as live:
        for table in ("insured", "lent"):
            live.execute(f"create table {table} as select date '2026-07-01' as period_month, 1 as version")
    july = "select date '2026-07-01' as period_month, "
    known = [
        TOUCHED,
        _statement("loans", "select 2 as version", is_scratch=True, feeds=["bank"]),
        _statement("cards", "select 2 as version", is_scratch=True, feeds=["insurance"]),
        STANDING,
        _statement("insured", f"{july} version from cards", is_kept=True, reads=["model.cards"]),
        _statement("tested", "from insured where version is null", is_test=True, reads=["model.insured"]),
        _statement("lent", f"{july} version from loans", is_kept=True, reads=["model.loans", "model.insured"]),
    ]
    monkeypatch.setattr(models, "statements", lambda *_, **__: known)

    def written(feeds: list[str] | None) -> list[str]:
        done = rebuilding.rebuild(home, [JULY], feeds)
        return [one.unique_id.removeprefix("model.") for one in done if not one.stands]

    assert written(["bank"]) == ["touched", "loans", "standing", "lent"]
    assert written(["insurance"]) == ["touched", "loans", "cards", "standing", "insured", "tested", "lent"]
    assert written(["housing"]) == ["touched", "standing"]
    assert written(None) == ["touched", "loans", "cards", "standing", "insured", "tested", "lent"]


def test_where_some_households_are_built_and_come_to_the_same_what_follows_from_them_stands(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with duckdb.connect(str(home.warehouse)) as live:
        for table in ("form", "person", "loan", "score", "mean"):
            live.execute(f"create table {table} as select date '2026-07-01' as period_month, 'h1' as household, 1 as n")

    def kept(name: str, n: str, *reads: str, **said: object) -> Statement:
        sql = f"select date '2026-07-01' as period_month, 'h1' as household, {n} as n"
        return _statement(name, sql, is_kept=True, reads=[f"model.{one}" for one in reads], **said)

    known = [
        kept("form", "7", feeds=["reviews"]),
        _statement("answer", "from form", is_scratch=True, reads=["model.form"]),
        kept("person", "(select count(*) from answer)", "answer"),
        kept("loan", "8", "person"),
        kept("score", "(select n from answer)", "answer"),
        _statement("a_loan_has_a_person", "from loan where n = 8", is_test=True, reads=["model.loan"]),
        kept("mean", "(select n from score)", "score", "loan"),
    ]
    monkeypatch.setattr(models, "statements", lambda *_, **__: known)

    done = rebuilding.rebuild(home, [JULY], ["reviews"], sent=["delivery"])

    assert {one.unique_id.removeprefix("model."): one.written for one in done} == {
        "form": 1, "answer": 1, "person": 0, "loan": 0, "score": 1, "mean": 1, "a_loan_has_a_person": None,
    }  # fmt: skip
    with duckdb.connect(str(home.warehouse), read_only=True) as live:
        assert [live.execute(f"select n from {one}").fetchone() for one in ("person", "loan", "score", "mean")] == [
            (1,), (1,), (7,), (7,),
        ]  # fmt: skip


def test_scratch_is_gone_and_what_a_view_reads_stays(rebuilt: Callable[..., list[tuple]]) -> None:
    assert rebuilt("select table_name from duckdb_tables() order by all", TOUCHED, STANDING) == [
        ("by_year",), ("fact",), ("standing",),
    ]  # fmt: skip


@pytest.mark.parametrize(("last", "told"), [
    (_statement("no_fact_is_new", "from fact where version = 2", is_test=True), "no_fact_is_new"),
    (_statement("broken", "select 'Nguyen Van A'::integer"), "broken failed"),
])  # fmt: skip
def test_when_a_test_objects_or_a_model_breaks_nothing_has_changed_and_no_value_is_told(
    rebuilt: Callable[..., list[tuple]], last: Statement, told: str
) -> None:
    with pytest.raises(RuntimeError, match=told) as error:
        rebuilt("select 1", TOUCHED, FACT, last)

    assert "Nguyen" not in str(error.value)
    assert rebuilt("select version from fact", TOUCHED) == [(1,), (1,)]
