"""After a commune's delivery the tables are those of a build of the whole month, though few communes are built."""

import csv
import io
import json
import shutil
from pathlib import Path

import duckdb
import pytest
from corrections import contents
from pipeline.conftest import Warehouse, built

from sources.contracts.feeds import discover
from warehouse.build import compiled, incremental, plan
from warehouse.build.compiled import Statement
from warehouse.intake.deliveries import Intake
from warehouse.published import store
from warehouse.zones.files import write_atomically
from warehouse.zones.home import Home

# In January every registration is new and has to be linked with one of the year before.
MONTH = "2027-01"
SIMULATED = ["--months", "2026-12:2027-01", "--scale", "0.006", "--seed", "11", "--dirt", "1"]
# What a person is known by, and columns that a file must have to be corrected here.
PERSON = ("personal_id", "birth_date", "sex")
FEEDS = {
    "labour/household_review": ("score_a",),
    "labour/household_members": ("full_name", *PERSON),
    "labour/poverty_list": ("member_name", *PERSON),
}
# Some files name their columns in Vietnamese.
NAMES = {"Mã xã": "commune_code", "Điểm A (B1)": "score_a"}


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A warehouse to which a commune has sent its forms and its list again, and they name others' people now."""
    folder = tmp_path_factory.mktemp("corrected")
    made = built(folder, SIMULATED)
    wrote = made.cantho("simulate", *SIMULATED, "--out", str(folder / "sent"))
    assert wrote.returncode == 0, wrote.stderr
    for feed, columns in FEEDS.items():
        own, other = sorted(_communes(folder / "sent" / feed, columns), key=len)[-2:]
        place = f"{MONTH}_{own[0]['commune_code']}.csv"
        write_atomically(made.home / "landing" / feed / place, _csv(_exchanged(own, other, columns)))
    return made


@pytest.fixture(scope="module")
def held(sent: Warehouse) -> dict[str, tuple]:
    """The tables after a build of the communes that sent alone: the scope does not grow by comparison."""
    home = Home.open(sent.home)
    aside = sent.home.with_name("live")
    shutil.copytree(home.live, aside)
    for feed in FEEDS:
        Intake.open(home).take_in(discover()[feed])
    work, statements = plan.begin(home), compiled.statements(home)
    replaces = incremental._Build._replaces

    def without_growing(build: incremental._Build, statement: Statement) -> bool:
        before = [code for (code,) in build.live.execute(f"FROM {compiled.SCOPE}").fetchall()]
        changed = replaces(build, statement)
        if not statement.name.startswith(("base_", "stg_")):
            build.live.execute(f"DELETE FROM {compiled.SCOPE} WHERE commune_code NOT IN ?", [before])
        return changed

    models = [statement for statement in statements if not statement.is_test]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(incremental._Build, "_replaces", without_growing)
        incremental._build(home, models, list(work.months or ()), work.feeds, of_all_communes=False)
    tables = contents(home)
    shutil.rmtree(home.live)
    shutil.move(aside, home.live)
    return tables


@pytest.fixture(scope="module")
def corrected(sent: Warehouse, held: dict[str, tuple]) -> Warehouse:  # noqa: ARG001 - looked at before
    """The warehouse that has taken them in."""
    ran = sent.cantho("run")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert sent.cantho("issue", "--reason", "a test").returncode == 0
    return sent


def _communes(folder: Path, columns: tuple[str, ...]) -> list[list[dict[str, str]]]:
    """The rows of each commune in those files of the month that have these columns."""
    communes: dict[str, list[dict[str, str]]] = {}
    for path in sorted(folder.glob(f"{MONTH}*.csv")):
        for said in csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig", errors="replace"))):
            row = {NAMES.get(name, name): value for name, value in said.items()}
            if row.keys() >= {"commune_code", *columns} and None not in row:
                communes.setdefault(row["commune_code"], []).append(row)
    return list(communes.values())


def _exchanged(
    rows: list[dict[str, str]], others: list[dict[str, str]], columns: tuple[str, ...]
) -> list[dict[str, str]]:
    """The rows with what another commune says of every second, a number missing, and the last one gone."""
    changed = [dict(row) for row in rows[:-1]]
    for row, other in zip(changed[1::2], others[1::2], strict=False):
        row |= {column: other[column] for column in columns}
    if "personal_id" in columns:
        changed[2]["personal_id"] = ""
    return changed


def _csv(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def test_what_is_published_is_what_the_live_file_holds(corrected: Warehouse) -> None:
    home = Home.open(corrected.home)
    begun = json.loads((home.live / "build.json").read_text())
    tables = """
        from duckdb_tables() where schema_name in ('public', 'marts', 'facts') and database_name = 'warehouse'
        union all
        select schema_name, view_name from duckdb_views() where schema_name = 'public' and database_name = 'warehouse'
    """
    with duckdb.connect() as both:
        for name, file in (("warehouse", home.warehouse), *_published(home)):
            both.execute(f"attach '{file}' as {name} (read_only)")

        def content(table: str) -> list[tuple]:
            return both.execute(f"select count(*), sum(hash(one)) from {table} as one").fetchall()

        differing = [
            table
            for schema, table in both.execute(f"select schema_name, table_name {tables}").fetchall()
            if content(f"warehouse.{schema}.{table}")
            != content(f"public.marts.{table}" if schema == "public" else f"exact.{schema}.{table}")
        ]

    assert differing == []
    assert "facts.household_deprivation" in begun["changed"]
    assert "marts.area_cards" not in begun["changed"]


def _published(home: Home) -> list[tuple[str, Path]]:
    folder = store.folder(home)
    return [("public", folder / store.PUBLIC), ("exact", folder / store.RESTRICTED)]


@pytest.mark.parametrize("table", ["facts.person_month", "staging.base_labour__household_members"])
def test_a_build_from_scratch_writes_month_by_month_and_commune_by_commune(warehouse: Warehouse, table: str) -> None:
    with duckdb.connect(str(Home.open(warehouse.home).warehouse), read_only=True) as live:
        steps = live.execute(
            "select count_if((period_month, commune_code) < before), count(distinct period_month) from (select *, "
            f"lag((period_month, commune_code)) over (order by rowid) as before from {table})"
        ).fetchone()

    # Each of two threads may write from the first month to the last.
    assert steps in ((0, 2), (1, 2))


def test_no_table_differs_from_a_build_of_the_month(corrected: Warehouse) -> None:
    home = Home.open(corrected.home)
    work = plan.last(home)

    of_communes = contents(home)
    incremental.build_months(home, list(work.months or ()))

    assert work.feeds == sorted(FEEDS)
    assert [name for name, content in contents(home).items() if content != of_communes[name]] == []
    assert of_communes["household_deprivation"][0] > 0


def test_without_the_communes_that_come_into_scope_figures_would_be_wrong(
    corrected: Warehouse, held: dict[str, tuple]
) -> None:
    tables = contents(Home.open(corrected.home))

    assert {"person_month", "household_deprivation"} <= {name for name in tables if tables[name] != held[name]}
