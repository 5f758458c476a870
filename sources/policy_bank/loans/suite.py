"""What the month-end balances must not contradict."""

from typing import Any

from sources.gate import Measure, at_most, count, percent, share, total, variety

MEASURES = {
    "balance_total": total("in_term_vnd + overdue_vnd + frozen_vnd"),
    "of_another_day": count("report_date <> last_day($month)"),
    "due_before_loan_pct": share("due_date < loan_date"),
    "balance_over_disbursed_pct": share("in_term_vnd + overdue_vnd + frozen_vnd > disbursed_vnd"),
    "crumb_of_disbursed_pct": share("in_term_vnd + overdue_vnd + frozen_vnd between 1 and disbursed_vnd / 100"),
    "not_in_term_pct": Measure(
        {"out": "sum(overdue_vnd + frozen_vnd)", "all": "sum(in_term_vnd + overdue_vnd + frozen_vnd)"},
        lambda **sums: percent(sums["out"], sums["all"]),
    ),
    "contract_rounded_pct": share("length(contract_no) > 15 and contract_no like '%0'"),
    "identifiers_swapped_pct": share(
        "length(contract_no) <= length(customer_code) or regexp_matches(contract_no || ' ' || customer_code,"
        " '(^| )0[0-9]{11}( |$)')"
    ),
    "groups_pct": variety("beneficiary_group"),
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
        # One column of amounts in thousands of the other's unit.
        at_most(
            "crumb_of_disbursed_pct",
            20,
            "balances are a hundredth of what was disbursed; units may be mixed",
            "dư nợ chưa bằng một phần trăm số giải ngân; có thể lẫn đơn vị tính",
        ),
        at_most(
            "not_in_term_pct",
            30,
            "much of the balance is overdue or frozen; columns may have changed places",
            "dư nợ quá hạn và khoanh quá lớn; các cột có thể bị đổi chỗ",
        ),
        # Excel keeps fifteen digits of a number: the sixteenth becomes a zero.
        at_most("contract_rounded_pct", 50, "contract numbers are rounded", "số khế ước bị làm tròn"),
        at_most(
            "identifiers_swapped_pct",
            50,
            "contract, customer and personal numbers have changed places",
            "số khế ước, mã khách hàng và số định danh bị đổi chỗ",
        ),
        at_most(
            "groups_pct",
            30,
            "beneficiary groups are as many as names; columns may have changed places",
            "đối tượng thụ hưởng quá nhiều giá trị khác nhau; các cột có thể bị đổi chỗ",
        ),
    ]
