"""Lasting faults and silence across New Year: nothing published is wrong that the deliveries let anyone know."""

import pytest
from faults_and_silence import Judgement, judged
from pipeline.conftest import built


@pytest.fixture(scope="module")
def judgement(tmp_path_factory: pytest.TempPathFactory) -> Judgement:
    """Three months; communes fall silent, and in January the card register does."""
    simulated = ["--months", "2026-11:2027-01", "--scale", "0.002", "--review-share", "0.3", "--seed", "2"]
    made = built(tmp_path_factory.mktemp("faults"), [*simulated, "--dirt", "1", "--faults", "2", "--silence", "1"])
    return judged(made)


def test_every_bound_holds_what_was_true_when_the_evidence_spoke(judgement: Judgement) -> None:
    assert sum(bounds for _, bounds, _, _ in judgement.outside) > 10_000
    assert [(area, outside, without) for area, _, outside, without in judgement.outside if outside or without] == []


def test_no_known_answer_is_wrong_but_for_faults_that_nobody_can_see(judgement: Judgement) -> None:
    assert dict(judgement.verdicts)["right"] > 10_000
    assert judgement.wrong == []
    assert judgement.unexplained == []


def test_faults_and_silence_leave_their_traces(judgement: Judgement) -> None:
    verdicts = dict(judgement.verdicts)

    assert verdicts["unknown"] > 100
    assert verdicts["unseen"] > 0
    assert judgement.stale != []
