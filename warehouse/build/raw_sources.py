"""The sources of the dbt project, which follow from the contracts: `models/staging/raw_sources.yml`.

A feed is declared once, in its contract. The file is kept in git, so that dbt can be run by hand; `make fix` writes it,
and a test compares it with the contracts. Not here: models that read the sources.
"""

from typing import Any

import yaml

from sources.contracts.feeds import Feed, discover
from warehouse.build.project import PROJECT
from warehouse.zones.identity import raw_schema
from warehouse.zones.lake import DELIVERIES, QUARANTINED

PATH = PROJECT / "models" / "staging" / "raw_sources.yml"
HEADER = "# Written by `make fix` from the contracts. A source is changed there.\n"

_DELIVERIES = "read_parquet('{{ env_var('CANTHO_HOME') }}/lake/deliveries.parquet')"

DERIVED = {
    "delivery_id": "Delivery the row came with.",
    "period_month": "First day of the month the delivery reports.",
    "row_number": "Row of the file, counted from 1.",
    "place": "Sheet of the workbook; empty for other formats.",
    "commune_code": "Today's commune. Null only where the feed may leave it open.",
    "commune_code_then": "The unit in force in that month; differs from commune_code before July 2025.",
    "commune_assumed": "True when a unit that was split was placed in its default part.",
    "person_key": "Pseudonym of the personal number; without a usable one, of commune, name and birth, or of the row.",
    "match_key": "Pseudonym of commune, letters of the name and day of birth. Null when one of them is not known.",
    "person_number_usable": "Whether person_key stands for a personal number.",
    "person_number_plausible": "Whether the number tells the sex and year of birth of the row. Null without a number.",
    "head_person_key": "Pseudonym of the head's personal number; null when there is no usable one.",
    "registration_key": "Pseudonym of commune, review year and household code.",
    "card_key": "Pseudonym of the card's number.",
    "contract_key": "Pseudonym of the contract's number.",
    "customer_key": "Pseudonym of the customer's number.",
    "birth_month": "First day of the month of birth; null when only the year is known.",
    "birth_year": "Year of birth.",
    "feed": "Department and feed.",
    "seq": "Order in which deliveries count; larger is newer.",
    "is_supplement": "True when the delivery adds and replaces rows by key instead of replacing all.",
    "received_at": "When the warehouse first saw the delivery.",
    "row_count": "Rows accepted.",
    "quarantined_count": "Rows set apart.",
    "reasons": "Codes of the broken promises, joined by semicolons.",
}


def _source_table(feed: Feed) -> dict[str, Any]:
    described = {column.name: column.description for column in feed.columns}
    return {
        "name": feed.table,
        "description": f"{feed.purpose} {feed.grain[0].upper()}{feed.grain[1:]}. From {feed.owner}.",
        "config": {
            "meta": {
                "external_location": _glob(f"raw/{feed.table}"),
                "dagster": {"asset_key": ["raw", feed.table]},
            }
        },
        "columns": [
            {"name": name, "description": described.get(name) or DERIVED[name]} for name in raw_schema(feed).names
        ],
    }


def _glob(folder: str) -> str:
    files = "{{ env_var('CANTHO_HOME') }}/lake/" + folder + "/**/*.parquet"
    return f"read_parquet('{files}', hive_partitioning = false, union_by_name = true)"


def declared() -> str:
    """The YAML of the sources that follow from the contracts."""
    extra = [
        {
            "name": "deliveries",
            "description": "One row per accepted delivery, in the order in which they count.",
            "config": {"meta": {"external_location": _DELIVERIES}},
            "columns": [{"name": name, "description": DERIVED[name]} for name in DELIVERIES.names],
        },
        {
            "name": "quarantined_rows",
            "description": "One row per row that broke its contract: key and reasons, never its content.",
            "config": {"meta": {"external_location": _glob("quarantined")}},
            "columns": [{"name": name, "description": DERIVED[name]} for name in QUARANTINED.names],
        },
    ]
    tables = [_source_table(feed) for feed in discover().values()]
    content = {
        "version": 2,
        "sources": [
            {"name": "raw", "description": "The lake: accepted rows past the identity zone.", "tables": tables + extra}
        ],
    }
    return HEADER + yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)


def main() -> None:
    """Write the file."""
    PATH.write_text(declared(), encoding="utf-8")


if __name__ == "__main__":
    main()
