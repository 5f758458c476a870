"""The only ways back from a key to a person: `resolve`, `find`, and the named lists (forms 14 and 15).

They need the key file that opens the vault, write names to files sealed with age alone, and leave a line in the access
log (`access`) before anything is handed over. Whatever joins names to facts belongs here and nowhere else; nothing here
prints, and no error carries what the vault holds.
"""

import io
import itertools
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyrage
import xlsxwriter

from sources import offline
from sources.contracts.feeds import POVERTY_LIST, Feed, discover, in_role
from sources.reading.values import person_number
from warehouse.published import store
from warehouse.published.access import Access
from warehouse.published.questions import Unknown, rows
from warehouse.zones import home_key, sealed
from warehouse.zones.files import write_atomically
from warehouse.zones.home import DamagedHome, Home
from warehouse.zones.identity import PERSON_KEY, raw_schema
from warehouse.zones.keyring import Keyring
from warehouse.zones.register import Register

FORMS = {14: "near_poor", 15: "poor"}
TITLES = {
    14: "DANH SÁCH HỘ CẬN NGHÈO VÀ THÀNH VIÊN / NEAR-POOR HOUSEHOLDS AND THEIR MEMBERS",
    15: "DANH SÁCH HỘ NGHÈO VÀ THÀNH VIÊN / POOR HOUSEHOLDS AND THEIR MEMBERS",
}
HEADERS = {
    "commune_code": "Mã xã",
    "commune_name": "Xã, phường",
    "household_no": "STT hộ",
    "member_no": "STT",
    "member_name": "Họ và tên",
    "relation": "Quan hệ với chủ hộ",
    "birth_date": "Ngày sinh",
    "sex": "Giới tính",
    "personal_id": "Số định danh",
    "ethnicity_code": "Dân tộc",
    "mark": "Cũ / mới / tái",
    "is_minority": "Hộ dân tộc thiểu số",
    "no_working_capacity": "Không có khả năng lao động",
    "has_merit_member": "Có thành viên là người có công",
    "insured": "Có thẻ bảo hiểm y tế",
    "has_loan": "Đang vay vốn",
    "has_house": "Đã hỗ trợ nhà ở",
}
WORDS = {
    "head": "Chủ hộ", "spouse": "Vợ/chồng", "child": "Con", "parent": "Cha/mẹ", "grandchild": "Cháu", "other": "Khác",
    "male": "Nam", "female": "Nữ", "old": "Cũ", "new": "Mới", "relapsed": "Tái", True: "x", False: "",
}  # fmt: skip


class NoKey(Exception):
    """There is no key file, or not the one that this home was sealed with."""


def _keyring(home: Home) -> Keyring:
    sealed_rows = next(home.vault.rglob(f"*{sealed.SUFFIX}"), None)
    if sealed_rows is None:
        raise NoKey("The vault is empty: no delivery has been accepted yet.")
    try:
        return home_key.matching(home, None, sealed_rows)
    except DamagedHome as unfit:
        raise NoKey(str(unfit)) from None


def resolve(
    access: Access, number: str | None, commune: str | None, code: str | None, month: date | None
) -> list[dict[str, Any]]:
    """Household keys of a personal number, or of a commune's household code, at a month end (else the last one).

    One row per household and month found. Raises `Unknown` when there is none, `NoKey` without the vault's key.
    """
    keyring = _keyring(access.home)
    database = store.folder(access.home) / store.RESTRICTED
    if number is not None:
        where, asked = "person_key = $person", {"person": _person_key(number, keyring)}
        query = f"select period_month, household_key, commune_code from facts.person_month where {where}"
    else:
        where = "$commune in (commune_code, commune_code_then) and household_code = $code"
        asked = {"commune": commune, "code": code}
        query = f"""
            select distinct period_month, household_key, commune_code, review_year
            from facts.household_deprivation where {where}
        """
    households = rows(
        database,
        f"""
        with found as ({query})
        select * from found
        where period_month = coalesce($month, (select max(period_month) from found))
        order by all
        """,
        {**asked, "month": month},
    )
    access.log("resolve by number" if number is not None else "resolve by commune and household code", len(households))
    if not households:
        raise Unknown("No household is on record under this number or code in that month.")
    return households


def _person_key(number: str, keyring: Keyring) -> str:
    usable = person_number(number)
    if usable is None:
        raise Unknown("That is not a personal number: it has twelve digits.")
    (person,) = keyring.pseudonyms("person")([usable])
    return person


def seal_rows(access: Access, out: Path, records: list[dict[str, Any]]) -> Path:
    """Write what was resolved as JSON to a file that the key file opens; returns its path."""
    target = _sealed_name(out)
    sealed.seal(target, json.dumps(records, ensure_ascii=False, default=str).encode(), _keyring(access.home))
    return target


def find(access: Access, number: str, out: Path) -> tuple[Path, int]:
    """Write every row that departments sent under a number to a file that the key file opens; returns path and rows.

    A row is what its delivery says (feed, file, month, place, row number, all values of the contract); of one that was
    set apart the reasons. That is what a person may ask for (Decree 13/2023/ND-CP, article 9). Rows of originals past
    their retention have no names any more. Rows that only name and birth link to the person are left out: they may be
    of somebody who shares both. Raises `Unknown` when there is no row, `NoKey` without the vault's key.
    """
    home, keyring = access.home, _keyring(access.home)
    person = _person_key(number, keyring)
    accepted = {entry.delivery_id: entry for entry in Register.open(home).accepted()}
    records = [
        {"feed": entry.feed, "file": entry.file, **row}
        for feed in discover().values()
        for row in (*_accepted_rows(home, feed, person, keyring), *_rows_set_apart(home, feed, person))
        if (entry := accepted.get(row["delivery_id"]))
    ]
    access.log("find by number", len(records))
    if not records:
        raise Unknown("No accepted delivery has a row with this number.")
    return seal_rows(access, out, records), len(records)


def _accepted_rows(home: Home, feed: Feed, person: str, keyring: Keyring) -> Iterator[dict[str, Any]]:
    """The person's rows in the lake, each with its part of the vault; without keys, which tell a person nothing."""
    keys = {name for name in raw_schema(feed).names if name.endswith("_key")}
    of_person = [f"{name} = $person" for name in sorted(keys) if name.endswith(PERSON_KEY)]
    if not of_person:
        return
    lake = f"{home.lake}/raw/{feed.table}/*/*.parquet"
    with offline.connect() as engine:
        placed = engine.execute(
            f"""
            select * from read_parquet('{lake}', hive_partitioning = false)
            where {" or ".join(of_person)} order by period_month, delivery_id, row_number
            """,
            {"person": person},
        ).to_arrow_table()
    for delivery, rows_of_delivery in itertools.groupby(placed.to_pylist(), key=lambda row: row["delivery_id"]):
        sent = list(rows_of_delivery)
        month, numbers = sent[0]["period_month"], pa.array([row["row_number"] for row in sent])
        path = home.vault / feed.table / f"month={month:%Y-%m}" / f"{delivery}.parquet{sealed.SUFFIX}"
        names = {}
        if path.exists():
            personal = pq.read_table(io.BytesIO(sealed.unseal(path, keyring)))
            for row in personal.filter(pc.is_in(personal["row_number"], numbers)).to_pylist():
                names[row["place"], row["row_number"]] = row
        for row in sent:
            whole = {**row, **names.get((row["place"], row["row_number"]), {})}
            yield {name: value for name, value in whole.items() if name not in keys}


def _rows_set_apart(home: Home, feed: Feed, person: str) -> list[dict[str, Any]]:
    """The person's rows that were set apart, with the reasons; their values are the sender's to mend."""
    files = f"{home.lake}/quarantined/{feed.table}/**/*.parquet"
    with offline.connect() as engine:
        return (
            engine.execute(
                f"""
                select delivery_id, period_month, place, row_number, reasons as set_apart_because
                from read_parquet('{files}', hive_partitioning = false)
                where person_key = $person order by all
                """,
                {"person": person},
            )
            .to_arrow_table()
            .to_pylist()
        )


def _sealed_name(out: Path) -> Path:
    return out if out.suffix == sealed.SUFFIX else out.with_name(out.name + sealed.SUFFIX)


def form(access: Access, number: int, month: date, out: Path, recipient: str | None = None) -> tuple[Path, int]:
    """Write form 14 (near-poor) or 15 (poor) of a month to a sealed workbook; returns its path and its rows.

    Sealed to `recipient`, an age public key, else to the key file's own identity. Raises `Unknown` and `NoKey`.
    """
    keyring = _keyring(access.home)
    database = store.folder(access.home) / store.RESTRICTED
    listed = _listed(database, FORMS[number], month)
    named = _with_names(access.home, keyring, listed)
    target = _sealed_name(out)
    try:
        to = pyrage.x25519.Recipient.from_str(recipient) if recipient else keyring.identity().to_public()
    except pyrage.RecipientError:
        raise NoKey("The recipient is not an age public key: it begins with age1.") from None
    access.log(f"form {number} of {month:%Y-%m}", len(named))
    write_atomically(target, pyrage.encrypt(_workbook(number, month, named), [to]))
    return target, len(named)


def _listed(database: Path, legal_class: str, month: date) -> list[dict[str, Any]]:
    """Rows of the lists in force for the households of a class, with what the facts know of person and household.

    The list decides who stands here. It goes by household: a person may have another key on the list than on the review
    form, and a household may be listed without a review.
    """
    asked = {"class": legal_class, "month": month}
    if not rows(database, "select 1 from marts.dim_period where period_month = $month", {"month": month}):
        raise Unknown(f"Nothing is published for {month:%Y-%m}.")
    return rows(
        database,
        """
        with household as (
            select distinct household_key, is_minority from facts.household_deprivation where period_month = $month
        )
        select
            listed.delivery_id, listed.place, listed.row_number, listed.list_month,
            listed.commune_code, dim_commune.name_vi as commune_name, listed.household_no, listed.member_no,
            listed.no_working_capacity, listed.has_merit_member, household.is_minority, person_month.insured,
            case movement_event.flow when 'newly_arising' then 'new' when 'relapsed' then 'relapsed' else 'old' end
                as mark,
            exists (
                select 1 from facts.loan_month as loan
                where loan.period_month = $month and loan.household_key = listed.household_key and loan.is_open
            ) as has_loan,
            exists (
                select 1 from facts.house_case as house
                where house.period_month = $month and house.household_key = listed.household_key
                    and house.is_completed
            ) as has_house
        from facts.listed_person as listed
        left join marts.dim_commune as dim_commune on listed.commune_code = dim_commune.commune_code
        left join household on listed.household_key = household.household_key
        left join facts.person_month as person_month
            on person_month.period_month = $month and listed.person_key = person_month.person_key
        left join facts.movement_event as movement_event
            on movement_event.period_month = $month and listed.household_key = movement_event.household_key
                and movement_event.to_class = $class
        where listed.period_month = $month and listed.list_section = 'recognised' and listed.legal_class = $class
        -- The newest list that names a household speaks for it, as in form 1.
        qualify listed.list_month = max(listed.list_month) over (partition by listed.household_key)
        order by listed.commune_code, listed.listed_by, listed.household_no, listed.member_no
        """,
        asked,
    )


def _with_names(home: Home, keyring: Keyring, listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The listed rows, each with what its delivery says of the person; a row whose names are gone keeps its place."""
    table = in_role(POVERTY_LIST).table
    names: dict[tuple[str, str, int], dict[str, Any]] = {}
    for delivery, list_month in {(row["delivery_id"], row["list_month"]) for row in listed}:
        name = f"month={list_month:%Y-%m}/{delivery}.parquet"
        path, raw = home.vault / table / f"{name}{sealed.SUFFIX}", home.lake / "raw" / table / name
        if path.exists():
            for row in _rows_of(path, raw, keyring):
                names[delivery, row["place"], row["row_number"]] = row
    nothing = dict.fromkeys(HEADERS)
    return [
        {**nothing, **names.get((row["delivery_id"], row["place"], row["row_number"]), {}), **row} for row in listed
    ]


def _rows_of(path: Path, raw: Path, keyring: Keyring) -> list[dict[str, Any]]:
    personal = pq.read_table(io.BytesIO(sealed.unseal(path, keyring)))
    with offline.connect() as engine:
        engine.register("personal", personal)
        joined: pa.Table = engine.execute(
            f"""
            select raw.place, raw.row_number, raw.relation, raw.sex, raw.ethnicity_code,
                personal.member_name, personal.birth_date, personal.personal_id
            from read_parquet('{raw}') as raw
            inner join personal using (row_number, place)
            """
        ).to_arrow_table()
    return joined.to_pylist()


def _workbook(number: int, month: date, named: list[dict[str, Any]]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet(f"Biểu {number}")
        bold = book.add_format({"bold": True, "text_wrap": True, "border": 1})
        sheet.write(0, 0, TITLES[number], book.add_format({"bold": True, "font_size": 13}))
        sheet.write(1, 0, f"Tháng {month:%m} năm {month:%Y}. TÀI LIỆU HẠN CHẾ / RESTRICTED")
        for position, header in enumerate(HEADERS.values()):
            sheet.write(3, position, header, bold)
        for line, row in enumerate(named, start=4):
            for position, name in enumerate(HEADERS):
                value = row[name]
                if isinstance(value, int) and not isinstance(value, bool):
                    sheet.write_number(line, position, value)
                elif value is not None:
                    # A name that begins with = is no formula.
                    sheet.write_string(line, position, WORDS.get(value, str(value)))
        sheet.freeze_panes(4, 0)
    return buffer.getvalue()
