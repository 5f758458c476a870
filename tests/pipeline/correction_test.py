"""What departments send wrong at first and right later comes to the figures of a history without mistakes."""

import json
import shutil
from pathlib import Path

import pytest
from pipeline.conftest import SIMULATED, Warehouse, send

from sources.contracts.feeds import discover
from warehouse.published.comparison import Difference, compare

# One file a department whose last row is spoilt, and sent again alone.
COMPLETED = (
    "labour/commune_totals/2026-09.csv", "health_insurance/cards/2026-09.csv",
    "housing/support_cases/2026-09.csv", "policy_bank/loans/2026-09.csv",
)  # fmt: skip
BY_DELIVERY = (
    "delivery_id", "evidence_delivery", "review_delivery", "members_delivery", "register_delivery", "case_delivery",
)  # fmt: skip


def _header(content: bytes) -> bytes:
    """The first line of a CSV, with the line breaks inside its cells."""
    end = content.index(b"\n") + 1
    while content[:end].count(b'"') % 2:
        end = content.index(b"\n", end) + 1
    return content[:end]


@pytest.fixture(scope="module")
def mended(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The shared deliveries again: of each feed one is cut at first, in each department one has a row too long."""
    home = tmp_path_factory.mktemp("mended") / "home"
    again = Warehouse(home, warehouse.truth)
    landing = send(again, SIMULATED)
    shutil.copy(warehouse.home / "key", home / "key")
    cut = {path: path.read_bytes() for feed in discover() for path in sorted((landing / feed).glob("2026-10*"))[:1]}
    for path, content in cut.items():
        path.write_bytes(content[: len(content) // 2].rstrip(b"\n"))
    apart = {landing / name: (landing / name).read_bytes() for name in COMPLETED}
    for path, content in apart.items():
        path.write_bytes(content.rstrip(b"\n") + b",x\n")

    first = again.cantho("run")
    kept = json.loads(again.cantho("quarantine", "list", "--json").stdout)
    refused = [one for one in kept if one["what"] == "delivery"]
    replayed = again.cantho("quarantine", "replay", refused[0]["id"])
    for path, content in cut.items():
        path.write_bytes(content)
    for path, content in apart.items():
        last = content.rstrip(b"\n").rsplit(b"\n", 1)[-1] + b"\n"
        path.with_name(f"{path.stem}_supplement{path.suffix}").write_bytes(_header(content) + last)
    second = again.cantho("run")

    issued = again.cantho("issue", "--reason", "a test")

    assert (first.returncode, replayed.returncode, second.returncode) == (1, 1, 0), second.stderr
    assert issued.returncode == 0, issued.stderr
    assert {one["file"].rsplit("/", 1)[0] for one in refused} == set(discover())
    return again


def _differing(one: Warehouse, other: Warehouse) -> list[Difference]:
    # A row that came with a supplement came with another delivery; all else about it must be the same.
    found = compare(one.version, other.version, ignored=BY_DELIVERY)
    assert len(found) > 50
    return [table for table in found if table.only_published or table.only_rebuilt]


def test_refused_corrected_and_completed_deliveries_publish_what_a_clean_history_does(
    warehouse: Warehouse, mended: Warehouse
) -> None:
    assert _differing(warehouse, mended) == []


def test_what_was_kept_out_is_answered_by_what_came_later(mended: Warehouse) -> None:
    kept = json.loads(mended.cantho("quarantine", "list", "--json").stdout)

    unanswered = [one["file"] for one in kept if one["what"] == "delivery" and not one["answered_by"]]
    completed = {one["file"]: one["answered_by"] for one in kept if one["file"] in COMPLETED}

    assert unanswered == []
    assert completed == {name: f"{Path(name).stem}_supplement.csv" for name in COMPLETED}
