"""What the month-end balances must not contradict."""

from typing import Any

from sources.gate import at_most, share

MEASURES = {
    "of_another_day": "count(*) filter (where report_date <> last_day($month))",
    "due_before_loan_pct": share("due_date < loan_date"),
    "balance_over_disbursed_pct": share("in_term_vnd + overdue_vnd + frozen_vnd > disbursed_vnd"),
    # The branch prints its reports in million VND; a loan of less than 10,000 VND does not exist.
    "amount_not_vnd_pct": share("disbursed_vnd between 1 and 9999"),
}


def expectations() -> list[Any]:
    """Limits on the measures above, and what an excess means."""
    return [
        at_most("of_another_day", 0, "balances are of another day than the end of the month"),
        at_most("due_before_loan_pct", 1, "loans are due before they are taken"),
        at_most("balance_over_disbursed_pct", 2, "balances exceed what was disbursed"),
        at_most("amount_not_vnd_pct", 2, "amounts are in million VND instead of VND"),
    ]
