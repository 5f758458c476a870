"""Whose lists the official figures of a month rest on, and the one sentence that says so.

Report, `progress`, `close` and the UI say it in these words. Not here: the figures, which are published ones.
"""

from dataclasses import dataclass
from datetime import date

import duckdb

BY_MONTH = """
    select
        strftime(period_month, '%Y-%m') as month,
        count(distinct area_code) filter (where newest_list_month = period_month) as sent,
        count(distinct area_code) as communes,
        max(newest_list_month) as newest
    from marts.area_poverty
    where area_level = 'commune' and basis = 'legal'
    group by month
"""


@dataclass(frozen=True)
class Lists:
    """Of how many communes a list was sent for a month, and the month of the newest list in force, if there is one."""

    sent: int
    communes: int
    newest: date | None

    @property
    def are_carried(self) -> bool:
        """Whether the month says again what lists of earlier months said, and nothing else."""
        return not self.sent and self.newest is not None

    def said(self) -> tuple[str, str]:
        """The sentence in Vietnamese and in English."""
        if not self.are_carried:
            return f"{self.sent}/{self.communes} xã đã gửi danh sách", f"{self.sent} of {self.communes} lists sent"
        return (
            f"dùng lại danh sách {self.newest:%m/%Y}, {self.sent}/{self.communes} xã gửi",
            f"list of {self.newest:%m/%Y} carried, {self.sent} of {self.communes} sent",
        )


def of_months(database: duckdb.DuckDBPyConnection) -> dict[str, Lists]:
    """By month (YYYY-MM) the lists of a published database, exact or public: months of lists are withheld nowhere."""
    return {month: Lists(*counted) for month, *counted in database.execute(BY_MONTH).fetchall()}
