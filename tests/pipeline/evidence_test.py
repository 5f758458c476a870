"""Every cell stands on evidence that is printed: the class can be recomputed from it, and goes with it."""

from pathlib import Path
from typing import Any

import pytest
from pipeline.conftest import SIMULATED, Warehouse, built
from without_a_feed import fates, incomes

from warehouse.published.questions import explain

ASKED = 1_000


def _recomputed(judged: dict[str, Any], cells: list[dict[str, Any]]) -> str:
    """The class that follows from what `explain` prints of income, lines and cells, and from nothing else."""
    income, score, cutoff = judged["income_per_capita_vnd"], judged["score_a"], judged["score_cutoff"]
    if income is not None:
        below = income <= judged["line_vnd"]
    else:
        below = None if score is None or cutoff is None else score <= cutoff
    if below is None:
        return "undetermined"
    if not below:
        share = judged["average_income_pct"]
        return "average" if income is not None and share and 100 * income <= share * judged["line_vnd"] else "other"
    answers = [cell["deprived"] for cell in cells]
    if answers and answers.count(True) >= judged["poor_from_count"]:
        return "poor"
    return "near_poor" if len(answers) - answers.count(False) < judged["poor_from_count"] else "undetermined"


def test_the_class_of_a_household_follows_from_what_explain_prints(warehouse: Warehouse) -> None:
    asked = warehouse.restricted(
        "select period_month, household_key, standard_id from facts.household_deprivation where is_reviewed "
        f"order by md5(household_key || standard_id || period_month) limit {ASKED}"
    )
    database = warehouse.version / "restricted.duckdb"

    seen = set()
    for month, household, standard in asked:
        (judged,), cells = explain(database, household, month, standard)
        assert len(cells) == 12
        assert _recomputed(judged, cells) == judged["computed_class"], (month, household, standard)
        seen.add(judged["computed_class"])

    assert len(asked) == ASKED
    assert seen == {"poor", "near_poor", "average", "other", "undetermined"}


def test_explain_answers_for_a_listed_household_without_a_review(warehouse: Warehouse) -> None:
    key = warehouse.restricted(
        "select min(household_key) from facts.household_deprivation "
        "where not is_reviewed and period_month = date '2026-10-01'"
    )[0][0]

    said = warehouse.cantho("explain", "--household", key, "--month", "2026-10")

    assert said.returncode == 0, said.stderr
    assert "undetermined" in said.stdout


@pytest.fixture(scope="module")
def without_three_feeds(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same deliveries under the same key, but for two feeds that are asked first, and one that lends a score."""
    feeds = ("health_insurance/cards", "housing/support_cases", "labour/poverty_list")
    key = {"CANTHO_KEY_FILE": str(warehouse.home / "key")}
    home = built(tmp_path_factory.mktemp("without"), SIMULATED, without=feeds, **key)
    return home.version / "restricted.duckdb"


def test_what_rested_on_a_feed_that_is_gone_is_unknown_or_rests_on_the_next(
    warehouse: Warehouse, without_three_feeds: Path
) -> None:
    found = fates(warehouse.version / "restricted.duckdb", without_three_feeds)

    of_gone = {fate for feed, fate, _ in found if feed in ("health_insurance/cards", "housing/support_cases")}
    of_others = {fate for feed, fate, _ in found if feed.startswith("labour/")}
    assert {feed for feed, _, _ in found} > {"health_insurance/cards", "housing/support_cases"}
    assert of_gone <= {
        "rests on labour/household_members", "rests on labour/household_review", "became unknown", "unknown as before",
    }  # fmt: skip
    assert of_others == {"as before", "unknown as before"}


def test_who_had_only_the_score_of_a_list_that_is_gone_has_no_income_source(
    warehouse: Warehouse, without_three_feeds: Path
) -> None:
    found = incomes(warehouse.version / "restricted.duckdb", without_three_feeds)

    assert {(was, now) for was, now, _, _ in found} == {
        ("income", "income"), ("review_score", "review_score"), ("list_score", None), (None, None),
    }  # fmt: skip
    assert all(same for was, _, same, _ in found if was != "list_score")
    # Under the standard that has a cut-off, what the score had said is unknown now.
    assert [same for was, _, same, _ in found if was == "list_score"] == [False, True]
