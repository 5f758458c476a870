"""Documents keep to plain language: no sentence of 30 words or more. Not here: whether what they say is true."""

import re
from pathlib import Path

import pytest

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
