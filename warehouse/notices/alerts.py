"""Alerts: what somebody must hear, said once, in Vietnamese and English, with its owner and the next step.

What is wrong is found anew each time (`due`); what was said stands in `alerts.jsonl` of the home, so seeing twice says
nothing twice. Who hears it stands in `alerts.yaml` of the home, as addresses of Apprise. Not here: when to look
(`orchestration.automation`), and no value of a row.
"""

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

from sources.contracts.feeds import HOUSEHOLD_REVIEW, Feed, discover, in_role
from warehouse.intake.deliveries import files_not_readable
from warehouse.notices import reviews
from warehouse.published import closing, store
from warehouse.zones.home import Home
from warehouse.zones.register import ACCEPTED, REFUSED, Entry, Register


class NotSent(Exception):
    """An alert reached none of its addresses; it is tried again with the next look."""


@dataclass(frozen=True)
class Alert:
    """One thing to say. `key` makes it one; `department` adds the people who answer for its feeds."""

    key: str
    title: str
    body: str
    department: str | None = None


def due(home: Home, today: date) -> Iterator[Alert]:
    """What is wrong as of now: deliveries refused and not answered, files that cannot be read, feeds overdue."""
    register = Register.open(home)
    yield from map(_refused, register.unanswered())
    for feed in discover().values():
        yield from (_not_readable(feed, path) for path in files_not_readable(home, feed))
        months = [entry.period_month for entry in register.entries("feed = ? and status = ?", (feed.id, ACCEPTED))]
        if not months:
            continue
        last = max(months)
        if today > feed.next_due(last):
            yield Alert(
                f"late:{feed.id}:{last:%Y-%m}",
                f"Quá hạn gửi / Overdue: {feed.id}",
                f"Số liệu mới nhất là của tháng {last:%m/%Y}; cam kết trong {feed.latency_days} ngày sau cuối tháng.\n"
                f"Đơn vị: {feed.owner} <{feed.contact}>. Đề nghị: gửi tệp của các tháng tiếp theo.\n\n"
                f"The newest figures are of {last:%Y-%m}; promised within {feed.latency_days} days of a month's end.\n"
                f"Owner: {feed.owner} <{feed.contact}>. Next: send the files of the months since.",
                feed.department,
            )


def _refused(entry: Entry) -> Alert:
    vi = entry.vietnamese
    return Alert(
        f"refused:{entry.delivery_id}",
        f"Tệp bị từ chối / File refused: {entry.feed}/{entry.file}",
        f"Vị trí: {vi.get('place', entry.place)}. Lý do: {vi.get('promise', entry.promise)}\n"
        f"Đơn vị: {entry.owner}. Đề nghị: {vi.get('next_step', entry.next_step)}\n\n"
        f"Where: {entry.place}. Why: {entry.promise}\nOwner: {entry.owner}. Next: {entry.next_step}\n"
        f"cantho quarantine letter {entry.delivery_id}",
        entry.feed.split("/")[0],
    )


def _not_readable(feed: Feed, path: Path) -> Alert:
    return Alert(
        f"unreadable:{feed.id}/{path.name}:{path.stat().st_mtime_ns}",
        f"Không đọc được tệp / File cannot be read: {feed.id}/{path.name}",
        f"Vị trí: landing/{feed.id}. Lý do: tiến trình tiếp nhận không có quyền đọc tệp; tệp vẫn nằm chờ.\n"
        f"Đơn vị: {feed.owner} <{feed.contact}>. Đề nghị: cấp quyền đọc hoặc gửi lại tệp.\n\n"
        f"Where: landing/{feed.id}. Why: the pipeline's user may not read it; it waits.\n"
        f"Owner: {feed.owner} <{feed.contact}>. Next: give read permission or send it again.",
        feed.department,
    )


def failed(home: Home, job: str, steps: Iterable[str]) -> Alert:
    """A run that broke off; the same steps failing again before the next version say nothing new."""
    named = ", ".join(sorted(steps)) or job
    current = store.current(home) or "-"
    return Alert(
        f"failed:{job}:{named}:{current}",
        f"Chạy không thành công / Run failed: {job}",
        f"Bước lỗi: {named}. Phiên bản {current} vẫn có hiệu lực; không mất dữ liệu.\n"
        "Đơn vị: nhóm kỹ sư dữ liệu. Đề nghị: xem lần chạy trong Dagster, khắc phục rồi chạy lại.\n\n"
        f"Failed: {named}. {current} stands; nothing is lost.\n"
        "Owner: the data engineers. Next: open the run in Dagster, mend the cause, run again.",
    )


def digest(home: Home, day: date) -> Alert:
    """What `day` brought, and what is open at its end."""
    register = Register.open(home)
    entries = [entry for entry in register.entries() if entry.processed_at[:10] == day.isoformat()]
    lines = [
        f"{feed.id}: {sum(e.status == ACCEPTED for e in mine)} / {sum(e.status == REFUSED for e in mine)} / "
        f"{sum(e.quarantined for e in mine)}"
        for feed in discover().values()
        if (mine := [entry for entry in entries if entry.feed == feed.id])
    ]
    still_open = [alert.title for alert in due(home, day)]
    nothing = "không có / none"
    return Alert(
        f"digest:{day.isoformat()}",
        f"Tổng hợp ngày {day:%d/%m/%Y} / Daily digest {day.isoformat()}",
        "\n".join([
            "Nguồn: tiếp nhận / từ chối / dòng giữ lại (feed: accepted / refused / rows set apart)",
            *(lines or [nothing]), "", "Còn mở / still open:", *(still_open or [nothing]), "",
            f"Phiên bản hiện hành / current version: {store.current(home) or nothing}",
        ]),
    )  # fmt: skip


def close(home: Home, month: date) -> Alert:
    """What to look at before a month is signed: feeds carried forward, and communes not signed as they stand."""
    carried = [feed for feed in closing.feeds(home, month) if feed["carried_months"] != 0]
    communes = closing.communes(home, month)
    states = Counter(commune.state for commune in communes)
    nothing, unpublished = "không có / none", "tháng chưa được công bố / the month is not published"
    return Alert(
        f"close:{month:%Y-%m}",
        f"Chốt số liệu tháng {month:%m/%Y} / Close of {month:%Y-%m}",
        "\n".join([
            "Nguồn dùng số liệu tháng trước / feeds carried forward:",
            *([f"{feed['feed']}: {feed['speaks_from'] or nothing}" for feed in carried] or [nothing]), "",
            *(["Danh sách / lists:", " / ".join(closing.lists_sent(communes).said()), ""] if communes else []),
            "Số xã chưa ký / đã đổi sau khi ký / đã ký (communes open / changed since signed / signed):",
            f"{states['open']} / {states['changed']} / {states['signed']}" if states else unpublished, "",
            f"Tiếp theo / next: cantho close --month {month:%Y-%m}",
        ]),
    )  # fmt: skip


def review(home: Home, review: reviews.Review, day: date) -> Alert:
    """That a review is open, until when, and which communes have not sent its forms, or those of the month before."""
    until = f"{review.closes:%d/%m/%Y}" if review.closes else "-"
    vi, en = {"regular": ("thường xuyên", "Regular"), "yearly": ("định kỳ hằng năm", "Yearly")}[review.kind]
    absent = reviews.missing(home, review)
    feed = in_role(HOUSEHOLD_REVIEW)
    return Alert(
        f"review:{review.kind}:{day.isoformat()}",
        f"Rà soát {vi} từ {review.opened:%d/%m/%Y} / {en} review since {review.opened.isoformat()}",
        "\n".join([
            f"Kết thúc / closes: {until}",
            f"Số xã chưa gửi phiếu / communes without forms: {len(absent)}",
            *([", ".join(absent)] if absent else []), "",
            f"Đơn vị / owner: {feed.owner} <{feed.contact}>.",
            "Đề nghị: các xã trên gửi phiếu rà soát. Next: the communes above send their review forms.",
        ]),
        feed.department,
    )  # fmt: skip


def send(home: Home, alerts: Iterable[Alert]) -> list[str]:
    """Say what has not been said yet; returns its keys. Without `alerts.yaml` nobody is to hear anything.

    `NotSent` when an alert reached nobody, after the others were tried.
    """
    settings = _settings(home)
    if settings is None:
        return []
    sent_before, sent, unreached = _said(home), [], []
    for alert in alerts:
        if alert.key in sent_before:
            continue
        addresses = [*settings.get("to", []), *settings.get("departments", {}).get(alert.department, [])]
        # Every address is tried; who was reached is not told again because another was not.
        reached = [_reaches(address, alert) for address in addresses]
        if any(reached):
            _remember(home, alert)
            sent.append(alert.key)
            sent_before.add(alert.key)
        else:
            unreached.append(alert.key)
    if unreached:
        # An address may hold a password: none is quoted.
        where = home.root / "alerts.yaml"
        raise NotSent(f"{', '.join(unreached)}: reached nobody. Next: check the addresses in {where}.")
    return sent


def _settings(home: Home) -> dict[str, Any] | None:
    path = home.root / "alerts.yaml"
    # Secrets stand there as ${NAME} and come from the environment.
    return yaml.safe_load(os.path.expandvars(path.read_text(encoding="utf-8"))) if path.exists() else None


def _log(home: Home) -> Path:
    return home.root / "alerts.jsonl"


def _said(home: Home) -> set[str]:
    path = _log(home)
    return {json.loads(line)["key"] for line in path.read_text().splitlines()} if path.exists() else set()


def _remember(home: Home, alert: Alert) -> None:
    with _log(home).open("a", encoding="utf-8") as file:
        file.write(json.dumps({"at": datetime.now(UTC).isoformat(timespec="seconds"), "key": alert.key}) + "\n")


def _reaches(address: str, alert: Alert) -> bool:
    if address.startswith("file://"):
        with Path(address.removeprefix("file://")).open("a", encoding="utf-8") as file:
            file.write(f"# {alert.title}\n\n{alert.body}\n\n")
        return True
    # Imported here: it takes a second, and most looks find nothing to say.
    import apprise

    speaker = apprise.Apprise()
    return speaker.add(address) and bool(speaker.notify(title=alert.title, body=alert.body))
