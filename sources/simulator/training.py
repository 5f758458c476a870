"""Short vocational courses and what became of those trained (feed labour/vocational_training)."""

import numpy as np

from sources.simulator.delivery import Rows, code_text, days, flags, maybe_day, words
from sources.simulator.months import ANCHOR, FIRST, LAST, first_day
from sources.simulator.names import full_names
from sources.simulator.population import City

TRAINED_SHARE = 0.036  # of people aged 16 to 45 take one course within the nine years
OCCUPATIONS = [
    "May công nghiệp", "Kỹ thuật trồng lúa", "Nuôi trồng thủy sản", "Sửa xe gắn máy", "Nấu ăn", "Đan lát",
    "Chăn nuôi thú y", "Điện dân dụng",
]  # fmt: skip
OUTCOMES = ["self_employed", "enterprise", "abroad", "none"]


def training_rows(city: City, month: int) -> Rows:
    """Delivery of the month: everybody whose course has started by then, since January 2022."""
    draws = city.draws
    age = (ANCHOR - city.birth // 30.44 - 1970 * 12) // 12
    person = np.flatnonzero((age >= 16) & (age <= 45) & (city.role < 3))
    person = person[draws.uniform("trained", person) < TRAINED_SHARE]
    start = draws.whole("course starts", person, FIRST, LAST)
    started = (start <= month) & (city.death[person] > start)
    person, start = person[started], start[started]
    household = city.home_at(month)[person].astype(np.int64)
    commune = city.commune_at(household, month)
    length = draws.whole("course months", person, 1, 2)
    finished = start + length <= month
    course = commune.astype(np.int64) * 10 + draws.whole("course", person, 0, 1)
    order = np.lexsort((person, course, start))
    person, household, commune = person[order], household[order], commune[order]
    start, length, finished, course = start[order], length[order], finished[order], course[order]
    passed = draws.uniform("certificate", person) < 0.92
    reported = finished & (start + length + 1 <= month)
    return Rows(
        {
            "class_code": code_text(start * 10_000 + course, 9, "L"),
            "personal_id": code_text(city.number[person], 12),
            "full_name": full_names(city, person),
            "commune_code": city.unit_codes(household, month),
            "occupation": words(OCCUPATIONS, draws.whole("occupation", course * 1000 + start % 1000, 0, 7)),
            "started_on": days(first_day(start) + 4),
            "finished_on": maybe_day(first_day(start + length) + 9, finished),
            "certificate": flags(np.where(finished, passed, -1)),
            "job_after": words(OUTCOMES, np.where(reported, draws.pick("job after", person, [45, 30, 5, 20]), -1)),
        },
        person=person,
        household=household,
        commune=commune,
    )
