"""How well off a household truly is: income per head, and the lasting hardship behind its deprivations.

Here belongs what no office decides. Who is recognised as poor is `listing`; what the review form says is `reviews`.
"""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sources.simulator.population import KHMER, City

SPREAD = 0.715  # standard deviation of log income
MEDIAN_RURAL, MEDIAN_URBAN = 3_640_000, 4_860_000  # VND per head and month
PROVINCE_FACTOR = {92: 1.08, 93: 0.99, 94: 0.93}
LASTING = 0.97  # correlation of a year's welfare with the household's lasting welfare
KHMER_PENALTY = 0.35


class Welfare:
    """Welfare of every household, in standard deviations; larger is better off."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.draws = city.draws

    @cached_property
    def _lasting(self) -> NDArray[np.float32]:
        household = np.arange(self.city.households)
        commune = self.draws.normal("commune welfare", np.arange(len(self.city.places.codes)))[self.city.commune]
        drawn = 0.985 * self.draws.normal("welfare", household) + 0.12 * commune
        return (drawn - KHMER_PENALTY * (self.city.ethnicity == KHMER)).astype(np.float32)

    @cached_property
    def hardship(self) -> NDArray[np.float32]:
        """Lasting hardship of each household: about standard normal, larger is harder."""
        own = self.draws.normal("hardship", np.arange(self.city.households))
        return (-0.78 * self._lasting + 0.62 * own).astype(np.float32)

    def of_year(self, households: NDArray[np.int64], year: NDArray[np.int64] | int) -> NDArray[np.float64]:
        """Welfare in the calendar year."""
        shock = self.draws.normal("shock", households, key=year)
        return LASTING * self._lasting[households] + np.sqrt(1 - LASTING**2) * shock

    def income(self, households: NDArray[np.int64], month: NDArray[np.int64] | int) -> NDArray[np.int64]:
        """Income per head and month in VND, a whole thousand."""
        places, commune = self.city.places, self.city.commune[households]
        median = np.where(places.is_ward[commune], MEDIAN_URBAN, MEDIAN_RURAL)
        factor = np.array([PROVINCE_FACTOR[int(province)] for province in places.province])[commune]
        log_income = np.log(median * factor) + SPREAD * self.of_year(households, np.asarray(month) // 12)
        return (np.exp(log_income) / 1000).astype(np.int64) * 1000
