"""What contracts say of feeds beside their columns."""

import pytest

from sources.contracts.feeds import HOUSEHOLD_REVIEW, POVERTY_LIST, discover, in_role


def test_every_feed_has_names_for_readers_of_both_languages() -> None:
    titles = {feed.id: (feed.title_vi, feed.title_en) for feed in discover().values()}

    assert all(vi and en and vi != en for vi, en in titles.values())
    assert len(set(titles.values())) == len(titles)


@pytest.mark.parametrize(("role", "column"), [(POVERTY_LIST, "list_section"), (HOUSEHOLD_REVIEW, "reviewed_on")])
def test_one_feed_has_a_role_that_code_asks_for(role: str, column: str) -> None:
    assert column in in_role(role).by_name


def test_a_role_that_no_contract_has_is_an_error() -> None:
    with pytest.raises(ValueError, match="not enough values"):
        in_role("no such role")
