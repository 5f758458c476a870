"""Column names, Vietnamese headers and words of each feed, as its contract prints them.

Read from the contract's YAML alone: the simulator shares no code with the readers that its deliveries are to test.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

SOURCES = Path(__file__).parents[1]


@dataclass(frozen=True)
class Column:
    """One column: `words` gives the Vietnamese word of each English code."""

    name: str
    header: str
    words: dict[str, str]
    empty_is_false: bool


@dataclass(frozen=True)
class Layout:
    """Columns of a feed in the order of its contract, and the names of its key."""

    department: str
    feed: str
    columns: list[Column]
    key: list[str]


@cache
def layout(department: str, feed: str) -> Layout:
    """The layout of a feed."""
    text = (SOURCES / department / feed / "contract.odcs.yaml").read_text(encoding="utf-8")
    properties = yaml.safe_load(text)["schema"][0]["properties"]
    keys = sorted((p for p in properties if p.get("primaryKey")), key=lambda p: p["primaryKeyPosition"])
    return Layout(department, feed, [_column(p) for p in properties], [p["name"] for p in keys])


def _column(entry: dict[str, Any]) -> Column:
    custom = {item["property"]: item["value"] for item in entry.get("customProperties", [])}
    words = {str(code): str(names[0]) for code, names in custom.get("words", {}).items()}
    if custom.get("code_list") == "ethnic_groups":
        words = ethnic_groups()
    return Column(entry["name"], entry["businessName"], words, custom.get("empty_means") is False)


@cache
def ethnic_groups() -> dict[str, str]:
    """Name of each ethnic group by its two-digit code."""
    with (SOURCES / "reference" / "ethnic_groups.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name_vi"] for row in csv.DictReader(file)}
