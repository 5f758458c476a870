"""Houses, and the programme that replaces the bad ones: dwellings before support, support cases and their progress.

Here belong the true state of a house at a month and the rows of feed housing/support_cases. Water, toilets and the
other answers of the review form are `answers`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sources.simulator.delivery import Rows, code_text, flags, maybe_day, words
from sources.simulator.draws import Draws
from sources.simulator.listing import Listing
from sources.simulator.months import LAST, NEVER, first_day, last_day, month_of_day
from sources.simulator.names import full_names
from sources.simulator.population import City
from sources.simulator.welfare import Welfare

DRIVE_HOUSES = 11_450  # built or repaired in the drive that ended on 30 June 2025
DRIVE_START, DRIVE_END = 2024 * 12 + 9, 2025 * 12 + 5
LATER_HOUSES_A_MONTH = 65  # merit households, storm losses, the Front's houses
NEW_BUILD, REPAIR = range(2)
SUPPORT_TYPES = ["new_build", "repair"]
SUPPORT_VND = np.array([60_000_000, 30_000_000])
STATUSES = ["surveyed", "approved", "building", "completed", "handed_over", "cancelled"]
# Legal classes first, in the order of `listing`.
BENEFICIARIES = ["other", "near_poor", "poor", "merit", "martyr_relative"]
SOURCES = [
    "Ngân sách trung ương",
    "Ngân sách thành phố",
    "Quỹ Vì người nghèo",
    "Xã hội hóa",
    "Hộ tự đối ứng",
]


@dataclass(frozen=True)
class House:
    """State of dwellings; one entry per household asked for."""

    wall: NDArray[np.bool_]
    column: NDArray[np.bool_]
    roof: NDArray[np.bool_]
    area: NDArray[np.float64]


def house_before_support(draws: Draws, households: NDArray[np.int64], hardship: NDArray[np.float32]) -> House:
    """Durable wall, column and roof, and floor area in square metres, as the household built it."""

    def durable(part: str, limit: float) -> NDArray[np.bool_]:
        return hardship + 0.55 * draws.normal(part, households) <= limit

    area = 78 * np.exp(-0.27 * hardship + 0.32 * draws.normal("floor area", households))
    return House(
        wall=durable("wall", 1.75), column=durable("column", 1.85), roof=durable("roof", 1.95), area=_half(area)
    )


def _half(area: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.clip(np.round(area * 2) / 2, 12.0, 400.0)


class SupportCases:
    """Support cases of 2022-2030, at most one per household, and what they did to the houses."""

    def __init__(self, city: City, welfare: Welfare, listing: Listing, scale: float) -> None:
        self.city = city
        draws = city.draws
        everyone = np.arange(city.households)
        house = house_before_support(draws, everyone, welfare.hardship)
        bad = (~house.wall).astype(int) + ~house.column + ~house.roof >= 2
        eligible = np.flatnonzero(bad & (city.founded == 0) & (city.sizes(DRIVE_END + 60) > 0))
        listed = listing.at(eligible, 2024 * 12 + 11) != 0
        priority = draws.uniform("housing priority", eligible) * np.where(listed, 0.35, 1.0)
        queue = eligible[np.argsort(priority, kind="stable")]
        drive = max(1, round(DRIVE_HOUSES * scale))
        later = max(1, round(LATER_HOUSES_A_MONTH * (LAST - 8 - DRIVE_END) * scale))
        chosen = queue[: drive + later]
        in_drive = np.arange(len(chosen)) < drive

        # A case takes two months to approve and start, and three to eight to build.
        late = draws.whole("case month", chosen, DRIVE_END + 1, LAST - 8)
        surveyed = np.where(in_drive, draws.whole("case month", chosen, DRIVE_START, DRIVE_START + 1), late)
        approved = surveyed + 1
        started = approved + draws.whole("case start", chosen, 0, 1)
        longest = np.where(in_drive, DRIVE_END - started, 6)
        completed = started + 2 + (draws.uniform("case length", chosen) * (longest - 1)).astype(int)
        cancelled = ~in_drive & (draws.uniform("case cancelled", chosen) < 0.02)
        self.household = chosen
        self.surveyed, self.approved, self.started = surveyed, approved, started
        self.completed = np.where(cancelled, NEVER, completed)
        self.cancelled = cancelled
        self.support = (draws.uniform("support type", chosen) < 0.4).astype(int)
        self.approved_on = first_day(approved) + draws.whole("approved on", chosen, 0, 14)
        self.started_on = np.minimum(first_day(started) + draws.whole("started on", chosen, 15, 27), last_day(started))
        self.completed_on = first_day(self.completed) + draws.whole("completed on", chosen, 0, 26)
        built = np.where(
            self.support == NEW_BUILD, _half(30 + 26 * draws.uniform("built area", chosen)), house.area[chosen]
        )
        self.area = np.maximum(built, house.area[chosen])
        group = listing.at(chosen, approved)
        merit = draws.whole("merit case", chosen, 3, 4)
        self.group = np.where((group == 0) & (draws.uniform("merit", chosen) < 0.4), merit, group)
        self._rebuilt = np.full(city.households, NEVER, dtype=np.int32)
        self._rebuilt[chosen] = self.completed
        self._new_area = np.zeros(city.households, dtype=np.float32)
        self._new_area[chosen] = self.area
        self._hardship = welfare.hardship
        self._cases: Rows | None = None

    def house(self, households: NDArray[np.int64], month: NDArray[np.int64] | int) -> House:
        """True state of the houses at the end of the month."""
        before = house_before_support(self.city.draws, households, self._hardship[households])
        done = self._rebuilt[households] <= month
        return House(
            wall=before.wall | done,
            column=before.column | done,
            roof=before.roof | done,
            area=np.where(done, self._new_area[households], before.area),
        )

    def status(self, month: int) -> NDArray[np.int64]:
        """Index into STATUSES at the end of the month."""
        steps = [month < self.approved, self.cancelled, month < self.started, month < self.completed]
        return np.select([*steps, month < self.completed + 2], [0, 5, 1, 2, 3], default=4)

    def rows(self, month: int) -> Rows:
        """Delivery of the month: every case surveyed so far, one row per case and funding source."""
        draws, city = self.city.draws, self.city
        when = np.full(city.households, -1, dtype=np.int32)
        when[self.household] = self.approved
        roster = city.roster(when)
        head_of = np.full(city.households, -1, dtype=np.int64)
        head_of[roster.household[roster.heads]] = roster.person[roster.heads]
        case = np.flatnonzero((self.surveyed <= month) & (head_of[self.household] >= 0))
        case = case[np.argsort(self.surveyed[case], kind="stable")]
        sources = 1 + draws.pick("funding sources", self.household[case], [0.3, 0.5, 0.2])
        row = np.repeat(case, sources)
        nth = np.arange(len(row)) - np.repeat(np.cumsum(sources) - sources, sources)
        source = (draws.whole("first source", self.household[row], 0, 4) + nth) % len(SOURCES)
        amount = np.where(nth == 0, SUPPORT_VND[self.support[row]], 5_000_000 * (1 + nth))
        household = self.household[row]
        head = head_of[household]
        status = self.status(month)[row]
        done = (status == 3) | (status == 4)
        before = house_before_support(draws, household, self._hardship[household])
        unstated = draws.uniform("case unstated", household) < 0.02
        return Rows(
            {
                "case_code": code_text(self.household[row] * 7 % 10_000_019, 8, "HN"),
                "commune_code": city.unit_codes(household, month),
                "head_name": full_names(city, head),
                "head_birth_year": month_of_day(city.birth[head]) // 12,
                "head_personal_id": code_text(city.number[head], 12),
                "beneficiary_group": words(BENEFICIARIES, self.group[row]),
                "support_type": words(SUPPORT_TYPES, self.support[row]),
                "floor_durable": flags(done | before.wall),
                "frame_wall_durable": flags(np.where(unstated, -1, done | (before.wall & before.column))),
                "roof_durable": flags(np.where(unstated, -1, done | before.roof)),
                "floor_area_m2": np.where(
                    draws.uniform("case area", household) < 0.3, np.nan, np.where(done, self.area[row], before.area)
                ),
                "approved_on": maybe_day(self.approved_on[row], status >= 1),
                "started_on": maybe_day(self.started_on[row], np.isin(status, [2, 3, 4])),
                "completed_on": maybe_day(self.completed_on[row], done),
                "status": words(STATUSES, status),
                "funding_source": words(SOURCES, source),
                "amount_vnd": amount,
            },
            person=head,
            household=household,
            commune=city.commune_at(household, month),
        )
