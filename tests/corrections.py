"""Run by hand: communes correct at random what they sent; a build of their scope is compared with one of the month.

    .venv/bin/python -m tests.corrections [--rounds 20] [--scale 0.01] [--months 2026-11:2027-01] [--seed 1]

Each round some communes send forms, members or lists of the newest month again: rows are gone, persons exchanged,
numbers missing, values those of another row, households moved from another commune. The live file is built of the
communes in scope, then of the month; every table that is kept must have the same rows after both.
"""

import argparse
import csv
import io
import random
import shutil
import tempfile
from collections import Counter
from pathlib import Path

import duckdb

from orchestration import running
from sources.contracts.feeds import discover
from tests.serving import simulated
from warehouse.build import compiled, incremental, plan
from warehouse.intake.deliveries import Intake
from warehouse.published import writer
from warehouse.zones.home import Home

# Feeds whose deliveries staging compares row by row.
COMPARED = ("labour/household_review", "labour/household_members", "labour/poverty_list")
# What a person is known by.
PERSON = ("personal_id", "head_personal_id", "full_name", "head_name", "member_name", "birth_date", "sex")

Rows = list[dict[str, str]]


def main() -> None:
    """Correct, build twice, compare, and print what differed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--scale", type=float, default=0.01)
    parser.add_argument("--months", default="2026-11:2027-01")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    chance, outcomes, sizes = random.Random(asked.seed), Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        sent = Path(folder) / "sent"
        files = simulated(sent, asked.months, asked.scale)
        home = Home.open(Path(folder) / "home")
        shutil.copytree(sent, home.landing, dirs_exist_ok=True)
        running.run(home)
        newest = [path for path in files if path.suffix == ".csv" and path.name.startswith(asked.months[-7:])]
        stood = {path: _rows(sent / path) for path in newest if str(path.parent) in COMPARED}
        # Some name their columns in Vietnamese.
        stood = {path: rows for path, rows in stood.items() if len(rows) > 1 and "commune_code" in rows[0]}
        for turn in range(asked.rounds):
            for path in chance.sample(sorted(stood), chance.randint(1, 5)):
                others = chance.choice([rows for other, rows in sorted(stood.items()) if other.parent == path.parent])
                stood[path] = _corrected(stood[path], others, chance)
                feed = discover()[str(path.parent)]
                (home.landing / path).with_stem(f"{path.stem}_{turn}").write_bytes(_csv(stood[path]))
                outcomes.update(entry.status for entry in Intake.open(home).take_in(feed))
            differing = _built_twice(home, sizes)
            print(f"{turn + 1}: {differing or 'no table differs'}", flush=True)  # noqa: T201
    print(f"Deliveries: {dict(outcomes)}. Tables that a build wrote: {dict(sizes)}")  # noqa: T201


def _rows(path: Path) -> Rows:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def _csv(rows: Rows) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _corrected(before: Rows, others: Rows, chance: random.Random) -> Rows:
    """The rows with a few of them as another officer might have written them."""
    rows = [dict(row) for row in before]
    person = [column for column in PERSON if column in rows[0]]
    for _ in range(chance.randint(1, 6)):
        row, other = chance.choice(rows), chance.choice(others)
        match chance.choice(("gone", "exchanged", "nameless", "other value", "moved")):
            case "gone" if len(rows) > 2:
                rows.remove(row)
            case "exchanged":
                row |= {column: other[column] for column in person}
            case "nameless":
                row[person[0]] = ""
            case "moved":
                rows.append(other | {"commune_code": row["commune_code"]})
            case _:
                column = chance.choice([name for name in row if name != "commune_code"])
                row[column] = chance.choice(rows)[column]
    return rows


def _built_twice(home: Home, sizes: Counter[str]) -> list[str]:
    """Names of the tables that a build of the whole month leaves otherwise than one of communes; publishes."""
    work = plan.begin(home)
    if not work.needed:
        return []
    months, statements = list(work.months or ()), compiled.statements(home)
    try:
        results = incremental._build(home, statements, months, work.feeds, of_all_communes=False)
        sizes[f"{sum(bool(node.written) for node in results)}"] += 1
    except RuntimeError as error:
        sizes[str(error)] += 1
    of_communes = contents(home)
    incremental.build_months(home, months)
    of_all = contents(home)
    plan.finish(home)
    writer.publish(home, work.deliveries, work.code, months)
    return [name for name, content in of_all.items() if content != of_communes[name]]


def contents(home: Home) -> dict[str, tuple]:
    """Of each table that is kept how many rows it has, and a sum that differs where they do."""
    with duckdb.connect(str(home.warehouse), read_only=True) as live:
        return {
            statement.name: live.execute(
                f"select count(*), sum(hash(kept)) from {statement.relation} as kept"
            ).fetchall()[0]
            for statement in compiled.statements(home)
            if statement.is_kept
        }


if __name__ == "__main__":
    main()
