"""Random draws that depend on who is drawn for, never on the order of drawing.

A draw is a hash of (seed, purpose, id, key), so a person is the same whatever months or feeds are asked for, and two
purposes never share a stream. Here belong hashing and simple distributions; what is drawn belongs to the caller.
"""

import zlib

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_TO_UNIT = 2.0**-53


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    values = (values ^ (values >> np.uint64(30))) * _MIX_1
    values = (values ^ (values >> np.uint64(27))) * _MIX_2
    return values ^ (values >> np.uint64(31))


class Draws:
    """Draws of one simulated city. `ids` are whole numbers; `key` (a year, a month, a column) varies a draw."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def bits(self, purpose: str, ids: ArrayLike, key: ArrayLike = 0) -> NDArray[np.uint64]:
        """64 random bits for each id."""
        start = (self.seed * 1_000_003 + zlib.crc32(purpose.encode())) % 2**64
        with np.errstate(over="ignore"):
            salt = _mixed(np.uint64(start) + _STEP * (np.asarray(key).astype(np.uint64) + np.uint64(1)))
            return _mixed(_mixed(np.asarray(ids).astype(np.uint64) * _STEP + salt) + salt)

    def uniform(self, purpose: str, ids: ArrayLike, key: ArrayLike = 0) -> Floats:
        """Uniform in [0, 1)."""
        return (self.bits(purpose, ids, key) >> np.uint64(11)).astype(np.float64) * _TO_UNIT

    def normal(self, purpose: str, ids: ArrayLike, key: ArrayLike = 0) -> Floats:
        """Standard normal."""
        bits = self.bits(purpose, ids, key)
        radius = ((bits >> np.uint64(32)).astype(np.float64) + 0.5) * 2.0**-32
        angle = (bits & np.uint64(0xFFFFFFFF)).astype(np.float64) * (2.0**-32 * 2 * np.pi)
        return np.sqrt(-2 * np.log(radius)) * np.cos(angle)

    def whole(self, purpose: str, ids: ArrayLike, low: int, high: int, key: ArrayLike = 0) -> NDArray[np.int64]:
        """Whole number from `low` to `high`, both included."""
        return low + (self.uniform(purpose, ids, key) * (high - low + 1)).astype(np.int64)

    def pick(self, purpose: str, ids: ArrayLike, weights: ArrayLike, key: ArrayLike = 0) -> NDArray[np.int64]:
        """Index into `weights`, each with its share."""
        edges = np.cumsum(np.asarray(weights, dtype=np.float64))
        drawn = np.searchsorted(edges / edges[-1], self.uniform(purpose, ids, key), side="right")
        return np.minimum(drawn, len(edges) - 1)
