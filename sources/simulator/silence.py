"""Who sends nothing, and when: feeds for some months, communes for some months, everybody in a month.

Rates are rows of `faults.csv`. Not here: what a reader still knows when nobody speaks (`truth`).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sources.simulator.draws import Draws
from sources.simulator.faults import rates


@dataclass(frozen=True)
class Silence:
    """Silences of one simulated city; `level` multiplies every share, at 0 everybody sends every month."""

    draws: Draws
    level: float

    def of_feed(self, department: str, feed: str, month: int) -> bool:
        """Whether nothing of the feed arrives for the month."""
        everybody = self._falls("month silent", "month silent", np.array([0]), month)
        alone = self._falls("feed silent", f"feed silent {department}/{feed}", np.array([0]), month)
        return bool((everybody | alone)[0])

    def of_communes(self, count: int, month: int) -> NDArray[np.bool_]:
        """Communes (indexes) whose office sends neither list nor forms for the month."""
        return self._falls("commune silent", "commune silent", np.arange(count), month)

    def _falls(self, fault: str, purpose: str, ids: NDArray[Any], month: int) -> NDArray[np.bool_]:
        (rate,) = rates()[fault]
        spell = (month + self.draws.whole(f"{purpose} since", ids, 0, rate.months - 1)) // rate.months
        return self.draws.uniform(purpose, ids, key=spell) < rate.share * self.level
