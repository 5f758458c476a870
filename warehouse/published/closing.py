"""The monthly close: what a month rests on, how it moved, and who signed it off for which commune.

A sign-off names the version whose figures were signed and is only ever added to. It locks them: that version says the
same for ever, and a correction that changes a signed commune is a new version, beside which the sign-off reads as
changed until somebody signs again. Not here: the figures themselves, which are published ones.
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from sources.contracts.code_lists import place
from sources.contracts.feeds import HOUSEHOLD_REVIEW, POVERTY_LIST, discover, in_role
from warehouse.published import store
from warehouse.published.lists import Lists
from warehouse.published.questions import rows
from warehouse.zones.home import Home
from warehouse.zones.register import Register

# What a commune sends itself, so that its month can be missing and carried forward.
BY_COMMUNE = (POVERTY_LIST, HOUSEHOLD_REVIEW)

# What the lists recognise, exactly: under the standard in force or, where no list was made under it, that of the list.
COMMUNES = """
    with legal as (
        select area.*
        from marts.area_poverty as area
        inner join marts.dim_period using (period_month)
        where area.area_level = 'commune' and area.basis = 'legal'
        qualify row_number() over (
            partition by area.period_month, area.area_code
            order by area.poor_households is null, area.standard_id <> dim_period.standard_in_force, area.standard_id
        ) = 1
    )
    select
        area.area_code as commune,
        dim_commune.name_vi as name,
        area.standard_id as standard,
        area.poor_households,
        area.near_poor_households,
        area.poor_rate_pct,
        before.poor_rate_pct as poor_rate_before_pct,
        computed.coverage_pct
    from legal as area
    inner join marts.dim_commune on area.area_code = dim_commune.commune_code
    inner join marts.dim_period using (period_month)
    inner join marts.area_poverty as computed
        on computed.period_month = area.period_month and computed.area_level = area.area_level
            and computed.area_code = area.area_code and computed.basis = 'computed'
            and computed.standard_id = dim_period.standard_in_force
    left join legal as before
        on before.period_month = area.period_month - interval 1 month and before.area_code = area.area_code
            and before.standard_id = area.standard_id
    where area.period_month = $month
    order by area.area_code
"""


@dataclass(frozen=True)
class SignOff:
    """Somebody's word for a commune's figures of a month in a version."""

    month: date
    commune: str
    version: str
    by: str
    at: str


@dataclass(frozen=True)
class CommuneMonth:
    """A commune at the close of a month. Figures are the exact ones of its list, shares per cent.

    None is what nobody knows; of a list that is carried forward also what the month before said, since it says the
    same. `list_from` and `review_from` are the months whose deliveries speak: an earlier one than the month is carried
    forward, `list_age_months` long. `coverage_pct` is of the computed classes. `state` is `open`, `signed`, or
    `changed` when the figures are no longer those that were signed.
    """

    commune: str
    name: str
    standard: str
    list_from: date | None
    list_age_months: int | None
    poor_households: int | None
    near_poor_households: int | None
    poor_rate_pct: float | None
    poor_rate_before_pct: float | None
    review_from: date | None
    coverage_pct: float | None
    state: str
    signed_by: str | None
    signed_version: str | None


def feeds(home: Home, month: date) -> list[dict[str, str | int | None]]:
    """Of each feed the newest month that was accepted up to `month`, and how many months it is carried forward."""
    rows_of_feeds = []
    accepted = Register.open(home).accepted()
    for feed in discover().values():
        newest = max((e.period_month for e in accepted if e.feed == feed.id and e.period_month <= month), default=None)
        age = _months_since(newest, month) if newest else None
        rows_of_feeds.append(
            {"feed": feed.id, "speaks_from": f"{newest:%Y-%m}" if newest else None, "carried_months": age}
        )
    return rows_of_feeds


def _months_since(earlier: date, month: date) -> int:
    return (month.year - earlier.year) * 12 + month.month - earlier.month


def lists_sent(communes_of_month: Collection[CommuneMonth]) -> Lists:
    """Whose lists a month rests on, by the deliveries that count now."""
    months = [commune.list_from for commune in communes_of_month if commune.list_from]
    sent = sum(commune.list_age_months == 0 for commune in communes_of_month)
    return Lists(sent, len(communes_of_month), max(months, default=None))


def communes(home: Home, month: date) -> list[CommuneMonth]:
    """Every commune at the close of a month, in the current version; empty when the month is not published."""
    sent = {role: _newest_by_commune(home, in_role(role).id, month) for role in BY_COMMUNE}
    signed = {sign_off.commune: sign_off for sign_off in sign_offs(home) if sign_off.month == month}
    changed = _changed(home, month, {sign_off.version for sign_off in signed.values()})
    months = []
    for row in rows(store.folder(home) / store.RESTRICTED, COMMUNES, {"month": month}):
        code = row["commune"]
        last = signed.get(code)
        state = "open" if last is None else "changed" if code in changed[last.version] else "signed"
        of_list, of_review = (
            max((sent[role][of] for of in (code, None) if of in sent[role]), default=None) for role in BY_COMMUNE
        )
        age = _months_since(of_list, month) if of_list else None
        if age:
            row["poor_rate_before_pct"] = None
        months.append(
            CommuneMonth(
                **row, list_from=of_list, list_age_months=age, review_from=of_review, state=state,
                signed_by=last.by if last else None, signed_version=last.version if last else None,
            )
        )  # fmt: skip
    return months


class NotCurrent(Exception):
    """The version that was looked at is not the current one any more."""


def sign(home: Home, month: date, by: str, version: str, only: Collection[str] = ()) -> list[SignOff]:
    """Sign the figures of a month in a version, for all communes or `only` these, where they are not signed as such.

    `ValueError` for a commune that has no figures in the month, `NotCurrent` when another version is current,
    `UnknownVersion` when there is no such one.
    """
    store.folder(home, version)
    if version != store.current(home):
        raise NotCurrent(
            f"{version} is not signed: {store.current(home)} is current. Look at it with `cantho close --month "
            f"{month:%Y-%m}`, and sign that one."
        )
    by_commune = {row.commune: row for row in communes(home, month)}
    without = sorted(set(only) - set(by_commune))
    if without or not by_commune:
        raise ValueError(f"No figures of {month:%Y-%m} for {', '.join(without) or 'any commune'}.")
    at = datetime.now(UTC).isoformat(timespec="seconds")
    added = [
        SignOff(month, code, version, by, at)
        for code in sorted(only or by_commune)
        if by_commune[code].state != "signed"
    ]
    with _book(home).open("a", encoding="utf-8") as book:
        book.writelines(
            json.dumps(asdict(sign_off) | {"month": f"{month:%Y-%m}"}, ensure_ascii=False) + "\n" for sign_off in added
        )
    return added


def sign_offs(home: Home) -> list[SignOff]:
    """All sign-offs, oldest first."""
    lines = _book(home).read_text(encoding="utf-8").splitlines() if _book(home).exists() else []
    noted = map(json.loads, lines)
    return [SignOff(**line | {"month": date.fromisoformat(f"{line['month']}-01")}) for line in noted]


def _book(home: Home) -> Path:
    return home.root / "sign_offs.jsonl"


def _newest_by_commune(home: Home, feed: str, month: date) -> dict[str | None, date]:
    """The newest month up to `month` of each commune of today; that of deliveries of the city under None."""
    newest: dict[str | None, date] = {}
    for entry in Register.open(home).accepted():
        sent = entry.period_month
        if entry.feed == feed and sent <= month:
            code = place(entry.commune, sent)[0] if entry.commune else None
            newest[code] = max(newest.get(code, sent), sent)
    return newest


def _changed(home: Home, month: date, versions: Iterable[str]) -> dict[str, set[str]]:
    """By version the communes of which a mart says something else of the month than in the current version."""
    figures = {version: _figures(home, version, month) for version in {*versions, str(store.current(home))}}
    now = figures[str(store.current(home))]
    return {version: {commune for _, commune, _ in then ^ now} for version, then in figures.items()}


def _figures(home: Home, version: str, month: date) -> set[tuple[str, str, str]]:
    """What a version says of each commune in a month: mart, commune and a number that differs where the rows do."""
    database = store.folder(home, version) / store.RESTRICTED
    marts = rows(
        database,
        "select table_name as name, count_if(column_name = 'commune_code') = 1 as is_form from duckdb_columns() "
        "where schema_name = 'marts' group by 1 "
        "having count_if(column_name in ('area_level', 'area_code', 'period_month')) = 3 "
        "or count_if(column_name in ('commune_code', 'period_month')) = 2",
    )
    query = " union all ".join(
        f"select '{mart['name']}' as mart, {'commune_code' if mart['is_form'] else 'area_code'} as area_code, "
        f"sum(hash(one))::varchar as content from marts.{mart['name']} as one where period_month = $month "
        + ("group by all" if mart["is_form"] else "and area_level = 'commune' group by all")
        for mart in marts
    )
    return {(row["mart"], row["area_code"], row["content"]) for row in rows(database, query, {"month": month})}
