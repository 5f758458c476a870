"""What the number of an old card says: fifteen characters begin with the beneficiary group and the benefit level.

The layout of the files is the common one, so no format is read here.
"""

import pyarrow as pa
import pyarrow.compute as pc

FORMATS = ()

OLD_CARD = r"^[A-Z]{2}[1-5]\d{12}$"


def complete(typed: dict[str, pa.Array]) -> dict[str, pa.Array]:
    """Group and level from the card's number, where the row leaves them empty."""
    number = typed["card_number"]
    old = pc.match_substring_regex(number, OLD_CARD)
    group = pc.if_else(old, pc.utf8_slice_codeunits(number, 0, 2), None)
    level = pc.if_else(old, pc.utf8_slice_codeunits(number, 2, 3), None).cast(pa.int64())
    return typed | {
        "beneficiary_group": pc.coalesce(typed["beneficiary_group"], group),
        "benefit_level": pc.coalesce(typed["benefit_level"], level),
    }
