"""Something to look at in an empty home: three simulated months of half the city, put into landing.

Does nothing in a home that has, or ever had, a delivery.
"""

import logging
import sys
from datetime import date

from sources.contracts.feeds import discover
from sources.simulator import simulate
from warehouse.intake.deliveries import files_waiting
from warehouse.zones.home import DamagedHome, Home
from warehouse.zones.register import Register

# As much as five minutes on two cores take in, build and publish; then most communes have public values.
MONTHS = [date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1)]
SCALE, SEED = 0.5, 7


def main() -> None:
    """Simulate into landing when there is nothing yet."""
    home = Home.open()
    try:
        was_used = Register.open(home).entries() or any(files_waiting(home, feed) for feed in discover().values())
    except DamagedHome as damaged:
        sys.exit(str(damaged))
    if was_used:
        return
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.info(
        "No deliveries yet: simulating %s months, %s %% of the city, in %s",
        len(MONTHS),
        round(100 * SCALE),
        home.landing,
    )
    simulate(MONTHS, SCALE, SEED, home.landing, progress=logging.info)


if __name__ == "__main__":
    main()
