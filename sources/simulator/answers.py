"""True answers to the review form: what an attentive reviewer would write down at a month end, nothing left out.

Here the traits of people, houses and incomes come together as the questions of the form. When a household is reviewed
and what is left out is `reviews`; what the answers mean under a standard is `truth`.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sources.simulator.cards import Insurance
from sources.simulator.housing import SupportCases
from sources.simulator.listing import Listing
from sources.simulator.months import FIRST, LAST, NEVER, month_of_day
from sources.simulator.persons import traits
from sources.simulator.population import City, Roster
from sources.simulator.welfare import Welfare

WATER = ["tap", "drilled_well", "protected_dug_well", "protected_spring", "rain", "bottled", "other"]
TOILET = ["septic", "semi_septic", "pour_flush", "vip", "two_compartment", "other", "none"]
WASTE = ["collected", "treated_at_home", "untreated"]
ROAD_OF_WATER = {True: [92, 4, 0.4, 0.1, 0.5, 3], False: [66, 22, 2, 0.5, 8, 1.5]}  # clean sources, ward or commune
IMPROVED_SHARE = 0.2  # of bad water and toilets: replaced once within the nine years

Table = dict[str, NDArray[Any]]


class Answers:
    """Answers of households and members at any month end."""

    def __init__(
        self, city: City, welfare: Welfare, listing: Listing, cases: SupportCases, insurance: Insurance
    ) -> None:
        self.city, self.welfare, self.listing = city, welfare, listing
        self.cases, self.insurance = cases, insurance

    def of_households(self, households: NDArray[np.int64], month: NDArray[np.int64] | int) -> Table:
        """Answers of the household part; one entry per household. Flags 0/1, words as indexes, area in m2."""
        draws, city = self.city.draws, self.city
        hardship = self.welfare.hardship[households]
        ward = city.places.is_ward[city.commune_at(households, month)]
        home_ward = city.places.is_ward[city.commune[households]]

        def lacks(what: str, limit: float) -> NDArray[np.bool_]:
            return hardship + 0.6 * draws.normal(what, households) > limit

        def improved(what: str) -> NDArray[np.bool_]:
            happens = draws.uniform(f"{what} improves", households) < IMPROVED_SHARE
            when = np.where(happens, draws.whole(f"{what} improves in", households, FIRST, LAST), NEVER)
            return when <= month

        clean = np.where(
            home_ward,
            draws.pick("water source", households, ROAD_OF_WATER[True]),
            draws.pick("water source", households, ROAD_OF_WATER[False]),
        )
        unclean = lacks("water", 2.02) & ~improved("water")
        bad_toilet = lacks("toilet", 1.62) & ~improved("toilet")
        no_toilet = draws.uniform("no toilet", households) < 0.3
        good_toilet = draws.pick("good toilet", households, [70, 14, 8, 3, 5])
        untreated = hardship + 0.6 * draws.normal("waste", households) > np.where(ward, 1.9, 1.05)
        house = self.cases.house(households, month)
        return {
            "income": self.welfare.income(households, month),
            "wall_durable": house.wall.astype(np.int8),
            "column_durable": house.column.astype(np.int8),
            "roof_durable": house.roof.astype(np.int8),
            "floor_area_m2": house.area.astype(np.float64),
            "water_source": np.where(unclean, 6, clean),
            "toilet_type": np.where(bad_toilet, 5 + no_toilet, good_toilet),
            "waste_disposal": np.where(
                untreated, 2, np.where(ward | (draws.uniform("collected", households) < 0.5), 0, 1)
            ),
            "has_shared_device": (~lacks("shared device", 1.75)).astype(np.int8),
            "has_personal_device": (~lacks("personal device", 1.55)).astype(np.int8),
        }

    def of_members(self, roster: Roster, month: NDArray[np.int64] | int) -> Table:
        """Answers of the member part; one entry per row of the roster, at `month` of that row."""
        t = traits(self.city, self.welfare, roster.person, roster.household, month)
        birth = month_of_day(self.city.birth[roster.person])
        return {
            "birth_month": birth.astype(np.int32),
            "is_male": self.city.is_male[roster.person],
            "age": t.age,
            "can_work": t.can_work.astype(np.int8),
            "wants_work": t.wants_work.astype(np.int8),
            "employed": t.employed.astype(np.int8),
            "wage_employed": t.wage_employed.astype(np.int8),
            "has_labour_contract": t.has_contract.astype(np.int8),
            "attending_school": t.attending.astype(np.int8),
            "school_level": t.school,
            "education_level": t.education,
            "employer_training_certificate": t.employer_certificate.astype(np.int8),
            "stunted": t.stunted.astype(np.int8),
            "underweight": t.underweight.astype(np.int8),
            "health_insured": self.insurance.insured(roster.person, roster.household, month).astype(np.int8),
            "uses_internet": t.internet.astype(np.int8),
            "monthly_social_allowance": t.allowance.astype(np.int8),
            "is_disabled": t.disabled.astype(np.int8),
            "uses_digital_service": t.digital.astype(np.int8),
        }
