"""The book of examples, docs/examples.md: what it asks, and whether a home answers what the book says.

By hand, against the home of a fresh `make run` (no argument: the one in the checkout):
`python -m tests.examples [HOME] [--write]`. With `--write` the answers are put into the book instead of compared. CI
asks the same questions of the small home of the tests, where only the columns are the same.
"""

import argparse
import difflib
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

BOOK = Path(__file__).parents[1] / "docs" / "examples.md"
EXAMPLE = re.compile(r"### (\d+)\. ([^\n]*)\n\n```sql( restricted| across)?\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL)
CANTHO = Path(sys.executable).with_name("cantho")


@dataclass(frozen=True)
class Example:
    """A question, the database it is put to (`public`, `restricted` or `across` versions), its query and its answer."""

    number: int
    question: str
    database: str
    query: str
    answer: str

    @property
    def columns(self) -> list[str]:
        """Headers of the printed answer."""
        return [cell.strip() for cell in self.answer.splitlines()[1].strip("┃").split("┃")]

    def printed(self, home: Path) -> str:
        """What `cantho sql` prints for it in a home."""
        options = [] if self.database == "public" else [f"--{self.database}"]
        asked = [CANTHO, "sql", *options, "--purpose", "book of examples", "-c", self.query, "--home", home]
        lines = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines()
        return "".join(f"{line.rstrip()}\n" for line in lines)


def examples() -> Iterator[Example]:
    """What the book has, in its order."""
    for number, question, database, query, answer in EXAMPLE.findall(BOOK.read_text(encoding="utf-8")):
        yield Example(int(number), question, database.strip() or "public", query, answer)


def main() -> int:
    """Ask all of the book; prints the differences and returns 1 when there are any."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("home", nargs="?", type=Path, default=BOOK.parents[1] / "warehouse" / "home")
    options.add_argument("--write", action="store_true", help="put the answers into the book")
    asked = options.parse_args()
    book, differing = BOOK.read_text(encoding="utf-8"), 0
    for example in examples():
        printed = example.printed(asked.home)
        if asked.write:
            before = f"{example.query}```\n\n```text\n"
            book = book.replace(f"{before}{example.answer}```", f"{before}{printed}```")
        elif printed != example.answer:
            differing += 1
            print(f"{example.number}. {example.question}")  # noqa: T201
            lines = example.answer.splitlines(), printed.splitlines()
            print("\n".join(difflib.unified_diff(*lines, "book", "home", lineterm="", n=0)))  # noqa: T201
    if asked.write:
        BOOK.write_text(book, encoding="utf-8")
    else:
        print(f"{len(list(examples())) - differing} of {len(list(examples()))} answers are as the book says.")  # noqa: T201
    return 1 if differing else 0


if __name__ == "__main__":
    raise SystemExit(main())
