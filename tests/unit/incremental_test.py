"""An incremental build: the rows it replaces, its scope, and that it stands whole or not at all."""

import signal
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from warehouse.build import compiled, incremental
from warehouse.build.compiled import Statement
from warehouse.build.node import NodeResult
from warehouse.zones.home import Home

JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)
MONTHLY = "select month as period_month, 2 as version from temp.main.built where month in (date '2026-07-01')"
IN_SCOPE = "commune_code in (select scope.commune_code from temp.main.scope as scope)"


def _statement(name: str, sql: str, **declared: object) -> Statement:
    kind: dict[str, Any] = {
        "is_test": False, "is_kept": False, "is_scratch": False, "is_scoped": compiled.SCOPE in sql, "reads": [],
        "feeds": [], **declared,
    }  # fmt: skip
    kind.setdefault("rows_of", kind["reads"])
    return Statement(name=name, unique_id=f"model.{name}", sql=sql, relation=name, **kind)


BUILT = _statement("built", "select unnest(getvariable('months')) as month", is_scratch=True)
FACT = _statement("fact", MONTHLY, is_kept=True, reads=["model.built"])
STANDING = _statement("standing", "select count(*) as months from temp.main.built", reads=["model.built"])


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home.open(tmp_path / "home")
    with duckdb.connect(str(made.warehouse)) as live:
        months = "[date '2026-06-01', date '2026-07-01']"
        live.execute("create schema reference")
        live.execute("create table reference.communes as select unnest(['a', 'b', 'c']) as code")
        live.execute(f"create table fact as select unnest({months}) as period_month, 1 as version")
        live.execute("create table by_year as select unnest([2025, 2026]) as review_year, 1 as version")
    return made


@pytest.fixture
def build(home: Home, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[NodeResult]]:
    """A build of July, or of the months given, by these statements."""

    def run(
        *statements: Statement, months: list[date] | None = None, feeds: list[str] | None = None
    ) -> list[NodeResult]:
        monkeypatch.setattr(compiled, "statements", lambda _: list(statements))
        return incremental.build_months(home, months or [JULY], feeds)

    return run


def _rows(home: Home, query: str) -> list[tuple]:
    with duckdb.connect(str(home.warehouse), read_only=True) as live:
        return live.execute(query).fetchall()


def _make(home: Home, *tables: str) -> None:
    with duckdb.connect(str(home.warehouse)) as live:
        for table in tables:
            live.execute(f"create table {table}")


def test_a_month_whose_rows_have_all_vanished_goes(home: Home, build: Callable[..., list[NodeResult]]) -> None:
    build(BUILT, FACT, months=(JUNE, JULY))

    assert _rows(home, "select period_month, version from fact") == [(JULY, 2)]


def test_rows_are_written_month_by_month_and_commune_by_commune(
    home: Home, build: Callable[..., list[NodeResult]]
) -> None:
    _make(home, "placed (period_month date, commune_code varchar)")
    mixed = (
        f"from (values (date '{JULY}', 'b'), (date '{JUNE}', 'b'), (date '{JULY}', 'a'), (date '{JUNE}', 'a')) "
        "as _ (period_month, commune_code)"
    )

    build(_statement("placed", mixed, is_kept=True), months=(JUNE, JULY))

    assert _rows(home, "select month(period_month), commune_code from placed order by rowid") == [
        (6, "a"), (6, "b"), (7, "a"), (7, "b"),
    ]  # fmt: skip


def test_a_table_without_months_is_replaced_by_review_year(home: Home, build: Callable[..., list[NodeResult]]) -> None:
    build(BUILT, _statement("by_year", "select 2026 as review_year, 2 as version where false", is_kept=True))

    assert _rows(home, "from by_year order by all") == [(2025, 1)]


def test_a_delivery_brings_the_communes_into_scope_in_which_rows_differ(
    home: Home, build: Callable[..., list[NodeResult]]
) -> None:
    """Commune a sends another form, and takes a person along that stood in commune b; c is as it was."""
    july = "date '2026-07-01' as period_month"
    _make(
        home,
        f"stg_form as select {july}, unnest(['a', 'b', 'c']) as commune_code, 1 as score",
        f"person as select {july}, unnest(['b', 'b', 'c']) as commune_code, unnest(['p', 'q', 'r']) as person",
        f"figure as select {july}, unnest(['a', 'b', 'c']) as commune_code, -1 as persons",
    )
    forms = "from (values ('a', 2), ('b', 1), ('c', 1)) as _ (commune_code, score)"
    people = "from (values ('a', 'p'), ('b', 'q'), ('c', 'r')) as _ (commune_code, person)"
    counted = f"from (select commune_code, count(*) as persons from person where {IN_SCOPE} group by all)"

    results = build(
        _statement("stg_form", f"select {july}, * {forms}", is_kept=True, feeds=["reviews"]),
        _statement("person", f"select {july}, * {people}", is_kept=True, reads=["model.stg_form"]),
        _statement("figure", f"select {july}, * {counted}", is_kept=True, reads=["model.person"]),
        feeds=["reviews"],
    )

    assert _rows(home, "select commune_code, persons from figure order by all") == [("a", 1), ("b", 1), ("c", -1)]
    assert {node.unique_id: node.written for node in results} == {
        "model.stg_form": 1, "model.person": 2, "model.figure": 2,
    }  # fmt: skip


def test_every_commune_that_a_row_names_comes_into_scope(home: Home, build: Callable[..., list[NodeResult]]) -> None:
    """A household on the list of commune a that lives in commune b."""
    july = "date '2026-07-01' as period_month"
    _make(
        home,
        f"stg_list as select {july}, 'a' as commune_code, 'b' as household_commune_code, 1 as score",
        f"figure as select {july}, unnest(['a', 'b', 'c']) as commune_code, 1 as score",
    )
    listed = f"select {july}, 'a' as commune_code, 'b' as household_commune_code, 2 as score"
    scored = f"from (select unnest(['a', 'b', 'c']) as commune_code, 2 as score) where {IN_SCOPE}"

    build(
        _statement("stg_list", listed, is_kept=True, feeds=["lists"]),
        _statement("figure", f"select {july}, * {scored}", is_kept=True, reads=["model.stg_list"]),
        feeds=["lists"],
    )

    assert _rows(home, "select commune_code, score from figure order by all") == [("a", 2), ("b", 2), ("c", 1)]


def test_scratch_is_made_again_where_the_scope_has_grown(home: Home, build: Callable[..., list[NodeResult]]) -> None:
    july = "date '2026-07-01' as period_month"
    _make(
        home,
        f"stg_form as select {july}, unnest(['a', 'b']) as commune_code, 1 as n",
        f"early as select {july}, unnest(['a', 'b']) as commune_code, 1 as n",
        f"linked as select {july}, unnest(['a', 'b']) as commune_code, 1 as n",
        f"late as select {july}, unnest(['a', 'b']) as commune_code, 1 as n",
    )
    scoped = f"select {july}, * from answer"
    forms = f"select {july}, * from (values ('a', 2), ('b', 1)) as _ (commune_code, n)"
    links = f"select {july}, * from (values ('a', 1), ('b', 3)) as _ (commune_code, n)"

    build(
        _statement("stg_form", forms, is_kept=True, feeds=["reviews"]),
        _statement(
            "answer", f"select * from (values ('a', 2), ('b', 2)) as _ (commune_code, n) where {IN_SCOPE}",
            is_scratch=True, reads=["model.stg_form"],
        ),
        _statement("early", scoped, is_kept=True, is_scoped=True, reads=["model.answer"]),
        _statement("linked", links, is_kept=True, reads=["model.early"]),
        _statement("late", scoped, is_kept=True, is_scoped=True, reads=["model.answer", "model.linked"]),
        feeds=["reviews"],
    )  # fmt: skip

    assert _rows(home, "select commune_code, n from early order by all") == [("a", 2), ("b", 1)]
    assert _rows(home, "select commune_code, n from late order by all") == [("a", 2), ("b", 2)]


@pytest.mark.parametrize(("months", "feeds"), [
    ((JULY,), None),
    # It is not compared row by row; two months, of which the later one follows from the earlier.
    ((JULY,), ["reviews", "insurance"]),
    ((JUNE, JULY), ["reviews"]),
])  # fmt: skip
def test_any_other_build_has_every_commune_in_scope(
    home: Home, build: Callable[..., list[NodeResult]], months: tuple[str, ...], feeds: list[str] | None
) -> None:
    july = "date '2026-07-01' as period_month"
    _make(
        home,
        f"stg_form as select {july}, 'a' as commune_code",
        f"figure as select {july}, unnest(['a', 'b']) as commune_code, 1 as n",
    )
    counted = f"from (select unnest(['a', 'b']) as commune_code, 2 as n) where {IN_SCOPE}"

    build(
        _statement("stg_form", f"select {july}, 'a' as commune_code", is_kept=True, feeds=["reviews"]),
        _statement("figure", f"select {july}, * {counted}", is_kept=True, feeds=["reviews"]),
        months=months, feeds=feeds,
    )  # fmt: skip

    assert _rows(home, "select n from figure") == [(2,), (2,)]


def test_where_a_build_of_some_communes_fails_the_month_is_built(
    home: Home, build: Callable[..., list[NodeResult]], caplog: pytest.LogCaptureFixture
) -> None:
    july = "date '2026-07-01' as period_month"
    _make(home, f"stg_form as select {july}, 'a' as commune_code, 1 as n")
    form = _statement("stg_form", f"select {july}, 'a' as commune_code, 2 as n", is_kept=True, feeds=["reviews"])
    objects = _statement(
        "every_commune_is_built", "select 1 where (select count(*) from temp.main.scope) < 3", is_test=True,
        reads=["model.stg_form"],
    )  # fmt: skip

    build(form, objects, feeds=["reviews"])

    assert _rows(home, "select n from stg_form") == [(2,)]
    assert "every_commune_is_built" in caplog.text


def test_a_build_that_is_interrupted_in_a_query_ends_there(
    home: Home, build: Callable[..., list[NodeResult]], caplog: pytest.LogCaptureFixture
) -> None:
    """DuckDB makes a RuntimeError of it, which is no reason to build the whole month instead."""
    _make(home, "stg_form as select date '2026-07-01' as period_month")
    form = _statement("stg_form", "select date '2026-07-01' as period_month", is_kept=True, feeds=["reviews"])
    endless = _statement("endless", "select count(*) as n from range(99999) as a, range(99999) as b, range(99999) as c")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    try:
        with pytest.raises((RuntimeError, KeyboardInterrupt)) as ended:
            build(form, BUILT, FACT, endless, feeds=["reviews"])
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

    assert not isinstance(ended.value, incremental.NotBuilt)
    assert "instead" not in caplog.text
    assert _rows(home, "select version from fact order by all") == [(1,), (1,)]


def test_each_table_says_its_rows_and_how_many_are_new(build: Callable[..., list[NodeResult]]) -> None:
    keyed = _statement("by_year", "select 2026 as review_year, 2 as version", is_kept=True, feeds=["bank"])
    tested = _statement("tested", "from fact where version = 3", is_test=True, feeds=["insurance"])
    insured = _statement("fact", MONTHLY, is_kept=True, feeds=["insurance"], reads=["model.built"])

    assert build(BUILT, keyed, insured, tested, feeds=["insurance"]) == [
        NodeResult("model.built", 1, 1, "built"),
        NodeResult("model.by_year", 2, 0, "by_year", unchanged=True),
        NodeResult("model.fact", 2, 1, "fact"),
        NodeResult("model.tested"),
    ]


def test_what_depends_on_no_new_delivery_stays_and_scratch_is_made_for_what_reads_it(
    home: Home, build: Callable[..., list[NodeResult]]
) -> None:
    july = "select date '2026-07-01' as period_month, "
    _make(
        home, *(f"{table} as select date '2026-07-01' as period_month, 0 as version" for table in ("insured", "lent"))
    )

    def written(feeds: list[str] | None, version: int) -> list[str]:
        results = build(
            BUILT,
            _statement("loans", f"select {version} as version", is_scratch=True, feeds=["bank"]),
            _statement("cards", f"select {version} as version", is_scratch=True, feeds=["insurance"]),
            STANDING,
            _statement("insured", f"{july} version from cards", is_kept=True, reads=["model.cards"]),
            _statement("tested", "from insured where version is null", is_test=True, reads=["model.insured"]),
            _statement("lent", f"{july} version from loans", is_kept=True, reads=["model.loans", "model.insured"]),
            feeds=feeds,
        )
        return [node.unique_id.removeprefix("model.") for node in results if not node.unchanged]

    assert written(["bank"], 1) == ["built", "loans", "standing", "lent"]
    assert written(["insurance"], 2) == ["built", "loans", "cards", "standing", "insured", "tested", "lent"]
    assert written(["housing"], 3) == ["built", "standing"]
    assert written(None, 4) == ["built", "loans", "cards", "standing", "insured", "tested", "lent"]


def test_what_follows_from_a_table_that_did_not_change_is_not_run(
    home: Home, build: Callable[..., list[NodeResult]]
) -> None:
    tables = ("form", "person", "loan", "score", "mean")
    _make(
        home, *(f"{table} as select date '2026-07-01' as period_month, 'h1' as household, 1 as n" for table in tables)
    )

    def kept(name: str, n: str, *reads: str, **declared: object) -> Statement:
        sql = f"select date '2026-07-01' as period_month, 'h1' as household, {n} as n"
        return _statement(name, sql, is_kept=True, reads=[f"model.{read}" for read in reads], **declared)

    results = build(
        kept("form", "7", feeds=["reviews"]),
        _statement("answer", "from form", is_scratch=True, reads=["model.form"]),
        kept("person", "(select count(*)::integer from answer)", "answer"),
        kept("loan", "8", "person"),
        kept("score", "(select n from answer)", "answer"),
        _statement("a_loan_has_a_person", "from loan where n = 8", is_test=True, reads=["model.loan"]),
        kept("mean", "(select n from score)", "score", "loan"),
        feeds=["reviews"],
    )

    assert {node.unique_id.removeprefix("model."): node.written for node in results} == {
        "form": 1, "answer": 1, "person": 0, "loan": 0, "score": 1, "mean": 1, "a_loan_has_a_person": None,
    }  # fmt: skip
    assert [_rows(home, f"select n from {table}") for table in tables[1:]] == [[(1,)], [(1,)], [(7,)], [(7,)]]


def test_scratch_is_gone_and_what_a_view_reads_stays(home: Home, build: Callable[..., list[NodeResult]]) -> None:
    build(BUILT, STANDING)

    assert _rows(home, "select table_name from duckdb_tables() where schema_name = 'main' order by all") == [
        ("by_year",), ("fact",), ("standing",),
    ]  # fmt: skip


@pytest.mark.parametrize(("last", "told"), [
    (_statement("no_fact_is_new", "from fact where version = 2", is_test=True), "no_fact_is_new"),
    (_statement("broken", "select 'Nguyen Van A'::integer"), "broken failed"),
])  # fmt: skip
def test_when_a_test_objects_or_a_model_breaks_nothing_has_changed_and_no_value_is_told(
    home: Home, build: Callable[..., list[NodeResult]], last: Statement, told: str
) -> None:
    with pytest.raises(RuntimeError, match=told) as error:
        build(BUILT, FACT, last)

    assert "Nguyen" not in str(error.value)
    assert _rows(home, "select version from fact") == [(1,), (1,)]
