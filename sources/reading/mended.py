"""The heading by which a workbook of rows to mend names the file they are of: a name of its own may be lost on the way.

Not here: making the workbook (`notices.mending`), and what is refused of it (`intake.deliveries`).
"""

import re
from collections.abc import Iterable

# Its column has the number of each row in that file.
_HEADING = "Dòng trong tệp gốc"
_MARK = re.compile(f"{_HEADING} ([0-9a-f]{{4}})-([0-9a-f]{{4}})-([0-9a-f]{{4}})")


def heading(sha256: str) -> str:
    """The heading for rows of the file with these bytes; digits in small groups are nobody's number."""
    return f"{_HEADING} {sha256[:4]}-{sha256[4:8]}-{sha256[8:12]}"


def file_of(headings: Iterable[str]) -> str | None:
    """How the SHA-256 of the file begins that one of the headings names; None where none does."""
    marks = [mark for heading in headings if (mark := _MARK.fullmatch(heading))]
    return "".join(marks[0].groups()) if marks else None
