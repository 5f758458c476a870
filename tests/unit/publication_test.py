"""A prepared version becomes the current one, once, wherever a run broke off."""

import json
from pathlib import Path

import pytest

from warehouse import publication
from warehouse.home import Home
from warehouse.publication import PUBLIC, RESTRICTED, UnknownVersion


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with a version that was prepared."""
    made = Home.open(tmp_path / "home")
    marts = made.published / ".v00001" / "marts"
    marts.mkdir(parents=True)
    for name in (PUBLIC, RESTRICTED):
        (marts.parent / name).write_text(f"figures of {name}")
    (marts.parent / "manifest.json").write_text(json.dumps({"version": "v00001"}))
    marts.chmod(0o555)
    return made


def test_a_prepared_version_is_named_and_no_more_current_until_it_is_flipped(home: Home) -> None:
    before = publication.current(home), publication.versions(home), publication.prepared(home)

    publication.flip(home, "v00001")

    assert before == (None, [], [{"version": "v00001"}])
    assert publication.current(home) == "v00001"
    assert publication.prepared(home) == []


def test_a_flip_that_broke_off_is_completed_and_one_that_did_not_is_not_repeated(home: Home) -> None:
    publication.flip(home, "v00001")
    pointer = home.published / "current.json"
    pointer.unlink()

    publication.flip(home, "v00001")
    written = pointer.stat().st_mtime_ns
    publication.flip(home, "v00001")

    assert publication.current(home) == "v00001"
    assert pointer.stat().st_mtime_ns == written


def test_a_version_that_is_nowhere_does_not_become_the_current_one(home: Home) -> None:
    publication.flip(home, "v00001")

    with pytest.raises(UnknownVersion, match="v00002"):
        publication.flip(home, "v00002")

    assert publication.current(home) == "v00001"


def test_databases_are_laid_out_for_the_next_version_alone_and_for_nobody_else_to_read(home: Home) -> None:
    publication.flip(home, "v00001")
    (home.published / ".next-v00000").mkdir()

    publication.lay_out(home)

    (laid_out,) = home.published.glob(".next*")
    assert laid_out.name == ".next-v00001"
    assert laid_out.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.read_text() for path in laid_out.iterdir()} == {
        name: f"figures of {name}" for name in (PUBLIC, RESTRICTED)
    }


def test_what_was_made_read_only_is_removed_whole(home: Home) -> None:
    publication.remove(home.published / ".v00001")
    publication.remove(home.published / ".v00001")

    assert list(home.published.iterdir()) == []
