"""Run by hand: the reports of a version in Chromium, as people use them, on a desk and on a phone, in both languages.

    .venv/bin/python -m tests.opened VERSION_FOLDER OUT --axe axe.min.js [--chromium /usr/bin/chromium]

VERSION_FOLDER is `published/<version>` of a home, OUT gets the pictures and what is printed on paper; axe.min.js is of
the npm package axe-core. Chooses a measure, filters, moves the slider, picks a commune by mouse and by keyboard on map
and ranking, and says what axe-core objects to, what was fetched, sizes, the time to the first map, to all charts and to
a redrawn map, also with a processor four times slower, and whether a browser too old for the page is told so. Exits
with 1 when a page is broken. CI has no browser.
"""

import argparse
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

PAGES = ("index.html", "restricted.html")
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
    page.on("request", lambda asked: wrong.append(f"fetched: {asked.url}") if asked.url != path.as_uri() else None)
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
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("before => document.getElementById('chosen').textContent !== before", arg=month)
    for choice in (
        lambda: page.locator("#map path:not(.aside)").nth(4).click(force=True),
        lambda: page.press("#map [role=listbox]", "ArrowUp"),
        lambda: page.locator("#ranking button[aria-pressed=false]").first.press("Enter"),
    ):
        before = page.text_content("#own-title")
        choice()
        page.wait_for_function("before => document.getElementById('own-title').textContent !== before", arg=before)
    page.wait_for_timeout(500)


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
    for name in PAGES:
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
                page.screenshot(path=f"{shot}-used.png", full_page=True)
                wrong += objections(page, axe)
                wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                wrong += [f"{wide} pixels wider than the screen"] if wide > 0 else []
                page.select_option("#kind", "")
            page.pdf(path=out / f"{path.stem}-{screen}.pdf", format="A4")
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
