"""What the month-end balances must not contradict."""

from typing import Any

from sources.gate import at_most, share

MEASURES = {
    "of_another_day": "count(*) filter (where report_date <> last_day($month))",
    "due_before_loan_pct": share("due_date < loan_date"),
    "balance_over_disbursed_pct": share("in_term_vnd + overdue_vnd + frozen_vnd > disbursed_vnd"),
}


def expectations() -> list[Any]:
    """Limits on the measures above, and what an excess means."""
    return [
        at_most(
            "of_another_day",
            0,
            "balances are of another day than the end of the month",
            "số liệu không phải của ngày cuối tháng",
        ),
        at_most("due_before_loan_pct", 1, "loans are due before they are taken", "ngày đến hạn trước ngày vay"),
        at_most("balance_over_disbursed_pct", 2, "balances exceed what was disbursed", "dư nợ lớn hơn số đã giải ngân"),
    ]
