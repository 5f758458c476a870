"""What the card register must not contradict."""

from typing import Any

from sources.gate import at_most, share, usable

MEASURES = {
    "ended_before_start_pct": share("valid_to < valid_from"),
    "group_unlike_card_pct": share(
        "regexp_matches(card_number, '^[A-Z]{2}[1-5][0-9]{12}$') and beneficiary_group <> substr(card_number, 1, 2)"
    ),
    "without_any_number_pct": share(f"not {usable('personal_id')} and not {usable('insurance_number')}"),
}


def expectations() -> list[Any]:
    """Limits on the measures above, and what an excess means."""
    return [
        at_most(
            "ended_before_start_pct",
            1,
            "cards end before they begin; the two dates may have changed places",
            "thẻ hết hạn trước ngày bắt đầu; hai cột ngày có thể bị đổi chỗ",
        ),
        at_most(
            "group_unlike_card_pct",
            2,
            "beneficiary groups contradict the card numbers",
            "mã đối tượng không khớp với mã thẻ",
        ),
        # A register without numbers would make the whole city look uninsured.
        at_most(
            "without_any_number_pct", 20, "cards carry no personal number", "nhiều thẻ không có số định danh cá nhân"
        ),
    ]
