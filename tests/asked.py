"""Run by hand: ten questions of officers, each answered from the report in at most three clicks, and on paper.

    .venv/bin/python -m tests.asked VERSION_FOLDER [--chromium /usr/bin/chromium]

VERSION_FOLDER is `published/<version>` of a home. Each question is asked of the public report as it opens, on a desk
and on a phone, in both languages. Counts the clicks until the answer stands on the page: a list is one to open and one
to choose from, scrolling is none. Exits with 1 where an answer is missing, takes more, or is not on the paper of the
same view. Not here: whether figures are right (`report_test`), and how the page behaves (`opened`).
"""

import argparse
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.opened import SCREENS, opened

MOST_CLICKS = 3
NUMBER = r"\d+[.,]\d+"


def pick_commune(page: Page) -> int:
    """A commune in the ranking: one click."""
    page.locator("#ranking button[aria-pressed=false]").nth(20).click()
    return 1


def compare_with(page: Page, month: int) -> int:
    """A month of the list, the nearest to what is asked: the list and the month."""
    page.select_option("#since", index=month)
    return 2


@dataclass(frozen=True)
class Question:
    """What is asked, the clicks to the answer, the place of the page where it stands, and how it begins or reads."""

    asked: str
    place: str
    vi: str
    en: str
    clicks: list[Callable[[Page], int]] = field(default_factory=list)


QUESTIONS = [
    Question(
        "our commune's poor and near-poor, against the former province and the city", "#figures",
        rf"Hộ nghèo.*Để so sánh: .+ {NUMBER} % và Toàn thành phố {NUMBER} %.*Hộ cận nghèo.*Toàn thành phố {NUMBER} %",
        rf"Poor.*Beside it: .+ {NUMBER} % and The whole city {NUMBER} %.*Near-poor.*The whole city {NUMBER} %",
        [pick_commune],
    ),
    Question(
        "since last December, or the first month there is", "#figures", r"So với \d\d/\d{4}: ", r"Since \d\d/\d{4}: ",
        [lambda page: compare_with(page, 1)],
    ),
    Question("are we on target", "#sentences", r"mục tiêu", r"target"),
    Question(
        "which communes rose most since June, or the first month there is", "#sentences",
        r"\d\d/\d{4} – \d\d/\d{4}: tăng nhiều nhất: ", r"\d\d/\d{4} – \d\d/\d{4}: rose most: ",
        [lambda page: compare_with(page, 1)],
    ),
    Question(
        "which service do the poor here lack most, and how sure is that", "#sentences",
        r"Hộ nghèo thiếu hụt nhiều nhất.*(?:\d hộ; chưa biết ở|không có số liệu)",
        r"What the poor lack most.*(?:\d households; unknown for|no figure)", [pick_commune],
    ),
    Question(
        "who has no card, house, loan, schooling, and which office must act", "#gaps",
        r"BHYT.*Bảo hiểm xã hội.*nhà ở.*Sở Xây dựng.*vay vốn.*Ngân hàng Chính sách.*học.*Sở Giáo dục",
        r"insured.*social insurance.*house.*Department of Construction.*loan.*Bank for Social.*school.*Education",
        [pick_commune],
    ),
    Question(
        "which departments have not sent, since when", "#sentences",
        r"Các nguồn đều đã gửi đúng hạn|Chưa gửi đúng hạn: ", r"Every feed was sent in time|Not sent in time: ",
    ),
    Question(
        "how many would be poor under the standard of 2027, at least and at most", "#sentences",
        r"Nếu theo Chuẩn nghèo đa chiều 2027-2030: .*ít nhất \S+ và nhiều nhất \S+ hộ nghèo",
        r"Under the Multidimensional standard 2027-2030: .*at least \S+ and at most \S+ are poor",
    ),
    Question(
        "what changed since the last issue", "#sentences", r"Từ lần công bố trước|Đây là lần công bố đầu tiên",
        r"New since the issue before|This is the first issue",
    ),
    Question(
        "how a figure is defined, and its law", "#glossary, #law",
        r"Nghị định \d+.*Hộ trong danh sách do Ủy ban nhân dân",
        r"Decree \d+.*Households on the lists that the People's Committees",
    ),
]  # fmt: skip


def said(page: Page, place: str) -> str:
    """What stands in a place of the page and can be seen, in one line."""
    seen = [one.inner_text() for one in page.locator(place).all() if one.is_visible()]
    return " ".join(" ".join(seen).split())


def ask(browser: Browser, path: Path, question: Question, screen: str, language: str) -> tuple[int, list[str]]:
    """The clicks that a question takes, and what is wrong with its answer."""
    page, wrong = opened(browser, path, screen)
    page.click(f"[data-language={language}]")
    clicks = sum(click(page) for click in question.clicks)
    page.wait_for_timeout(300)
    answer = question.vi if language == "vi" else question.en
    if not re.search(answer, said(page, question.place)):
        wrong.append("no answer")
    page.emulate_media(media="print")
    page.wait_for_timeout(300)
    if not re.search(answer, said(page, question.place)):
        wrong.append("not on paper")
    page.close()
    return clicks, wrong + ([f"{clicks} clicks"] if clicks > MOST_CLICKS else [])


def main() -> None:
    say = sys.stdout.write
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("version", type=Path)
    parser.add_argument("--chromium", type=Path, default=Path("/usr/bin/chromium"))
    chosen, count = parser.parse_args(), 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chosen.chromium, args=["--no-sandbox"])
        for question in QUESTIONS:
            wrong, clicks = [], 0
            for screen in SCREENS:
                for language in ("vi", "en"):
                    clicks, found = ask(browser, (chosen.version / "index.html").resolve(), question, screen, language)
                    wrong += [f"{screen}, {language}: {one}" for one in found]
            say(f"{clicks} clicks: {question.asked}: {'; '.join(wrong) or 'answered'}\n")
            count += len(wrong)
        browser.close()
    sys.exit(1 if count else 0)


if __name__ == "__main__":
    main()
