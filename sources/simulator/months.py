"""Months and days as whole numbers, for columns of dates.

A month is year * 12 + month - 1; a day counts from 1970-01-01. `NEVER` is later than any month of the simulation.
"""

import datetime

import numpy as np
from numpy.typing import ArrayLike, NDArray

FIRST = 2022 * 12  # January 2022, the first month that can be simulated
LAST = 2030 * 12 + 11
ANCHOR = 2025 * 12 + 11  # the population is drawn as of the end of this month and lives on in both directions
NEVER = 9999 * 12


def month_of(day: datetime.date) -> int:
    """Month number of a date."""
    return day.year * 12 + day.month - 1


def first_day(months: ArrayLike) -> NDArray[np.int32]:
    """Day number of the first day of each month."""
    since_1970 = np.asarray(months).astype(np.int64) - 1970 * 12
    return since_1970.astype("datetime64[M]").astype("datetime64[D]").astype(np.int32)


def last_day(months: ArrayLike) -> NDArray[np.int32]:
    """Day number of the last day of each month."""
    return first_day(np.asarray(months) + 1) - np.int32(1)


def month_of_day(days: ArrayLike) -> NDArray[np.int32]:
    """Month number of each day number."""
    stamps = np.asarray(days).astype("datetime64[D]").astype("datetime64[M]")
    return stamps.astype(np.int32) + np.int32(1970 * 12)


def label(month: int) -> str:
    """`YYYY-MM`."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"
