"""Whatever the damage, nothing is read wrong in silence."""

from collections import Counter

import pytest

from damage import cuts, fuzz, structure, verdict
from damage.files import clean_sheets
from damage.verdict import Verdict


@pytest.fixture(scope="module")
def matrix() -> list[Verdict]:
    # A seventh of the files, of every feed and format; `python -m damage.verdict` judges them all.
    return verdict.verdicts(part=7)


def test_no_kind_of_dirt_is_read_wrong_in_silence(matrix: list[Verdict]) -> None:
    assert [one for one in matrix if one.outcome == "WRONG"] == []


def test_most_dirt_is_read_as_it_was_meant(matrix: list[Verdict]) -> None:
    count = Counter(one.outcome for one in matrix)

    assert count["exact"] > 0.5 * len(matrix)


def test_no_damage_to_the_structure_of_a_file_is_read_wrong_in_silence() -> None:
    # An eleventh of the files; `python -m damage.structure` judges them all.
    found = list(structure.verdicts(part=11))

    assert {one.kind for one in found} == set(structure.KINDS)
    assert [one for one in found if one.outcome == "WRONG"] == []
    # Whatever is damaged in one row or two, most files are taken in without these.
    assert sum(one.outcome == "refused" for one in found) < 0.2 * len(found)


def test_a_cut_is_seen_unless_it_falls_on_the_end_of_a_line() -> None:
    found = cuts.cuts()

    assert [cut for cut in found if cut.outcome == "WRONG"] == []
    assert all(cut.at_line_end for cut in found if cut.outcome == "not seen")
    assert not [cut for cut in found if cut.outcome == "not seen" and cut.aid == "with a manifest"]
    # Whatever its size, a text file that ends inside a row is refused.
    inside = [cut for cut in found if cut.format == "csv" and cut.in_a_row]
    assert {cut.feed for cut in inside} == set(clean_sheets())
    assert {cut.outcome for cut in inside} == {"refused"}


@pytest.mark.parametrize("seed", [*fuzz.KEPT, *range(40)])
def test_random_damage_is_read_or_refused(seed: int) -> None:
    assert fuzz.attempt(seed) is None
