"""Run by hand: the reports of a version in Chromium, as people use them, on a desk and on a phone, in both languages.

    .venv/bin/python -m tests.opened VERSION_FOLDER OUT --axe axe.min.js [--chromium /usr/bin/chromium]

VERSION_FOLDER is `published/<version>` of a home, OUT gets the pictures and what is printed on paper; axe.min.js is of
the npm package axe-core. Chooses a measure, filters, moves the slider, picks a commune by mouse and by keyboard on map
and ranking, compares, follows the address of that view, saves tables and pictures and holds the table of communes to
the database. Says what axe-core objects to, what was fetched, sizes, the time to the first map, to all charts and to
a redrawn map, also with a processor four times slower, and whether a browser too old for the page is told so. Exits
with 1 when a page is broken. CI has no browser.
"""

import argparse
import csv
import io
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import duckdb
from playwright.sync_api import Browser, Page, sync_playwright

DATABASES = {"index.html": "public.duckdb", "restricted.html": "restricted.duckdb"}
SCREENS = {"desk": (1440, 900), "phone": (390, 844)}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FIRST_MAP = """
    new MutationObserver((_, watch) => {
        if (document.querySelectorAll('#map path[fill^="#"], #map path[fill^="url"]').length >= 103) {
            requestAnimationFrame(() => { window.firstMap = performance.now(); });
            watch.disconnect();
        }
    }).observe(document, {childList: true, subtree: true, attributes: true, attributeFilter: ["fill"]});
"""
# From one step of the slider to the next picture.
SLIDE = """
    async () => {
        const slider = document.getElementById("month"), took = [];
        for (let step = 0; step < 20; step++) {
            slider.value = step % (Number(slider.max) + 1);
            const began = performance.now();
            slider.dispatchEvent(new Event("input"));
            await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
            took.push(performance.now() - began);
        }
        return took.sort((a, b) => a - b);
    }
"""


def opened(browser: Browser, path: Path, screen: str, slower: int = 1) -> tuple[Page, list[str]]:
    """The page at a size, drawn in full, and what went wrong or was fetched on the way."""
    width, height = SCREENS[screen]
    page, wrong = browser.new_page(viewport={"width": width, "height": height}), []
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    page.on(
        "console", lambda said: wrong.append(f"console: {said.text}") if said.type in ("error", "warning") else None
    )
    # A picture that is saved as PNG is painted from the page's own memory.
    known = (path.as_uri(), "blob:", "data:")
    page.on("request", lambda asked: None if asked.url.startswith(known) else wrong.append(f"fetched: {asked.url}"))
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    page.add_init_script(FIRST_MAP)
    page.goto(path.as_uri())
    page.wait_for_selector("#movement > *", timeout=120_000)
    return page, wrong


def use(page: Page) -> None:
    """Choose as people do: measure, filter and month, a commune by mouse, by keyboard on the map, in the ranking."""
    page.select_option("#measure", "computed.poor_rate_pct")
    page.select_option("#kind", "ward")
    month = page.text_content("#chosen")
    page.focus("#month")
    page.keyboard.press("ArrowRight" if page.input_value("#month") == "0" else "ArrowLeft")
    page.wait_for_function("before => document.getElementById('chosen').textContent !== before", arg=month)
    for choice in (
        lambda: page.locator("#map path:not(.aside)").nth(4).click(force=True),
        lambda: page.press("#map [role=listbox]", "ArrowUp"),
        lambda: page.locator("#ranking button[aria-pressed=false]").first.press("Enter"),
    ):
        before = page.text_content("#answers-title")
        choice()
        page.wait_for_function("before => document.getElementById('answers-title').textContent !== before", arg=before)
    page.select_option("#beside", label=page.text_content("#beside optgroup:last-child option:nth-child(7)"))
    page.wait_for_timeout(500)


def as_sent(browser: Browser, page: Page) -> list[str]:
    """What is otherwise for whoever gets the address of a view."""
    other = browser.new_page(locale="en-GB")
    other.goto(page.url)
    other.wait_for_selector("#movement > *", timeout=120_000)
    # What is only searched and filtered is not part of a view.
    places = ("#answers", "#summary", "#own", "#trend-table", "#lacks", "#gaps")
    found = [
        f"{place} is another one for whoever gets the address"
        for place in places
        if page.inner_text(place) != other.inner_text(place)
    ]
    other.close()
    return found


def saved(page: Page, database: Path) -> list[str]:
    """What is wrong with the files that the page saves; the table of communes is held to the database."""
    wrong = []
    for button in page.locator("[data-save]:visible").all():
        with page.expect_download() as download:
            button.click()
        path, name = download.value.path(), download.value.suggested_filename
        content = path.read_bytes()
        kind = name.rsplit(".", 1)[1]
        starts = {"csv": b"\xef\xbb\xbf", "svg": b"<svg", "png": b"\x89PNG"}[kind]
        if not content.startswith(starts) or len(content) < 100:
            wrong.append(f"{name} is no {kind}")
        if kind == "svg":
            ElementTree.fromstring(content)
        if "ranking" in name:
            wrong += _otherwise(page, database, list(csv.reader(io.StringIO(content.decode("utf-8-sig")))))
    return wrong


def _otherwise(page: Page, database: Path, lines: list[list[str]]) -> list[str]:
    """Where the saved table of communes is not as the database has it."""
    basis, column = page.input_value("#measure").split(".")
    month, year = page.inner_text("#chosen").split("/")
    language = page.get_attribute("html", "lang")
    with duckdb.connect(str(database), read_only=True) as engine:
        exact = dict(
            engine.execute(
                f"select name_{language}, round({column}, 2) from marts.area_poverty inner join marts.dim_commune "
                "on area_code = commune_code inner join marts.dim_period using (period_month) "
                "where area_level = 'commune' and basis = ? and period_month = ? and standard_id = standard_in_force",
                [basis, f"{year}-{month}-01"],
            ).fetchall()
        )
    rows = lines[1:-1]
    wrong = [
        f"{name}: {value} saved, {exact.get(name)} in the database"
        for name, _, value, *_ in rows
        if (float(value) if value.replace(".", "").isdigit() else None) != exact.get(name)
    ]
    return wrong if rows else ["the saved table of communes is empty"]


def untold(browser: Browser, path: Path) -> list[str]:
    """What is wrong where a browser cannot read the figures: it is told so, and sees no form without words."""
    page = browser.new_page()
    page.add_init_script("delete window.DecompressionStream")
    page.goto(path.as_uri())
    said, form = page.is_visible("#unopened"), page.is_visible("form")
    page.close()
    return [] if said and not form else ["an older browser is not told what it lacks"]


def objections(page: Page, axe: str) -> list[str]:
    """What axe-core finds, with the first place of each."""
    page.evaluate(axe)
    found = page.evaluate("tags => axe.run(document, {runOnly: tags})", TAGS)
    return [
        f"{one['id']}: {one['help']} ({len(one['nodes'])}, first {one['nodes'][0]['html'][:120]})"
        for one in found["violations"]
    ]


def look(browser: Browser, folder: Path, out: Path, axe: str) -> int:
    """Open everything in every way; returns how much is wrong."""
    count = 0
    for name, database in DATABASES.items():
        path = (folder / name).resolve()
        print(f"{name}: {path.stat().st_size:,} bytes")  # noqa: T201
        for screen in SCREENS:
            page, wrong = opened(browser, path, screen)
            for language in ("vi", "en"):
                page.click(f"[data-language={language}]")
                page.wait_for_timeout(500)
                shot = out / f"{path.stem}-{screen}-{language}"
                page.screenshot(path=f"{shot}.png")
                wrong += objections(page, axe)
                use(page)
                wrong += as_sent(browser, page) + saved(page, folder / database)
                page.screenshot(path=f"{shot}-used.png", full_page=True)
                wrong += objections(page, axe)
                wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                wrong += [f"{wide} pixels wider than the screen"] if wide > 0 else []
                page.select_option("#kind", "")
            printed = page.pdf(path=out / f"{path.stem}-{screen}.pdf", format="A4")
            count_of_pages = len(re.findall(rb"/Type\s*/Page[^s]", printed))
            wrong += [f"{count_of_pages} pages of a commune on paper"] if count_of_pages > 1 else []
            page.close()
            print(f"  {screen}: {'; '.join(wrong) or 'nothing wrong'}")  # noqa: T201
            count += len(wrong)
        wrong = untold(browser, path)
        print(f"  older browser: {'; '.join(wrong) or 'nothing wrong'}")  # noqa: T201
        count += len(wrong)
        for slower in (1, 4):
            page, _ = opened(browser, path, "desk", slower)
            drawn = page.evaluate("performance.now()")
            took = page.evaluate(SLIDE)
            print(  # noqa: T201
                f"  processor 1/{slower}: first map after {page.evaluate('firstMap'):.0f} ms, "
                f"charts after {drawn:.0f} ms; "
                f"slider median {took[len(took) // 2]:.0f} ms, worst {took[-1]:.0f} ms"
            )
            page.close()
    return count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("version", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--axe", type=Path, required=True)
    parser.add_argument("--chromium", type=Path, default=Path("/usr/bin/chromium"))
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chosen.chromium, args=["--no-sandbox"])
        wrong = look(browser, chosen.version, chosen.out, chosen.axe.read_text(encoding="utf-8"))
        browser.close()
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
