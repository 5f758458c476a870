"""The reviews of households as the law times them: which are open on a day, and which communes have sent their forms.

The calendar is the dated list `review_calendar` of the reference data. Not here: what the forms say.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from sources.contracts import code_lists
from sources.contracts.feeds import HOUSEHOLD_REVIEW, in_role
from warehouse.zones.home import Home
from warehouse.zones.register import Register

REGULAR, YEARLY = "regular", "yearly"


@dataclass(frozen=True)
class Review:
    """A review that is open: `regular` of a month or `yearly`; `closes` is None where the law names no day."""

    kind: str
    opened: date
    closes: date | None


def said_on(day: date) -> list[Review]:
    """Reviews that people are told of on a day: as they open, a yearly one each week (Decision 24/2021/QD-TTg)."""
    reviews_of_day = []
    for row in code_lists.review_calendar(day):
        # A review without months is that of every month.
        opened = date(day.year, int(row["opens_month"] or day.month), int(row["opens_day"]))
        closes = date(day.year, int(row["closes_month"]), int(row["closes_day"])) if row["closes_month"] else None
        is_later_week = closes is not None and opened <= day <= closes and (day - opened).days % 7 == 0
        if day == opened or is_later_week:
            reviews_of_day.append(Review(row["review"], opened, closes))
    return reviews_of_day


def missing(home: Home, review: Review) -> list[str]:
    """Communes of today that sent no form that was accepted; a file of the whole city is one of every commune.

    Asked of the months since a yearly review opened, and before a regular one of the month before.
    """
    since = review.opened.replace(day=1)
    if review.kind == REGULAR:
        since = (since - timedelta(days=1)).replace(day=1)
    forms = in_role(HOUSEHOLD_REVIEW).id
    accepted = [entry for entry in Register.open(home).accepted() if entry.feed == forms]
    senders = {entry.commune for entry in accepted if entry.period_month >= since}
    return [] if None in senders else sorted(code_lists.communes() - senders)
