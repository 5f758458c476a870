"""Run by hand: the sender's desk in Chromium, as an officer uses it, and what is left of files on the machine.

    .venv/bin/python -m tests.at_the_desk OUT --axe axe.min.js [--chromium /usr/bin/chromium]

OUT gets the pictures; axe.min.js is of the npm package axe-core. Tries a good file, a bad one, one of another feed, one
of 60 MB, one with HTML in its cells, and sends without a token, with another one, and with the department's. Then looks
for a word of the files that were only checked everywhere the desk writes. Exits with 1 when something is otherwise than
it should be. Not here: what is judged of a file (`trial_test`), and requests that no browser makes (`desk_test`).
"""

import argparse
import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import openpyxl
from playwright.sync_api import Page, sync_playwright

from sources.contracts.code_lists import communes
from tests.opened import objections
from warehouse.desk import tokens
from warehouse.notices import mending
from warehouse.zones.home import Home
from warehouse.zones.register import Register

TOTALS, LOANS = "labour/commune_totals", "policy_bank/loans"
PORT = 3917
# In the cells of files that are only checked: it may be left nowhere.
CANARY = "chimyenhotvang"
HTML = f"<img src=x onerror=document.title='{CANARY}'>"
GOOD = "commune_code,households,persons\n" + "".join(f"{code},300,900\n" for code in sorted(communes()))
FILES = {
    "good": GOOD,
    "bad": GOOD.replace("households", CANARY),
    "html": GOOD.replace(",300,", f",{HTML},", 3),
    "large": GOOD + CANARY * (60 * 1024**2 // len(CANARY)),
}


@contextmanager
def served(folder: Path) -> Generator[Home]:
    """A home with a desk, whose temporary files are in a folder of their own."""
    home = Home.open(folder / "home")
    Register.open(home)
    (folder / "temporary").mkdir()
    command = [Path(sys.executable).with_name("cantho"), "desk", "--home", home.root, "--port", str(PORT)]
    environment = os.environ | {"TMPDIR": str(folder / "temporary")}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as desk:
        assert desk.stdout
        desk.stdout.readline()
        try:
            yield home
        finally:
            desk.terminate()


class Officer:
    """Somebody at the page: what they do, and what was otherwise than it should be."""

    def __init__(self, page: Page, folder: Path, out: Path, axe: str) -> None:
        self.page, self.folder, self.out, self.axe = page, folder, out, axe
        self.wrong: list[str] = []
        page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        page.on("dialog", lambda dialog: self.wrong.append(f"dialog: {dialog.message}"))

    def check(self, name: str, feed: str, verdict: str) -> None:
        """Choose a feed and a file, check it, and look at the verdict (good, some or bad)."""
        path = self.folder / name / "2026-10.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text(FILES[name], encoding="utf-8")
        self.page.select_option("#feed", feed)
        self.page.set_input_files("#file", path)
        self.page.click("#check")
        self._look(f"{name} as {feed.split('/')[1]}", verdict)

    def send(self, token: str, verdict: str) -> None:
        """Send what was checked."""
        self.page.fill("#token", token)
        self.page.click("#send")
        self._look(f"sent with {'a token' if token else 'no token'}", verdict)

    def mended(self) -> None:
        """Save the rows to mend: HTML is text in them."""
        with self.page.expect_download() as download:
            self.page.click("#mend")
        book = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
        cells = [cell.value for row in book[mending.SHEET].iter_rows(min_row=2) for cell in row]
        self.expect("HTML in the workbook is text", any(str(cell).startswith("<img") for cell in cells))

    def expect(self, what: str, holds: bool) -> None:
        self.wrong += [] if holds else [what]
        sys.stdout.write(f"{'ok' if holds else 'OTHERWISE'}: {what}\n")

    def _look(self, what: str, verdict: str) -> None:
        self.page.wait_for_selector("#verdict:is(.good, .some, .bad)", timeout=60_000)
        said = self.page.inner_text("#verdict")
        self.expect(f"{what}: {said}", self.page.get_attribute("#verdict", "class") == verdict)
        self.page.screenshot(path=self.out / f"{what.replace(' ', '-')}.png", full_page=True)
        self.wrong += objections(self.page, self.axe)
        self.expect("nothing of a file is drawn", self.page.locator("main img").count() == 0)


def left(*folders: Path) -> list[str]:
    """Files in which a word of those that were only checked can be read."""
    return [
        str(path)
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and CANARY.encode() in path.read_bytes()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--axe", type=Path, required=True)
    parser.add_argument("--chromium", type=Path, default=Path("/usr/bin/chromium"))
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryDirectory() as own,
        served(Path(folder)) as home,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chosen.chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1000, "height": 800})
        page.goto(f"http://127.0.0.1:{PORT}")
        officer = Officer(page, Path(own), chosen.out, chosen.axe.read_text(encoding="utf-8"))
        officer.check("bad", TOTALS, "bad")
        officer.check("large", TOTALS, "bad")
        officer.check("html", TOTALS, "some")
        officer.mended()
        officer.check("good", LOANS, "bad")
        officer.check("good", TOTALS, "good")
        officer.send("", "bad")
        officer.check("good", TOTALS, "good")
        officer.send(tokens.issue(home, "policy_bank"), "bad")
        landed = home.landing / TOTALS / "2026-10.csv"
        officer.expect("nothing lies in landing", not landed.exists())
        officer.check("good", TOTALS, "good")
        officer.send(tokens.issue(home, "labour"), "good")
        officer.expect("what was sent lies in landing", landed.read_text(encoding="utf-8") == GOOD)
        found = left(Path(folder), *Path("/dev/shm").glob("cantho-*"))
        officer.expect(f"nothing of what was only checked is left: {found}", not found)
        browser.close()
    sys.stdout.write("\n".join(officer.wrong) + "\n")
    sys.exit(1 if officer.wrong else 0)


if __name__ == "__main__":
    main()
