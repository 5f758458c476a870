"""The lists of the communes: recognised poor and near-poor households with their members, and who escaped.

Here belong the rows of feed labour/poverty_list; who is listed is decided in `listing`, how the commune's workbook
looks in `workbook`.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sources.simulator.delivery import Rows, code_text, flags, maybe_day, words
from sources.simulator.listing import NEAR_POOR, NONE, POOR, Listing
from sources.simulator.months import first_day
from sources.simulator.names import full_names
from sources.simulator.persons import ages, traits
from sources.simulator.population import KINH, RELATIONS, City
from sources.simulator.reviews import hamlets, score_of_income
from sources.simulator.welfare import Welfare

SECTIONS = ["recognised", "escaped_poor", "escaped_near_poor"]
CLASS_WORDS = ["", "near_poor", "poor"]
MOVEMENTS = [
    "none", "new", "relapsed", "poor_to_near_poor", "near_poor_to_poor", "escaped_poor", "escaped_near_poor",
    "moved_in", "split",
]  # fmt: skip
ESCAPED_FOR = 12  # months that an escape stays on its sheet


def list_rows(city: City, welfare: Welfare, listing: Listing, month: int) -> Rows:
    """All lists of the month, sorted by unit, section, household and member."""
    draws = city.draws
    household = np.flatnonzero(city.sizes(month) > 0)
    now = listing.at(household, month)
    change = listing.last_change(household, month)
    earlier = listing.at(household, np.maximum(change - 1, 2022 * 12))
    before = np.where(change > 0, np.where(change > 2022 * 12, earlier, now), now)
    escaped = (now == NONE) & (change > month - ESCAPED_FOR) & (before != NONE)
    section = np.select([now != NONE, escaped & (before == POOR), escaped], [0, 1, 2], default=-1)
    kept = section >= 0
    household, now, change, before, section = household[kept], now[kept], change[kept], before[kept], section[kept]

    unit = city.unit_codes(household, month).astype("U5")
    order = np.lexsort((draws.bits("place on the list", household, key=month // 12), -now, section, unit))
    household, now, change = household[order], now[order], change[order]
    before, section, unit = before[order], section[order], unit[order]
    new_block = np.r_[True, (unit[1:] != unit[:-1]) | (section[1:] != section[:-1])][: len(household)]
    starts = np.flatnonzero(new_block)
    household_no = np.arange(len(household)) - np.repeat(starts, np.diff(np.r_[starts, len(household)])) + 1

    when = np.full(city.households, -1, dtype=np.int32)
    when[household] = month
    roster = city.roster(when)
    position = np.full(city.households, -1, dtype=np.int64)
    position[household] = np.arange(len(household))
    by_list = np.lexsort((roster.member_no, position[roster.household]))
    person, home = roster.person[by_list], position[roster.household[by_list]]
    member_no, relation = roster.member_no[by_list], roster.relation[by_list]
    head = member_no == 1

    decided = listing.decided(household, month)
    decided_on = first_day(decided) + draws.whole("decision day", np.arange(len(city.places.codes)), 9, 26)[
        city.commune_at(household, month)
    ]  # fmt: skip
    decision = pc.binary_join_element_wise(
        pc.cast(pa.array(draws.whole("decision no", decided, 101, 899)), pa.string()), pa.scalar("QĐ-UBND"), "/"
    )
    fresh = change == month
    relapse = listing.listed_before(household, month)
    movement = np.select(
        [
            city.founded[household] == month,
            city.moves[household] == month,
            ~fresh,
            (before == NONE) & relapse,
            before == NONE,
            (before == POOR) & (now == NEAR_POOR),
            (before == NEAR_POOR) & (now == POOR),
            before == POOR,
        ],
        [8, 7, 0, 2, 1, 3, 4, 5],
        default=6,
    )
    commune = city.commune_at(household, month)
    urban = city.places.is_ward[commune]
    score = score_of_income(welfare.income(household, decided), urban)
    score = np.where(now != NONE, np.minimum(score, np.where(urban, 175, 140)), score)
    score[draws.uniform("list score missing", household) < 0.02] = np.nan
    points = 10 * np.where(now == POOR, draws.whole("points", household, 3, 7), draws.whole("points", household, 0, 2))
    t = traits(city, welfare, person, roster.household[by_list], month)
    workers = np.bincount(home, weights=t.can_work, minlength=len(household))
    cause = draws.whole("cause", household, 1, 8)
    second = draws.whole("second cause", household, 1, 8)
    causes = np.where(
        cause == second, cause.astype(str), np.char.add(np.char.add(cause.astype(str), ";"), second.astype(str))
    )
    recognised = head & (section[home] == 0)
    names = full_names(city, person)
    return Rows(
        {
            "list_section": words(SECTIONS, section[home]),
            "household_no": household_no[home],
            "member_no": member_no,
            "head_name": pc.if_else(pa.array(head), names, pa.scalar(None, pa.string())),
            "member_name": names,
            "relation": words(RELATIONS, relation),
            "birth_date": maybe_day(city.birth[person], np.ones(len(person), dtype=bool)),
            "sex": words(["female", "male"], city.is_male[person]),
            "personal_id": code_text(city.number[person], 12),
            "commune_code": unit[home].astype(object),
            "hamlet": hamlets(city, household).take(pa.array(home)),
            "ethnicity_code": code_text(city.ethnicity[household][home], 2),
            "legal_class": words(CLASS_WORDS, np.where(recognised, now[home], -1)),
            "decision_no": pc.if_else(
                pa.array(recognised), decision.take(pa.array(home)), pa.scalar(None, pa.string())
            ),
            "decision_date": maybe_day(decided_on[home], recognised),
            "score_a": np.where(head, score[home], np.nan),
            "score_b": pa.array(points[home], mask=~head),
            "movement": words(MOVEMENTS, np.where(head, movement[home], -1)),
            "is_ethnic_minority": flags(np.where(head, city.ethnicity[household][home] != KINH, 0)),
            "no_working_capacity": flags(np.where(head, workers[home] == 0, 0)),
            "has_merit_member": flags(np.where(head, draws.uniform("merit", household)[home] < 0.05, 0)),
            "causes": pa.array(causes[home], mask=~recognised),
            "note": pa.nulls(len(person), pa.string()),
        },
        person=person,
        household=household[home],
        commune=commune[home],
    )


def age_column(city: City, rows: Rows, month: int) -> NDArray[np.int64]:
    """Age that the workbook prints beside each person."""
    return ages(city, rows.person, month)
