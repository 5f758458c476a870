"""What passes the identity zone, and what must not."""

import hmac
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from readings import read_rows

from sources.contracts.feeds import discover
from sources.reading.delivery import Delivery
from warehouse.zones import sealed
from warehouse.zones.identity import raw_schema, separate
from warehouse.zones.keyring import Keyring

Deliver = Callable[[str, str, bytes | str], Delivery]
MEMBERS = "household_code,commune_code,member_no,full_name,personal_id,birth_date,sex,relation\n"


def _members(deliver: Deliver, keyring: Keyring, rows: str, month: str = "2026-09") -> tuple:
    delivery = deliver("labour/household_members", f"{month}_31120.csv", MEMBERS + rows)
    return separate(delivery.feed, delivery.month, read_rows(delivery).accepted, keyring)


def test_a_number_is_the_same_person_in_every_form_and_feed(deliver: Deliver, keyring: Keyring) -> None:
    rows = "1,31120,1,An,097061001234,1961,Nam,Chủ hộ\n1,31120,2,An,'97061001234,1961,Nam,Con\n"
    raw, _ = _members(deliver, keyring, rows)
    cards = deliver(
        "health_insurance/cards", "2026-09.csv",
        "card_number,insurance_number,full_name,birth_date,sex,valid_from\n9797000000,097061001234,An,1961,1,1/1/2026\n",
    )  # fmt: skip
    card, _ = separate(cards.feed, cards.month, read_rows(cards).accepted, keyring)

    assert len({*raw["person_key"].to_pylist(), *card["person_key"].to_pylist()}) == 1


def test_people_without_a_usable_number_are_kept_apart(deliver: Deliver, keyring: Keyring) -> None:
    rows = "1,31120,1,An,361234567,1961,Nam,Chủ hộ\n1,31120,2,An,,1961,Nam,Con\n"

    raw, _ = _members(deliver, keyring, rows)

    assert len(set(raw["person_key"].to_pylist())) == 2
    assert raw["person_number_usable"].to_pylist() == [False, False]


@pytest.mark.definition("J12")
@pytest.mark.parametrize(
    ("other", "usable"),
    [
        pytest.param("097061001234,2015,Nam", [True, False], id="the number tells another year"),
        pytest.param("097061001234,1961,Nữ", [True, False], id="the number tells the other sex"),
        pytest.param("97061001234,12/8/1961,Nam", [True, True], id="nothing tells the rows apart"),
        pytest.param("098115001234,1961,Nam", [True, True], id="it stands on one row, and who is wrong is not known"),
    ],
)
def test_a_number_on_two_rows_is_theirs_whose_sex_and_birth_it_tells(
    deliver: Deliver, keyring: Keyring, other: str, usable: list[bool]
) -> None:
    number, birth, sex = other.split(",")
    rows = f"1,31120,1,An,097061001234,1961,Nam,Chủ hộ\n1,31120,2,Ba,{number},{birth},{sex},Con\n"

    raw, _ = _members(deliver, keyring, rows)

    assert raw["person_number_usable"].to_pylist() == usable
    assert len(set(raw["person_key"].to_pylist())) == (1 if number.endswith("97061001234") and all(usable) else 2)


def test_a_number_that_tells_none_of_its_rows_truly_stays_on_all(deliver: Deliver, keyring: Keyring) -> None:
    rows = "1,31120,1,An,097061001234,1975,Nam,Chủ hộ\n1,31120,2,Ba,097061001234,2010,Nữ,Con\n"

    raw, _ = _members(deliver, keyring, rows)

    assert raw["person_number_usable"].to_pylist() == [True, True]


@pytest.mark.definition("J11")
def test_a_number_is_plausible_where_it_tells_the_sex_and_year_of_its_row(deliver: Deliver, keyring: Keyring) -> None:
    said = ["097061001234,1961,Nam", "097061001235,1962,Nam", "097061001236,1961,Nữ", ",1961,Nam"]
    rows = "".join(f"1,31120,{at},An,{row},Con\n" for at, row in enumerate(said, start=1))

    raw, _ = _members(deliver, keyring, rows)

    assert raw["person_number_plausible"].to_pylist() == [True, False, False, None]


LAN = "31120,1,Nguyễn Thị Mỹ Lan,,05/03/1961,Nữ"


@pytest.mark.definition("J10")
@pytest.mark.parametrize(
    ("other", "is_one_person"),
    [
        pytest.param("31120,2,Lan Nguyễn Thị Mỹ,,05/03/1961,Nữ", True, id="words in another order"),
        pytest.param("31120,2,NGUYEN THI MI LAN,,05/03/1961,Nữ", True, id="without marks, and i for y"),
        pytest.param("31120,2,Nguyễn ThịMỹ Lan,,05/03/1961,Nam", True, id="words joined, and another sex"),
        pytest.param("31120,2,Nguyễn Thị Mỹ Loan,,05/03/1961,Nữ", False, id="another name"),
        pytest.param("31120,2,Nguyễn Thị Mỹ Lan,,06/03/1961,Nữ", False, id="another day"),
        pytest.param("31120,2,Nguyễn Thị Mỹ Lan,,1961,Nữ", False, id="the year alone"),
    ],
)
def test_without_a_number_a_person_is_known_by_commune_name_and_birth(
    deliver: Deliver, keyring: Keyring, other: str, is_one_person: bool
) -> None:
    last_year, this_year = (
        _members(deliver, keyring, f"1,{row},Chủ hộ\n", month)[0].to_pylist()[0]
        for row, month in ((LAN, "2026-12"), (other, "2027-01"))
    )

    assert (last_year["person_key"] == this_year["person_key"]) is is_one_person
    assert (last_year["match_key"] == this_year["match_key"]) is is_one_person
    assert last_year["person_key"] != last_year["match_key"]


@pytest.mark.definition("J10")
def test_namesakes_of_two_communes_are_two(deliver: Deliver, keyring: Keyring) -> None:
    rows = f"1,{LAN},Chủ hộ\n1,{LAN.replace('31120', '31135')},Chủ hộ\n"
    delivery = deliver("labour/household_members", "2026-09.csv", MEMBERS + rows)

    raw, _ = separate(delivery.feed, delivery.month, read_rows(delivery).accepted, keyring)

    assert len(set(raw["person_key"].to_pylist())) == len(set(raw["match_key"].to_pylist())) == 2


@pytest.mark.definition("J10")
def test_rows_without_a_number_that_are_alike_in_one_delivery_are_kept_apart(
    deliver: Deliver, keyring: Keyring
) -> None:
    raw, _ = _members(deliver, keyring, f"1,{LAN},Chủ hộ\n2,{LAN},Chủ hộ\n")

    assert len(set(raw["person_key"].to_pylist())) == 2
    assert len(set(raw["match_key"].to_pylist())) == 1


@pytest.mark.definition("J10")
def test_a_birth_on_the_first_of_january_is_a_year_alone(deliver: Deliver, keyring: Keyring) -> None:
    rows = [LAN.replace("05/03/1961", birth) for birth in ("01/01/1961", "1961")]

    first, year = (_members(deliver, keyring, f"1,{row},Chủ hộ\n")[0].to_pylist()[0] for row in rows)

    assert first["match_key"] is year["match_key"] is None
    assert first["person_key"] == year["person_key"]


def test_only_the_month_of_a_birth_passes(deliver: Deliver, keyring: Keyring) -> None:
    rows = "1,31120,1,An,,05/03/1961,Nam,Chủ hộ\n1,31120,2,Ba,,1961,Nam,Con\n"

    raw, personal = _members(deliver, keyring, rows)

    assert raw["birth_month"].to_pylist() == [date(1961, 3, 1), None]
    assert raw["birth_year"].to_pylist() == [1961, 1961]
    assert personal["birth_date"].to_pylist() == ["1961-03-05", "1961"]


@pytest.mark.parametrize("feed", discover().values(), ids=lambda feed: feed.id)
def test_no_identity_column_passes(feed) -> None:
    identity = {column.name for column in feed.columns if column.zone == "identity"}

    assert identity.isdisjoint(raw_schema(feed).names)


def test_a_household_code_counts_within_its_commune_and_year_only(deliver: Deliver, keyring: Keyring) -> None:
    row = "1,31120,1,An,,1961,Nam,Chủ hộ\n"

    keys = [
        _members(deliver, keyring, row, month)[0]["registration_key"][0].as_py() for month in ("2026-09", "2026-10")
    ]
    next_year = _members(deliver, keyring, row, "2027-01")[0]["registration_key"][0].as_py()

    assert keys[0] == keys[1] != next_year


def test_a_household_code_of_a_unit_that_became_another_is_another_household_number(
    deliver: Deliver, keyring: Keyring
) -> None:
    row = "1,31120,1,An,,1961,Nam,Chủ hộ\n"

    before, after = (
        _members(deliver, keyring, row, month)[0]["registration_key"][0].as_py() for month in ("2025-06", "2025-07")
    )

    assert before != after


def test_a_pseudonym_is_an_hmac_under_a_key_of_its_own() -> None:
    one, other = Keyring(bytes(32)), Keyring(bytes([1] * 32))

    pseudonym = one.pseudonyms("person")(["097061001234"])[0]

    key = hmac.digest(bytes(32), b"cantho-warehouse/person", "sha256")
    assert pseudonym == hmac.digest(key, b"097061001234", "sha256").hex()[:32]
    assert pseudonym not in (
        one.pseudonyms("household")(["097061001234"])[0],
        other.pseudonyms("person")(["097061001234"])[0],
    )


def test_a_sealed_file_opens_with_its_key_only(tmp_path: Path, keyring: Keyring) -> None:
    path = tmp_path / "a.csv.age"
    sealed.seal(path, b"Tran Van A", keyring)

    assert b"Tran" not in path.read_bytes()
    assert sealed.unseal(path, keyring) == b"Tran Van A"
    with pytest.raises(sealed.NotOpened, match=r"a\.csv\.age does not open"):
        sealed.unseal(path, Keyring(bytes(32)))
