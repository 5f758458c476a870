"""Something to look at in an empty home: two simulated months at one percent of the city, put into landing.

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

MONTHS = [date(2026, 9, 1), date(2026, 10, 1)]
SCALE, SEED = 0.01, 7


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
    logging.info("No deliveries yet: simulating two months at 1 %% of the city in %s", home.landing)
    simulate(MONTHS, SCALE, SEED, home.landing)


if __name__ == "__main__":
    main()
