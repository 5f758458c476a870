"""Letters that an officer forwards to a department: what was kept out, where, which promise, what to do.

In Vietnamese, then in English. Only what the register and the quarantine know: places and reasons, never a value.
"""

from collections.abc import Iterable

from sources.contracts.feeds import Feed
from sources.contracts.refusal import Wording, place_in_vietnamese, reason
from warehouse.zones.register import REFUSED, Entry

# Row numbers that a letter lists per reason; the rest is counted.
ROWS_LISTED = 20
SUPPLEMENT = Wording(
    "Send these rows corrected in a file whose name contains `_supplement`; the other rows are already taken in.",
    "Gửi riêng các dòng đã sửa trong tệp có `_supplement` trong tên; các dòng còn lại đã được tiếp nhận.",
)
NO_VALUES = Wording(
    "This letter quotes no value of a row: please look them up in your own file.",
    "Thư này không trích dẫn nội dung dòng nào: xin đối chiếu với tệp gốc của đơn vị.",
)


def letter(entry: Entry, feed: Feed | None, rows: Iterable[tuple[int, str | None, str]]) -> str:
    """The letter about one delivery; `rows` are (row number, sheet, reason codes) of the rows set apart."""
    owner = f"{feed.owner} <{feed.contact}>" if feed else entry.owner or ""
    month = f"{entry.month:%Y-%m}" if entry.month else "-"
    contract = f"{feed.id} v{feed.version}" if feed else entry.feed
    refused = entry.status == REFUSED
    reasons = [] if refused else _by_reason(feed, rows)
    vi = entry.vietnamese
    vietnamese = [
        f"# Về tệp {entry.file}", "",
        f"Kính gửi: {owner}", "",
        f"- Nguồn dữ liệu: {entry.feed}; tháng báo cáo: {month}",
        f"- Tệp: {entry.file}; mã hồ sơ: {entry.delivery_id}",
        f"- Cam kết dữ liệu: {contract}", "",
        *(
            [
                "Tệp chưa được tiếp nhận; chưa có số liệu nào của tệp được sử dụng.", "",
                f"- Vị trí: {vi.get('place', entry.place)}", f"- Lý do: {vi.get('promise', entry.promise)}",
                f"- Đề nghị: {vi.get('next_step', entry.next_step)}",
            ]
            if refused
            else [
                f"Đã tiếp nhận {entry.rows} dòng; {entry.quarantined} dòng bị giữ lại:", "",
                *(f"- {what.vi}: {where.vi}" for what, where in reasons), "", f"Đề nghị: {SUPPLEMENT.vi}",
            ]
        ), "", NO_VALUES.vi,
    ]  # fmt: skip
    english = [
        f"# About the file {entry.file}", "",
        f"To: {owner}", "",
        f"- Feed: {entry.feed}; month: {month}",
        f"- File: {entry.file}; reference: {entry.delivery_id}",
        f"- Data contract: {contract}", "",
        *(
            [
                "The file was not taken in; nothing of it is in use.", "",
                f"- Where: {entry.place}", f"- Why: {entry.promise}", f"- Please: {entry.next_step}",
            ]
            if refused
            else [
                f"{entry.rows} rows were taken in; {entry.quarantined} were set apart:", "",
                *(f"- {what.en}: {where.en}" for what, where in reasons), "", f"Please: {SUPPLEMENT.en}",
            ]
        ), "", NO_VALUES.en,
    ]  # fmt: skip
    return "\n".join([*vietnamese, "", "---", "", *english, ""])


def place(number: int, sheet: str | None) -> str:
    """Where a row stands in its file."""
    return f"{f'sheet {sheet}, ' if sheet else ''}row {number}"


def _by_reason(feed: Feed | None, rows: Iterable[tuple[int, str | None, str]]) -> list[tuple[Wording, Wording]]:
    """Each reason in words, with the rows it holds for."""
    headers = {column.name: column.header_vi for column in feed.columns} if feed else {}
    places: dict[str, list[tuple[int, str]]] = {}
    for number, sheet, reasons in rows:
        for code in reasons.split(";"):
            places.setdefault(code, []).append((number, sheet or ""))
    worded = []
    for code, where in sorted(places.items()):
        listed = [place(number, sheet) for number, sheet in where[:ROWS_LISTED]]
        more = len(where) - len(listed)
        worded.append(
            (
                reason(code, headers),
                Wording(
                    "; ".join(listed) + (f" and {more} more" if more else ""),
                    "; ".join(map(place_in_vietnamese, listed)) + (f" và {more} dòng khác" if more else ""),
                ),
            )
        )
    return worded
