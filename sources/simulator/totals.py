"""Residents of every commune, the denominators of all rates (feed labour/commune_totals)."""

import numpy as np
import pyarrow as pa

from sources.simulator.delivery import Rows
from sources.simulator.population import KINH, City


def totals_rows(city: City, month: int) -> Rows:
    """Delivery of labour/commune_totals: resident households and persons of every unit in force in the month."""
    size = city.sizes(month)
    household = np.flatnonzero(size > 0)
    unit = city.unit_codes(household, month).astype("U5")
    codes, index = np.unique(unit, return_inverse=True)
    minority = city.ethnicity[household] != KINH
    count = len(codes)

    def summed(weights: np.ndarray) -> pa.Array:
        return pa.array(np.bincount(index, weights=weights, minlength=count).astype(np.int64))

    return Rows(
        {
            "commune_code": codes.astype(object),
            "households": summed(np.ones(len(household))),
            "persons": summed(size[household]),
            "minority_households": summed(minority),
            "minority_persons": summed(minority * size[household]),
        },
        person=np.full(count, -1),
        household=np.full(count, -1),
        commune=np.zeros(count, dtype=np.int16),
    )
