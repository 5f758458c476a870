"""Documents keep to plain language, lead where they say, and name commands and options that there are.

Not here: whether what they say is true.
"""

import re
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from orchestration.command import app

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "sources").rglob("*.md")])
MOST_WORDS = 29


def sentences(text: str) -> list[str]:
    """The sentences of a Markdown text: of paragraphs, points of lists and cells of tables, without code."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"^(?: {4,}(?![-*\d]).*|#.*|[|\s:-]+)$", "", text, flags=re.MULTILINE)
    # Code is one word, and so is the text of a link, whatever is in it.
    text = re.sub(r"`[^`]*`", "code", text)
    text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text)
    # A point of a list and a cell of a table end a sentence as a paragraph does.
    blocks = re.split(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.)\s)|\|", text)
    joined = (re.sub(r"^(?:[-*]|\d+\.) ", "", " ".join(block.split())) for block in blocks)
    return [sentence for block in joined for sentence in re.split(r"(?<=[.!?])[\")*_]*\s+", block) if sentence]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_sentence_is_long(path: Path) -> None:
    long = [sentence for sentence in sentences(path.read_text("utf-8")) if len(sentence.split()) > MOST_WORDS]

    assert not long, f"{path.name}: {long}. Make two sentences of each, or a table of the facts in it."


def test_sentences_are_told_apart() -> None:
    text = "# Title\n\nOne `of two` here. **Two.** Three\non.\n\n- a point\n- more\n\n| cell | other |\n|---|---|\n"

    assert sentences(text) == ["One code here.", "**Two.", "Three on.", "a point", "more", "cell", "other"]


def test_a_long_sentence_is_found() -> None:
    lengths = [len(sentence.split()) for sentence in sentences(f"{'word ' * 29}\n\n{'word ' * 30}")]

    assert [length > MOST_WORDS for length in lengths] == [False, True]


def broken_links(path: Path, text: str) -> list[str]:
    """Links of a document to files or headings that are not there; other sites are not asked."""
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        place, _, heading = link.partition("#")
        target = path.parent / place if place else path
        if place.startswith(("http:", "https:", "mailto:")):
            continue
        if not target.exists() or (heading and heading not in _headings(target.read_text(encoding="utf-8"))):
            broken.append(link)
    return broken


def _headings(text: str) -> set[str]:
    """The headings of a document as links name them."""
    return {
        re.sub(r"[^\w\s-]", "", heading.lower()).strip().replace(" ", "-")
        for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    }


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    assert not (broken := broken_links(path, path.read_text("utf-8"))), f"{path.name}: {broken}. Correct the links."


def test_a_link_to_nothing_is_found() -> None:
    text = "[a](nothing.md), [b](CONTRIBUTING.md#no-such-heading), [c](CONTRIBUTING.md#add-a-feed)"

    assert broken_links(ROOT / "README.md", text) == ["nothing.md", "CONTRIBUTING.md#no-such-heading"]


def unknown_commands(text: str) -> list[str]:
    """What a document calls a command or an option of `cantho`, a target of `make` or a module, and is none."""
    blocks = "".join(re.findall(r"^```sh\n(.*?)^```$", text, re.DOTALL | re.MULTILINE))
    shown = re.findall(r"^((?:cantho|make) .*)$", blocks, re.MULTILINE)
    shown += re.findall(r"`((?:cantho|make|python -m) [^`]*)`", text)
    return [line for line in shown if not KNOWN[line.split()[0]](line)]


def _is_command(line: str) -> bool:
    # Of a quotation that goes on in the next line the rest is no option.
    plain = re.split(r'["#]', line)[0].replace("...", "").replace("[", "").replace("]", "")
    command: Any = typer.main.get_command(app)
    words = shlex.split(plain)[1:]
    while words and hasattr(command, "commands") and not words[0].startswith("-"):
        command = command.commands.get(words.pop(0).rstrip(","))
        if command is None:
            return False
    known = {name for parameter in command.params for name in parameter.opts} | {"--help", "-h"}
    return {word.split("=")[0].rstrip(",") for word in words if word.startswith("-")} <= known


def _is_target(line: str) -> bool:
    targets = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    return set(shlex.split(line, comments=True)[1:]) <= {*targets}


def _is_module(line: str) -> bool:
    module = line.split()[2]
    if module == "...":
        return True
    places = [folder / module.replace(".", "/") for folder in (ROOT, ROOT / "tests")]
    # One of an installed package is that package's.
    return module.split(".")[0] in sys.stdlib_module_names or any(
        place.with_suffix(".py").exists() or (place / "__main__.py").exists() for place in places
    )


KNOWN = {"cantho": _is_command, "make": _is_target, "python": _is_module}


@pytest.mark.parametrize(
    "path", [path for path in DOCUMENTS if path.name != "CHANGELOG.md"], ids=lambda path: path.name
)
def test_every_command_and_option_in_a_document_is_one(path: Path) -> None:
    unknown = unknown_commands(path.read_text("utf-8"))

    assert not unknown, f"{path.name}: {unknown}. `cantho -h` and `make` list what there is."


def test_a_command_that_is_none_is_found() -> None:
    text = """Say `cantho frobnicate`, `make ui`, `python -m tests.nothing` or `python -m standard.mutants`:

```sh
cantho run --faster
cantho quarantine list --json
make tests    # or what else there is
```
"""

    assert unknown_commands(text) == [
        "cantho run --faster",
        "make tests    # or what else there is",
        "cantho frobnicate",
        "python -m tests.nothing",
    ]


def typed_elsewhere(text: str) -> list[str]:
    """What a reader would type that stands in no block of `sh`, where nobody would run it."""
    rest = re.sub(r"^```sh$.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    return re.findall(r"^(?: {4}|```\n)((?:cantho|make|pip|source|export|cd|dbt) .*)$", rest, re.MULTILINE)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_reader_types_is_run(path: Path) -> None:
    assert not typed_elsewhere(path.read_text("utf-8")), "Put it into a block of ```sh: documents_test runs these."


def test_what_nobody_would_run_is_found() -> None:
    text = "Say `make run`.\n\n    cantho run\n\n```\nmake ui\n```\n\n```sh\ncantho open\n```\n"

    assert typed_elsewhere(text) == ["cantho run", "make ui"]
