"""The dbt project as orchestration sees it: its sources from the contracts, its manifest, its fingerprint.

Here belongs what must stand before dbt can run. Not here: models, or running them (`assets`).
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from sources.contract import FOLDER as SOURCES
from sources.contract import Feed, discover
from warehouse import sealed
from warehouse.home import Home
from warehouse.identity import raw_schema
from warehouse.lake import DELIVERIES, QUARANTINED

DBT = Path(sys.executable).parent / "dbt"
PROJECT = Path(__file__).parent.parent / "dbt_project"
# Written from the contracts, so that a feed is declared once; not kept in git.
RAW_SOURCES = PROJECT / "models" / "staging" / "raw_sources.yml"

_DELIVERIES = "read_parquet('{{ env_var('CANTHO_HOME') }}/lake/deliveries.parquet')"

DERIVED = {
    "delivery_id": "Delivery the row came with.",
    "period_month": "First day of the month the delivery reports.",
    "row_number": "Row of the file, counted from 1.",
    "place": "Sheet of the workbook; empty for other formats.",
    "commune_code": "Today's commune. Null only where the feed may leave it open.",
    "commune_code_then": "The unit in force in that month; differs from commune_code before July 2025.",
    "commune_assumed": "True when a unit that was split was placed in its default part.",
    "person_key": "Pseudonym of the personal number; without a usable one, of the row.",
    "person_number_usable": "Whether person_key stands for a personal number.",
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


def declare_sources() -> None:
    """Write the dbt sources that follow from the contracts, if they changed."""
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
    declared = {
        "version": 2,
        "sources": [
            {"name": "raw", "description": "The lake: accepted rows past the identity zone.", "tables": tables + extra}
        ],
    }
    text = yaml.safe_dump(declared, sort_keys=False, allow_unicode=True, width=110)
    if not RAW_SOURCES.exists() or RAW_SOURCES.read_text(encoding="utf-8") != text:
        sealed.place(RAW_SOURCES, text.encode())


def fingerprint() -> str:
    """What the figures depend on besides deliveries: models, seeds, code lists and contracts, as one hash."""
    digest = hashlib.sha256()
    files = [p for p in PROJECT.rglob("*") if p.suffix in (".sql", ".yml", ".csv", ".md") and p != RAW_SOURCES]
    files += [*SOURCES.glob("reference/*.csv"), *SOURCES.glob("*/*/contract.odcs.yaml")]
    for path in sorted(files):
        digest.update(str(path.relative_to(PROJECT.parent)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def environment(home: Home) -> dict[str, str]:
    """What dbt must find in its environment to work in this home."""
    return {
        "CANTHO_HOME": str(home.root),
        "DBT_TARGET_PATH": str(home.root / "dbt" / "target"),
        "DBT_LOG_PATH": str(home.root / "dbt" / "logs"),
        "DBT_PROFILES_DIR": str(PROJECT),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }


def manifest(home: Home) -> Path:
    """The manifest of dbt for the models as they stand; parsed again only when something changed."""
    declare_sources()
    path = home.root / "dbt" / f"manifest-{fingerprint()}.json"
    if not path.exists():
        os.environ.update(environment(home))
        command = [str(DBT), "--quiet", "parse", "--project-dir", str(PROJECT), "--no-partial-parse"]
        parsed = subprocess.run(command, capture_output=True, text=True, check=False)
        if parsed.returncode:
            raise RuntimeError(f"dbt cannot parse {PROJECT}:\n{parsed.stdout}{parsed.stderr}")
        sealed.place(path, (home.root / "dbt" / "target" / "manifest.json").read_bytes())
    return path
