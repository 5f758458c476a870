"""Lasting faults and silence across New Year: nothing published is wrong that the deliveries let anyone know."""

import shutil
from pathlib import Path

import duckdb
import pytest
from faults_and_silence import Judgement, judged
from linkage import by_fault, measured
from pipeline.conftest import Warehouse, built

from warehouse.zones.home import Home


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Three months; communes fall silent, and in January the card register does."""
    simulated = ["--months", "2026-11:2027-01", "--scale", "0.002", "--review-share", "0.3", "--seed", "2"]
    return built(tmp_path_factory.mktemp("faults"), [*simulated, "--dirt", "1", "--faults", "2", "--silence", "1"])


@pytest.fixture(scope="module")
def judgement(faulty: Warehouse) -> Judgement:
    return judged(faulty)


def test_every_bound_holds_what_was_true_when_the_evidence_spoke(judgement: Judgement) -> None:
    assert sum(bounds for _, bounds, _, _ in judgement.outside) > 10_000
    assert [(area, outside, without) for area, _, outside, without in judgement.outside if outside or without] == []


def test_no_known_answer_is_wrong_but_for_faults_that_nobody_can_see(judgement: Judgement) -> None:
    assert dict(judgement.verdicts)["right"] > 10_000
    assert judgement.wrong == []
    assert judgement.unexplained == []


def test_rows_of_one_person_meet_and_of_two_by_the_number_of_another_alone(faulty: Warehouse) -> None:
    """Where the delivery does not show whose the number is: its bearer is not on it, or born in the same year."""
    home = Home(faulty.home)
    (_, _, of_one_person, linked, links, false), *_ = measured(home, faulty.truth)
    false_by_fault = {fault: wrong for fault, _, _, wrong in by_fault(home, faulty.truth) if fault}

    assert false / links < 0.002
    assert linked / of_one_person > 0.96
    assert false_by_fault["number of another member"] == false
    assert false_by_fault["number missing"] == 0


def test_faults_and_silence_leave_their_traces(judgement: Judgement) -> None:
    verdicts = dict(judgement.verdicts)

    assert verdicts["unknown"] > 100
    assert verdicts["unseen"] > 0
    assert judgement.stale != []


def test_one_wrong_answer_is_found_and_so_is_the_bound_that_leaves_it_out(
    faulty: Warehouse, judgement: Judgement, tmp_path: Path
) -> None:
    shutil.copyfile(faulty.truth / "person_truth.parquet", tmp_path / "person_truth.parquet")
    duckdb.sql(f"""
        copy (
            select * replace (
                deprived <> is_it as deprived, expected <> is_it as expected,
                deprived_at_evidence <> is_it as deprived_at_evidence
            ) from (
                select *, row_number() over (
                    order by indicator_code = 'INF_DEV' and deprived and expected desc, period_month, commune_code
                ) = 1 as is_it
                from '{faulty.truth}/household_truth.parquet'
            )
        ) to '{tmp_path}/household_truth.parquet'
    """)

    other = judged(Warehouse(faulty.home, tmp_path))
    assert sum(row[4] for row in other.wrong) == sum(row[4] for row in judgement.wrong) + 1
    assert sum(row[2] for row in other.outside) > sum(row[2] for row in judgement.outside)
