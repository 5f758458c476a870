"""Whatever the damage, nothing is read wrong in silence."""

from collections import Counter

import pyarrow as pa
import pytest

from damage import cuts, fuzz, structure, verdict
from damage.files import WRITERS, Sheet, clean_sheets, deliver
from damage.verdict import Verdict
from sources.contracts.refusal import BrokenPromise
from sources.reading import rows


@pytest.fixture(scope="module")
def matrix() -> list[Verdict]:
    # A seventh of the files, of every feed and format; `python -m damage.verdict` judges them all.
    return verdict.verdicts(part=7)


def test_no_kind_of_dirt_is_read_wrong_in_silence(matrix: list[Verdict]) -> None:
    assert [one for one in matrix if one.outcome == "WRONG"] == []


def test_no_dirt_is_read_otherwise_when_each_text_is_read_by_itself() -> None:
    def checked(spoilt: Sheet, extension: str) -> object:
        try:
            _, outcome = deliver(spoilt.feed, WRITERS[extension](spoilt), extension)
        except BrokenPromise as broken:
            return broken.code
        return outcome

    for _, kind, spoilt, extension in verdict.spoilt_files(part=5):
        at_once = checked(spoilt, extension)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(rows, "plain_values", lambda column, texts: pa.nulls(len(texts), column.arrow_type))
            assert checked(spoilt, extension) == at_once, (spoilt.feed.id, kind, extension)


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
