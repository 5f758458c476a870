"""The review form: which households are under review, when each was last visited, and what its form says.

Here belong feeds labour/household_review and labour/household_members. A commune sends its full set of forms every
month; only the changed ones have been filled in anew. True answers come from `answers`.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sources.simulator.answers import TOILET, WASTE, WATER, Answers, Table
from sources.simulator.delivery import Rows, code_text, days, flags, words
from sources.simulator.knowledge import Spoken
from sources.simulator.listing import NONE
from sources.simulator.months import first_day, month_of_day
from sources.simulator.names import full_names
from sources.simulator.persons import LEVELS, SCHOOLS
from sources.simulator.population import RELATIONS, City, Roster
from sources.simulator.truth import (
    S2022,
    TOILET_HYGIENIC,
    WASTE_HANDLED,
    WATER_CLEAN,
    Values,
    deprivations,
)

SEASON_MONTHS, SEASON_SHARES = np.array([8, 9, 10, 11]), [0.3, 0.3, 0.3, 0.1]  # September to December, from January = 0
REGULAR_SHARE = 0.01  # of households are visited again in any month
EVENT_SHARE = 0.5  # of births and deaths bring a visit in their month
EVENT_MONTHS = 14
MEASURED_SHARE = 0.55  # of forms state a measured income, unless another share is asked for
NEITHER_SHARE = 0.005  # state neither income nor score
SCORED_TOO_SHARE = 0.8  # of measured forms also carry the score
UNANSWERED_SHARE = 0.006
WRONGLY_DECLARED_SHARE = 0.015  # of insurance declarations
ASKED_FROM_WORK, ASKED_FROM_SCHOOL, ASKED_TO_SCHOOL, ASKED_FROM_LEVEL, ASKED_FROM_EMPLOYER = 13, 2, 36, 14, 15
SCORE_AT_LINE = {"rural": (140, 1_500_000), "urban": (175, 2_000_000)}
HIGHEST_SCORE = 999  # the form has room for three digits


@dataclass(frozen=True)
class Forms:
    """All forms of a month: the household rows and the member rows."""

    households: Rows
    members: Rows


class Reviews:
    """Reviews of the city; `share` of the households are under review, all that were ever listed among them.

    `measured_share` of the forms state a measured income.
    """

    def __init__(self, city: City, answers: Answers, share: float, measured_share: float = MEASURED_SHARE) -> None:
        self.city, self.answers, self.measured_share = city, answers, measured_share
        household = np.arange(city.households)
        income = answers.welfare.income(household, 2025 * 12 + 11)
        applies = np.where(income < 2_400_000, 0.35, 1.0) * city.draws.uniform("applies", household)
        applies[answers.listing.ever()] = -1
        wanted = min(max(round(share * len(household)), 0), len(household))
        self._under_review = np.zeros(len(household), dtype=bool)
        self._under_review[np.argsort(applies, kind="stable")[:wanted]] = True
        self._under_review |= applies < 0

    def visited(self, month: int) -> NDArray[np.int32]:
        """Month of the last visit of each household up to `month`; -1 for those not under review."""
        city, draws = self.city, self.city.draws
        present = self._under_review & (city.sizes(month) > 0)
        household = np.flatnonzero(present)
        season = SEASON_MONTHS[draws.pick("season", household, SEASON_SHARES)]
        visit = np.where(month % 12 >= season, month // 12, month // 12 - 1) * 12 + season
        for back in range(12):
            regular = draws.uniform("regular visit", household, key=month - back) < REGULAR_SHARE
            visit = np.where(regular, np.maximum(visit, month - back), visit)
        for event in (city.moves[household], city.founded[household]):
            visit = np.where(event <= month, np.maximum(visit, event), visit)
        visit = np.maximum(visit, self.answers.listing.last_change(household, month))
        visited = np.full(city.households, -1, dtype=np.int32)
        visited[household] = visit
        self._visit_after_events(visited, month)
        return visited

    def _visit_after_events(self, visited: NDArray[np.int32], month: int) -> None:
        city = self.city
        born = month_of_day(city.birth)
        events = ((born, city.home), (city.death, city.home), (city.leaves, city.home), (city.leaves, city.next_home))
        for event, home in events:
            recent = np.flatnonzero((event <= month) & (event > month - EVENT_MONTHS) & (visited[home] >= 0))
            if event is not city.leaves:
                recent = recent[city.draws.uniform("visit after event", recent) < EVENT_SHARE]
            np.maximum.at(visited, home[recent], event[recent].astype(np.int32))

    def codes(self, households: NDArray[np.int64], month: int) -> pa.Array:
        """Household codes of the review year: numbered anew each year within the commune."""
        city, year = self.city, month // 12
        everyone = np.arange(city.households)
        moved = np.flatnonzero(city.moves > 0)
        pair_household = np.concatenate([everyone, moved])
        pair_commune = np.concatenate([city.commune, city.origin[moved]])
        order = np.lexsort((city.draws.bits("household code", pair_household, key=year), pair_commune))
        starts = np.concatenate([[0], np.cumsum(np.bincount(pair_commune, minlength=len(city.places.codes)))])
        number = np.empty(len(order), dtype=np.int64)
        number[order] = np.arange(len(order)) - starts[pair_commune[order]] + 1
        pair_of_origin = np.zeros(city.households, dtype=np.int64)
        pair_of_origin[moved] = len(everyone) + np.arange(len(moved))
        settled = city.moves[households] <= month
        return code_text(number[np.where(settled, households, pair_of_origin[households])], 5)

    def forms(self, month: int) -> Forms:
        """The forms as they stand at the end of the month."""
        city, draws = self.city, self.city.draws
        visited = self.visited(month)
        roster = city.roster(visited)
        household = roster.household[roster.heads]
        visit = visited[household].astype(np.int64)
        answers = self.answers.of_households(household, visit)
        member_visit = visited[roster.household].astype(np.int64)
        member_answers = self.answers.of_members(roster, member_visit)
        size = np.bincount(np.cumsum(roster.heads) - 1)
        commune = city.commune_at(household, month)
        position = np.full(city.households, -1, dtype=np.int64)
        position[household] = np.arange(len(household))
        home = position[roster.household]
        codes = self.codes(household, month)
        units = city.unit_codes(household, month)
        names = full_names(city, roster.person)
        score_b = _deprivation_score(answers, member_answers, size, home, visit)

        def unless_omitted(
            values: NDArray[np.int8], question: int, ids: NDArray[np.int64], at: NDArray[np.int64], null: float = -1
        ):
            return np.where(draws.uniform("unanswered", ids, key=at * 100 + question) < UNANSWERED_SHARE, null, values)

        urban = city.places.is_ward[commune]
        measured, scored = self._income_parts(household, visit)
        score = score_of_income(answers["income"], urban)
        heads = np.flatnonzero(roster.heads)
        flag = {
            name: flags(unless_omitted(answers[name], question, household, visit))
            for question, name in enumerate(
                ["wall_durable", "column_durable", "roof_durable", "has_shared_device", "has_personal_device"]
            )
        }
        households = Rows(
            {
                "household_code": codes,
                "commune_code": units,
                "hamlet": hamlets(city, household),
                "area_type": words(["rural", "urban"], unless_omitted(urban.astype(np.int8), 10, household, visit)),
                "head_name": names.take(pa.array(heads)),
                "head_personal_id": code_text(city.number[roster.person[heads]], 12),
                "member_count": size,
                "reviewed_on": days(self._reviewed_on(household, visit)),
                "score_a": np.where(scored, score, np.nan),
                "score_b": score_b,
                "income_per_capita_vnd": pa.array(answers["income"], mask=~measured),
                "wall_durable": flag["wall_durable"],
                "column_durable": flag["column_durable"],
                "roof_durable": flag["roof_durable"],
                "floor_area_m2": unless_omitted(answers["floor_area_m2"], 11, household, visit, np.nan),
                "water_source": words(WATER, unless_omitted(answers["water_source"], 12, household, visit)),
                "toilet_type": words(TOILET, unless_omitted(answers["toilet_type"], 13, household, visit)),
                "waste_disposal": words(WASTE, unless_omitted(answers["waste_disposal"], 14, household, visit)),
                "has_shared_device": flag["has_shared_device"],
                "has_personal_device": flag["has_personal_device"],
            },
            person=roster.person[heads],
            household=household,
            commune=commune,
        )
        asked = self._asked(member_answers)
        wrong = draws.uniform("declared wrongly", roster.person, key=member_visit) < WRONGLY_DECLARED_SHARE
        member_answers["health_insured"] = member_answers["health_insured"] ^ wrong
        texts = {}
        for question, (name, who) in enumerate(asked.items()):
            values = np.where(who, member_answers[name], -1)
            texts[name] = unless_omitted(values, 20 + question, roster.person, member_visit)
        # Without an answer on attendance there is none on the level either.
        texts["school_level"] = np.where(texts["attending_school"] < 0, -1, texts["school_level"])
        members = Rows(
            {
                "household_code": codes.take(pa.array(home)),
                "commune_code": units[home],
                "member_no": roster.member_no,
                "full_name": names,
                "personal_id": code_text(city.number[roster.person], 12),
                "birth_date": days(city.birth[roster.person]),
                "sex": words(["female", "male"], city.is_male[roster.person]),
                "relation": words(RELATIONS, roster.relation),
                "ethnicity_code": code_text(city.ethnicity[roster.household], 2),
                **{
                    name: flags(values)
                    for name, values in texts.items()
                    if name not in ("school_level", "education_level")
                },
                "school_level": words(SCHOOLS, texts["school_level"]),
                "education_level": words(LEVELS, texts["education_level"]),
            },
            person=roster.person,
            household=roster.household,
            commune=commune[home],
        )
        members.note("insurance declared wrongly", np.flatnonzero(wrong))
        return Forms(households, members)

    def _asked(self, answers: Table) -> dict[str, NDArray[np.bool_]]:
        """Who is asked each question of the member part."""
        age = answers["age"]
        everyone = np.ones(len(age), dtype=bool)
        work = age >= ASKED_FROM_WORK
        return {
            "can_work": work,
            "wants_work": work,
            "employed": work,
            "wage_employed": work,
            "has_labour_contract": work,
            "attending_school": (age >= ASKED_FROM_SCHOOL) & (age < ASKED_TO_SCHOOL),
            "school_level": (age >= ASKED_FROM_SCHOOL) & (age < ASKED_TO_SCHOOL),
            "education_level": age >= ASKED_FROM_LEVEL,
            "employer_training_certificate": age >= ASKED_FROM_EMPLOYER,
            "stunted": age < 16,
            "underweight": age < 16,
            "health_insured": everyone,
            "uses_internet": everyone,
            "monthly_social_allowance": everyone,
            "is_disabled": everyone,
            "uses_digital_service": work,
        }

    def _income_parts(
        self, household: NDArray[np.int64], visit: NDArray[np.int64]
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which forms state a measured income, and which a score."""
        chance = self.city.draws.uniform("income part", household, key=visit)
        measured = chance < self.measured_share
        # Somebody who escaped stands on a list with a score, too; their forms state their own.
        listing = self.answers.listing
        may_lack = (listing.at(household, visit) != NONE) | ~listing.ever()[household]
        scored = ~measured & ((chance < 1 - NEITHER_SHARE) | ~may_lack)
        return measured, scored | (measured & (chance < self.measured_share * SCORED_TOO_SHARE))

    def _reviewed_on(self, household: NDArray[np.int64], visit: NDArray[np.int64]) -> NDArray[np.int64]:
        """Day of the visit: from the 15th in a regular month, up to 14 December in the season."""
        day = self.city.draws.whole("visit day", household, 0, 13, key=visit)
        return first_day(visit) + np.where(visit % 12 == 11, day, day + 14)


def score_of_income(income: NDArray[np.int64], urban: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Proxy score of an income: 140 (rural) and 175 (urban) stand exactly at the S2022 line; half points."""
    cut = np.where(urban, SCORE_AT_LINE["urban"][0], SCORE_AT_LINE["rural"][0])
    line = np.where(urban, SCORE_AT_LINE["urban"][1], SCORE_AT_LINE["rural"][1])
    score = np.minimum(np.round(cut * (income / line) ** 0.6 * 2) / 2, HIGHEST_SCORE)
    return np.where(income <= line, np.minimum(score, cut), np.maximum(score, cut + 0.5))


def hamlets(city: City, household: NDArray[np.int64]) -> pa.Array:
    """Hamlet of each household: numbered, called khu vực in wards and ấp in communes."""
    ward = city.places.is_ward[city.commune[household]]
    number = city.draws.whole("hamlet", household, 1, 12)
    kind = words(["Ấp", "Khu vực"], ward.astype(np.int8))
    return pc.binary_join_element_wise(kind, pc.cast(pa.array(number), pa.string()), " ")


def as_facts(answers: Table, size: NDArray[np.int64]) -> dict[str, NDArray]:
    """True household answers in the form that the rules read."""
    return {
        "size": size,
        "floor_area_m2": answers["floor_area_m2"],
        "water_clean": _good(answers["water_source"], WATER, WATER_CLEAN),
        "toilet_clean": _good(answers["toilet_type"], TOILET, TOILET_HYGIENIC),
        "waste_handled": _good(answers["waste_disposal"], WASTE, WASTE_HANDLED),
        **{
            name: answers[name]
            for name in ("wall_durable", "column_durable", "roof_durable", "has_shared_device", "has_personal_device")
        },
    }


def as_people(answers: Table, home: NDArray[np.int64]) -> dict[str, NDArray]:
    """True member answers in the form that the rules read."""
    return {
        **answers,
        "household": home,
        "year_only": np.zeros(len(home), dtype=bool),
        "school": answers["school_level"],
        "education": answers["education_level"],
        "insured": answers["health_insured"],
    }


def _good(index: NDArray[np.int64], vocabulary: list[str], good: set[str]) -> Values:
    return np.isin(vocabulary, sorted(good))[index].astype(np.int8)


def _deprivation_score(
    answers: Table, members: Table, size: NDArray[np.int64], home: NDArray[np.int64], visit: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Score B as the commune counts it at the visit: 10 points per deprivation."""
    facts, people = as_facts(answers, size), as_people(members, home)
    score = np.zeros(len(size), dtype=np.int64)
    for month in np.unique(visit):
        here = np.flatnonzero(visit == month)
        position = np.full(len(size), -1, dtype=np.int64)
        position[here] = np.arange(len(here))
        of_these = position[home] >= 0
        values = deprivations(
            {name: column[here] for name, column in facts.items()},
            {
                **{name: column[of_these] for name, column in people.items()},
                "household": position[home[of_these]],
            },
            int(month),
        )
        score[here] = 10 * np.stack([values[code] == 1 for code in S2022]).sum(axis=0)
    return score


def deprivations_at_evidence(
    city: City, answers: Answers, households: NDArray[np.int64], spoken: Spoken, month: int
) -> dict[str, Values]:
    """What was true of the households when the evidence of `month` spoke, judged by the ages of the month.

    The forms are those of the visits, answered without a slip; insurance is that of the month whose register, or
    whose form, speaks of each person; a finished house stands for the parts that its case states.
    """
    roster, home = _roster_at(city, households, spoken.of_members)
    size = np.bincount(_roster_at(city, households, spoken.visit)[1], minlength=len(households))
    facts = as_facts(answers.of_households(households, spoken.visit), size)
    house = answers.cases.house(households, month)
    for name, now in (
        ("wall_durable", house.wall), ("column_durable", house.column), ("roof_durable", house.roof),
        ("floor_area_m2", house.area),
    ):  # fmt: skip
        facts[name] = np.where(spoken.by_case[name], now, facts[name])
    people = as_people(answers.of_members(roster, spoken.of_members[home]), home)
    asked = spoken.of_insurance[roster.person]
    alive = city.death[roster.person] > asked
    lives_in = np.where(city.leaves[roster.person] <= asked, city.next_home[roster.person], city.home[roster.person])
    covered = answers.insurance.insured(roster.person, lives_in.astype(np.int64), asked)
    people["insured"] = (alive & covered).astype(np.int8)
    return deprivations(facts, people, month)


def _roster_at(
    city: City, households: NDArray[np.int64], months: NDArray[np.int64]
) -> tuple[Roster, NDArray[np.int64]]:
    """Members of the households, each at its month, and the position of each member's household."""
    when = np.full(city.households, -1, dtype=np.int32)
    when[households] = months
    roster = city.roster(when)
    position = np.full(city.households, -1, dtype=np.int64)
    position[households] = np.arange(len(households))
    return roster, position[roster.household]


def true_deprivations(city: City, answers: Answers, households: NDArray[np.int64], month: int) -> dict[str, Values]:
    """What is true of the households at the end of the month; -1 where nobody lives in one any more."""
    roster, home = _roster_at(city, households, np.full(len(households), month))
    size = np.bincount(home, minlength=len(households))
    facts = as_facts(answers.of_households(households, month), size)
    values = deprivations(facts, as_people(answers.of_members(roster, month), home), month)
    return {code: np.where(size > 0, value, -1).astype(np.int8) for code, value in values.items()}
