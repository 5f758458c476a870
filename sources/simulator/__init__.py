"""The simulator: what the departments of a made-up Can Tho would send, and the truth about it.

Everybody in it is invented. The simulator shares no code with the warehouse, so that its truth can judge it.
"""

from sources.simulator.simulation import simulate

__all__ = ["simulate"]
