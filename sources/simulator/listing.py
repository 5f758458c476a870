"""Legal status: which households the communes recognise as poor or near-poor, month by month.

Recognition follows welfare imperfectly, so most households under the income line are on no list, as in the published
figures. Here belong the rates of the lists and who is on them since when; the workbook is `poverty_list`.
"""

import numpy as np
from numpy.typing import NDArray

from sources.simulator.population import City
from sources.simulator.welfare import Welfare

NONE, NEAR_POOR, POOR = range(3)
FIRST_YEAR = 2021  # the list of December 2021 opens 2022

# Poor and near-poor households in percent of households, each December, by former province. Published: Soc Trang
# 2024 (1.34, 5.10), Can Tho 2022 (0.52, 2.06), the city's target for 2025 (0.63 poor); the rest lies between.
RATES = {
    92: [(0.62, 2.30), (0.52, 2.06), (0.38, 1.85), (0.29, 1.70), (0.22, 1.55), (0.20, 1.45), (0.19, 1.40)],
    93: [(3.20, 4.60), (2.40, 4.20), (1.70, 3.90), (1.15, 3.60), (0.80, 3.30), (0.70, 3.10), (0.66, 3.00)],
    94: [(5.00, 7.40), (3.60, 6.80), (2.20, 6.00), (1.34, 5.10), (1.05, 4.50), (0.95, 4.20), (0.90, 4.10)],
}
CHANGES_IN_DECEMBER = 0.8  # the yearly review; the others come up in a regular review of some month
SIZE_AMONG_LISTED = 0.028  # larger households apply more often
SIZE_AMONG_POOR = -0.09  # the poorest of the listed are the small ones


class Listing:
    """Legal class of every household at every month end from December 2021 to December 2030."""

    def __init__(self, city: City, welfare: Welfare) -> None:
        self.city = city
        household = np.arange(city.households)
        years = range(FIRST_YEAR, 2031)
        self._december = np.stack([_recognised(city, welfare, household, year) for year in years])
        in_december = city.draws.uniform("regular review", household) < CHANGES_IN_DECEMBER
        self._change = np.where(in_december, 12, city.draws.whole("review month", household, 1, 11)).astype(np.int8)

    def at(self, households: NDArray[np.int64], month: NDArray[np.int64] | int) -> NDArray[np.int8]:
        """Class at the end of the month: NONE, NEAR_POOR or POOR."""
        year, number = np.asarray(month) // 12, np.asarray(month) % 12 + 1
        before = self._december[year - 1 - FIRST_YEAR, households]
        after = self._december[year - FIRST_YEAR, households]
        return np.where(number >= self._change[households], after, before)

    def decided(self, households: NDArray[np.int64], month: int) -> NDArray[np.int64]:
        """Month of the decision that the class of `month` rests on: its last change, else the last December."""
        number = self._change[households].astype(np.int64)
        this_year = (month % 12 + 1 >= number) & self._changes(households, month // 12)
        last_december = month // 12 * 12 - 1 if month % 12 < 11 else month
        return np.where(this_year, month // 12 * 12 + number - 1, last_december)

    def last_change(self, households: NDArray[np.int64], month: NDArray[np.int64] | int) -> NDArray[np.int64]:
        """Latest month up to `month` in which the class changed; 0 if not since December of the year before last."""
        month = np.asarray(month)
        number = self._change[households].astype(np.int64) - 1
        latest = np.zeros(len(households), dtype=np.int64)
        for year in (month // 12 - 1, month // 12):
            changed = (year * 12 + number <= month) & (year > FIRST_YEAR)
            latest = np.where(
                changed & self._changes(households, np.maximum(year, FIRST_YEAR + 1)), year * 12 + number, latest
            )
        return latest

    def _changes(self, households: NDArray[np.int64], year: NDArray[np.int64] | int) -> NDArray[np.bool_]:
        index = np.asarray(year) - FIRST_YEAR
        return self._december[index, households] != self._december[index - 1, households]

    def ever(self) -> NDArray[np.bool_]:
        """Households listed at any time."""
        return (self._december != NONE).any(axis=0)

    def listed_before(self, households: NDArray[np.int64], month: int) -> NDArray[np.bool_]:
        """Households that were listed in an earlier December than the last one."""
        return (self._december[: max(month // 12 - 1 - FIRST_YEAR, 0), :][:, households] != NONE).any(axis=0)


def _rate(province: int, year: int) -> tuple[float, float]:
    rows = RATES[province]
    return rows[min(year - FIRST_YEAR, len(rows) - 1)]


def _recognised(city: City, welfare: Welfare, household: NDArray[np.int64], year: int) -> NDArray[np.int8]:
    """Class after the review of December `year`: the list is the neediest share of each former province."""
    month = max(year * 12 + 11, 2022 * 12)
    size = city.sizes(month)
    need = -welfare.of_year(household, year) + 0.3 * city.draws.normal("listing", household)
    need += SIZE_AMONG_LISTED * (size - 3.65)
    rank_poor = welfare.hardship + 0.4 * need + SIZE_AMONG_POOR * (size - 3.65)
    classes = np.zeros(len(household), dtype=np.int8)
    province = city.places.province[city.commune_at(household, month)]
    for code in RATES:
        inside = np.flatnonzero((province == code) & (size > 0))
        poor, near_poor = _rate(code, year)
        listed = inside[np.argsort(-need[inside], kind="stable")[: round(len(inside) * (poor + near_poor) / 100)]]
        classes[listed] = NEAR_POOR
        poorest = np.argsort(-rank_poor[listed], kind="stable")[: round(len(inside) * poor / 100)]
        classes[listed[poorest]] = POOR
    return classes
