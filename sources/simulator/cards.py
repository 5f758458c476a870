"""Health insurance: who is insured in which group and month, and the card register (feed health_insurance/cards).

A card runs for a calendar year or from the person's own month, may be renewed late, and leaves a gap then. Here belong
terms, groups and register rows; what people declare on the review form is `answers`.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sources.simulator.delivery import Rows, code_text, days, maybe_day, words
from sources.simulator.listing import NEAR_POOR, POOR, Listing
from sources.simulator.months import first_day, last_day, month_of_day
from sources.simulator.names import full_names
from sources.simulator.persons import LEAVES_AT, ages, reached_level
from sources.simulator.places import rows as reference_rows
from sources.simulator.population import KHMER, City
from sources.simulator.welfare import Welfare

GROUPS = ["TE", "HN", "CN", "BT", "HT", "HS", "SV", "DT", "DN", "HC", "GB", "GD"]
TE, HN, CN, BT, HT, HS, SV, DT, DN, HC, GB, GD = range(len(GROUPS))
# Share of each group that takes part at all.
TAKES_PART = np.array([0.985, 0.99, 0.975, 0.99, 0.995, 0.975, 0.95, 0.985, 0.985, 0.995, 0.90, 0.892])
LATE_SHARE = np.array([0, 0.01, 0.02, 0, 0, 0.02, 0.03, 0.01, 0, 0, 0.06, 0.10])
BUDGET_SHARE = np.array([100, 100, 80, 100, 0, 50, 50, 100, 0, 0, 50, 0])
SCARCE_AREA_CODES = ("31528", "31759", "31783", "31804")  # communes of area class III that published pages name
EXPIRED_FOR = 2  # months that an expired card stays in the register
NUMBER_STEP, NUMBERS = 48_271_009, 100_000_000


@dataclass(frozen=True)
class Terms:
    """Card terms; one entry per person asked for. `covered` at month end; `expired`: only an old card is left."""

    group: NDArray[np.int64]
    covered: NDArray[np.bool_]
    expired: NDArray[np.bool_]
    valid_from: NDArray[np.int64]  # day number
    valid_to: NDArray[np.int64]  # day number; meaningless when open_ended
    open_ended: NDArray[np.bool_]


class Insurance:
    """Insurance of everybody at any month."""

    def __init__(self, city: City, welfare: Welfare, listing: Listing) -> None:
        self.city, self.welfare, self.listing = city, welfare, listing
        levels = {
            row["code"]: int(row["usual_benefit_level"]) for row in reference_rows("insurance_beneficiary_groups")
        }
        self.levels = np.array([levels[group] for group in GROUPS])
        self.scarce = np.isin(city.places.codes, SCARCE_AREA_CODES)

    def _group(
        self, person: NDArray[np.int64], household: NDArray[np.int64], month: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        city, draws = self.city, self.city.draws
        january = month // 12 * 12
        # A card of the poor lasts to the end of the year in which the household escapes.
        class_now = self.listing.at(household, month)
        best = np.maximum(class_now, self.listing.at(household, np.maximum(january, 2022 * 12)))
        age = ages(city, person, month)
        birth_month = month_of_day(city.birth[person])
        hardship = self.welfare.hardship[household]
        level = reached_level(city, person, hardship, birth_month // 12)
        schooling_age = np.where(month % 12 >= 8, month // 12, month // 12 - 1) - birth_month // 12
        turns_six = birth_month + 72
        last_as_child = np.where(turns_six % 12 < 9, turns_six // 12 * 12 + 8, turns_six)
        in_school = (schooling_age >= 6) & (schooling_age < LEAVES_AT[level])
        scarce = self.scarce[city.commune_at(household, month)] & (city.ethnicity[household] == KHMER)
        formal = draws.uniform("formal", person) < np.clip(0.22 - 0.08 * hardship, 0.02, 0.5)
        official = draws.uniform("official", person) < 0.12
        return np.select(
            [
                month <= last_as_child,
                (age >= 18) & (age < 62) & formal & official,
                (age >= 18) & (age < 62) & formal,
                best == POOR,
                (age >= 80) | ((age >= 60) & (hardship > 2.2)),
                (age >= 62) & (draws.uniform("pension", person) < 0.14),
                best == NEAR_POOR,
                scarce,
                in_school & (schooling_age < 18),
                in_school,
                draws.uniform("farm card", household) < 0.08,
            ],
            [TE, HC, DN, HN, BT, HT, CN, DT, HS, SV, GB],
            default=GD,
        )

    def terms(self, person: NDArray[np.int64], household: NDArray[np.int64], month: NDArray[np.int64] | int) -> Terms:
        """Terms of the card that counts at the end of the month."""
        city, draws = self.city, self.city.draws
        month = np.broadcast_to(np.asarray(month, dtype=np.int64), person.shape)
        group = self._group(person, household, month)
        anniversary = np.where(group == GD, draws.whole("card month", person, 0, 11), 0)
        start = month - (month - anniversary) % 12
        late = draws.uniform("late", person, key=start) < LATE_SHARE[group]
        delay = np.where(late, draws.whole("delay", person, 1, 4, key=start), 0)
        begins = start + delay
        takes_part = draws.uniform("takes part", person) < TAKES_PART[group]
        begun = begins <= month
        # A newly poor household is insured from the month of its decision on.
        decision = self.listing.last_change(household, month)
        fresh = ((group == HN) | (group == CN)) & (decision > begins) & (decision // 12 == month // 12)
        begins = np.where(fresh, decision, begins)
        birth_month = month_of_day(city.birth[person])
        turns_six = birth_month + 72
        last_as_child = np.where(turns_six % 12 < 9, turns_six // 12 * 12 + 8, turns_six)
        open_ended = np.isin(group, [DN, HC, HT])
        valid_from = first_day(begins) + np.where(late & (group == GD), draws.whole("payday", person, 0, 27), 0)
        valid_from = np.select(
            [group == TE, open_ended],
            [
                city.birth[person],
                first_day(np.maximum(birth_month + 18 * 12, 2015 * 12 + draws.whole("hired", person, 0, 60))),
            ],
            default=valid_from,
        )
        valid_from = np.maximum(valid_from, city.birth[person])
        valid_to = np.where(group == TE, last_day(last_as_child), last_day(start + 11))
        covered = takes_part & (begun | (group == TE) | open_ended)
        expired = (
            takes_part & ~covered & (month - start < EXPIRED_FOR) & (month_of_day(city.birth[person]) < start - 12)
        )
        return Terms(
            group=group,
            covered=covered,
            expired=expired,
            valid_from=np.where(expired, first_day(start - 12), valid_from).astype(np.int64),
            valid_to=np.where(expired, last_day(start - 1), valid_to).astype(np.int64),
            open_ended=open_ended,
        )

    def insured(
        self, person: NDArray[np.int64], household: NDArray[np.int64], month: NDArray[np.int64] | int
    ) -> NDArray[np.bool_]:
        """Insured on the last day of the month."""
        return self.terms(person, household, month).covered

    def register(self, month: int, person: NDArray[np.int64]) -> Rows:
        """Card rows of these people (alive in the month): cards in force, and those that expired recently."""
        city, draws = self.city, self.city.draws
        household = city.home_at(month)[person].astype(np.int64)
        terms = self.terms(person, household, month)
        on_register = terms.covered | terms.expired
        person, household = person[on_register], household[on_register]
        group, open_ended = terms.group[on_register], terms.open_ended[on_register]
        social = code_text((person * NUMBER_STEP) % NUMBERS, 10)
        social = pc.binary_join_element_wise(pa.scalar("92"), pc.utf8_slice_codeunits(social, 2), "")
        long_form = draws.uniform("card form", person) < 0.55
        level = self.levels[group]
        long_number = pc.binary_join_element_wise(
            words(GROUPS, group), pc.cast(pa.array(level), pa.string()), pa.scalar("92"), social, ""
        )
        personal = code_text(city.number[person], 12)
        renamed = draws.uniform("insurance number", person) < 0.6
        commune = city.commune_at(household, month)
        facility = draws.whole("facility", household, 92_001, 92_180)
        return Rows(
            {
                "card_number": pc.if_else(pa.array(long_form), long_number, social),
                "insurance_number": pc.if_else(pa.array(renamed), personal, social),
                "personal_id": personal,
                "full_name": full_names(city, person),
                "birth_date": days(city.birth[person]),
                "sex": words(["0", "1"], city.is_male[person]),  # this agency's own codes
                "commune_code": city.unit_codes(household, month),
                "beneficiary_group": words(GROUPS, group),
                "benefit_level": level,
                "valid_from": days(terms.valid_from[on_register]),
                "valid_to": maybe_day(terms.valid_to[on_register], ~open_ended),
                "facility_code": code_text(facility, 5),
                "budget_share_pct": BUDGET_SHARE[group].astype(np.float64),
            },
            person=person,
            household=household,
            commune=commune,
        )
