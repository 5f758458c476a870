"""The people of the city: who is born, dies, marries into which household, moves and splits off, and when.

The population is drawn as of the end of 2025 and carries the dates of its events, so the state of any month from 2022
to 2030 is a look at the same arrays. Here belong identity, kinship, place and events. Not here: how people live
(`conditions`), what is recognised of it (`listing`), or any feed.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sources.simulator.draws import Draws
from sources.simulator.months import ANCHOR, FIRST, LAST, NEVER, first_day, month_of_day
from sources.simulator.places import MERGER, Places

SIZE_SHARES = np.array([0.090, 0.160, 0.210, 0.255, 0.155, 0.080, 0.033, 0.017])  # households of 1 to 8 persons
HEAD, SPOUSE, CHILD, PARENT, GRANDCHILD, OTHER = range(6)
RELATIONS = ["head", "spouse", "child", "parent", "grandchild", "other"]
KINH, HOA, KHMER = 1, 4, 5

# Yearly chance to die by age.
MORTALITY_AGES = np.array([0, 1, 45, 60, 70, 80])
MORTALITY = np.array([0.008, 0.0008, 0.004, 0.012, 0.033, 0.100])
FORMER_MEMBER_SHARE = 0.055  # households that lost an elder in 2022-2025, before the population was drawn
MOVE_SHARE = 0.027  # households that move once within the nine years
SPLIT_SHARE = 0.022  # households that an adult child leaves within the nine years
FUTURE_BIRTH_SHARE = 0.45  # of couples under 45: one child born after 2025

PREFIXES = 3  # 097, 098, 099: assigned to no province, so that no number meets a real person
SERIALS = PREFIXES * 1_000_000
SERIAL_STEP = 1_234_577  # coprime to SERIALS: consecutive people get distant numbers


@dataclass(frozen=True)
class Roster:
    """Members of households, each household at its own month: head first, then by kinship and age."""

    person: NDArray[np.int64]
    household: NDArray[np.int64]
    member_no: NDArray[np.int64]
    relation: NDArray[np.int8]

    @property
    def heads(self) -> NDArray[np.bool_]:
        return self.member_no == 1


@dataclass
class City:
    """All persons and households of 2022-2030. Person and household ids are positions in the arrays."""

    places: Places
    draws: Draws
    # persons
    birth: NDArray[np.int32]  # day number
    death: NDArray[np.int32]  # month; NEVER
    is_male: NDArray[np.bool_]
    role: NDArray[np.int8]
    home: NDArray[np.int32]  # household
    next_home: NDArray[np.int32]  # household after splitting off or merging; -1
    leaves: NDArray[np.int32]  # month of splitting off or merging; NEVER
    number: NDArray[np.int64]  # personal number without its leading zero
    # households
    commune: NDArray[np.int16]
    origin: NDArray[np.int16]  # commune before the move
    moves: NDArray[np.int32]  # month from which `commune` holds; 0 when it always did
    founded: NDArray[np.int32]  # month of splitting off; 0
    ethnicity: NDArray[np.int8]

    @property
    def persons(self) -> int:
        return len(self.birth)

    @property
    def households(self) -> int:
        return len(self.commune)

    def alive(self, month: int) -> NDArray[np.bool_]:
        """Persons alive at the end of the month."""
        return (self.birth < first_day(month + 1)) & (self.death > month)

    def home_at(self, month: int) -> NDArray[np.int32]:
        """Household of each person at the end of the month."""
        return np.where(self.leaves <= month, self.next_home, self.home)

    def commune_at(self, households: NDArray[np.int64], month: NDArray[Any] | int) -> NDArray[np.int16]:
        """Today's commune (index) of the households."""
        return np.where(self.moves[households] <= month, self.commune[households], self.origin[households])

    def unit_codes(self, households: NDArray[np.int64], month: int) -> NDArray[np.object_]:
        """Code of the unit in force in the month: today's commune, before July 2025 the old one."""
        commune = self.commune_at(households, month)
        if month >= MERGER:
            return np.array(self.places.codes, dtype=object)[commune]
        chance = self.draws.uniform("old unit", households)
        count = np.array([len(units) for units in self.places.old_of])
        first = np.concatenate([[0], np.cumsum(count)[:-1]])
        old = np.concatenate(self.places.old_of)
        return np.array(self.places.old_codes, dtype=object)[
            old[first[commune] + (chance * count[commune]).astype(int)]
        ]

    def sizes(self, month: int) -> NDArray[np.int64]:
        """Residents of each household at the end of the month; 0 where there is none."""
        return np.bincount(self.home_at(month)[self.alive(month)], minlength=self.households)

    def roster(self, when: NDArray[np.int32]) -> Roster:
        """Members of each household at the end of month `when` of that household; negative: not wanted."""
        stay = np.flatnonzero((when[self.home] >= 0) & (when[self.home] < self.leaves))
        left = np.flatnonzero(self.next_home >= 0)
        left = left[when[self.next_home[left]] >= self.leaves[left]]
        person = np.concatenate([stay, left])
        household = np.concatenate([self.home[stay], self.next_home[left]]).astype(np.int64)
        month = when[household]
        present = (self.birth[person] < first_day(month + 1)) & (self.death[person] > month)
        person, household, month = person[present], household[present], month[present]
        role = self.role[person]
        adult = month - month_of_day(self.birth[person]) >= 16 * 12
        order = np.lexsort((self.birth[person], role + 8 * ~adult, household))
        person, household, role = person[order], household[order], role[order]
        starts = np.flatnonzero(np.r_[True, household[1:] != household[:-1]]) if len(household) else np.array([], int)
        length = np.diff(np.r_[starts, len(household)])
        member_no = np.arange(len(household)) - np.repeat(starts, length) + 1
        relation = _relation(role, np.repeat(role[starts], length))
        relation[member_no == 1] = HEAD
        return Roster(person, household, member_no, relation)


def _relation(role: NDArray[np.int8], role_of_head: NDArray[np.int8]) -> NDArray[np.int8]:
    """Relation to whoever heads the household now: kin of a new head that is not its own child counts as other."""
    relation = role.copy()
    succeeded_by_spouse = role_of_head == SPOUSE
    relation[succeeded_by_spouse & (role == PARENT)] = OTHER
    relation[(role_of_head > SPOUSE) & (role != HEAD)] = OTHER
    relation[relation == HEAD] = OTHER  # of two households that merged, one head heads
    return relation


def populate(places: Places, draws: Draws, scale: float, merging: float = 0.0) -> City:
    """Draw the city: `scale` 1 is its 4.2 million registered people; `merging` of the households move into another."""
    commune = _household_communes(places, scale)
    household = np.arange(len(commune))
    size = 1 + draws.pick("size", household, SIZE_SHARES)
    home = np.repeat(household, size)
    position = np.arange(len(home)) - np.repeat(np.cumsum(size) - size, size)
    person = np.arange(len(home))
    age, role, is_male = _kin(draws, home, position, size)

    couples = np.zeros(len(commune), dtype=bool)
    couples[home[(role == SPOUSE) & (age < 45)]] = True
    expecting = np.flatnonzero(couples & (draws.uniform("future birth", household) < FUTURE_BIRTH_SHARE))
    lost = np.flatnonzero(draws.uniform("former member", household) < FORMER_MEMBER_SHARE)

    end = int(first_day(ANCHOR + 1))
    birth = end - 1 - (age * 365.25 + draws.uniform("birthday", person) * 365.25).astype(np.int32)
    death = _deaths(draws, person, age)
    future_birth = end + draws.whole("born on", expecting, 0, int(first_day(LAST + 1)) - end - 1)
    elder_death = draws.whole("died in", lost, FIRST, ANCHOR)
    elder_birth = first_day(elder_death) - draws.whole("elder age", lost, 60 * 365, 90 * 365)

    birth = np.concatenate([birth, future_birth, elder_birth]).astype(np.int32)
    death = np.concatenate([death, np.full(len(expecting), NEVER), elder_death]).astype(np.int32)
    home = np.concatenate([home, expecting, lost]).astype(np.int32)
    role = np.concatenate([role, np.full(len(expecting), CHILD), np.full(len(lost), PARENT)]).astype(np.int8)
    extra = np.arange(len(is_male), len(home))
    is_male = np.concatenate([is_male, draws.uniform("sex", extra) < 0.51])

    leaver, leaves = _splits(draws, birth, death, role, home, size)
    next_home = np.full(len(home), -1, dtype=np.int32)
    next_home[leaver] = len(commune) + np.arange(len(leaver))
    month_leaves = np.full(len(home), NEVER, dtype=np.int32)
    month_leaves[leaver] = leaves
    commune = np.concatenate([commune, commune[home[leaver]]])
    household = np.arange(len(commune))

    moving = (draws.uniform("moves", household) < MOVE_SHARE) & (household < len(commune) - len(leaver))
    moving[home[leaver]] = False
    origin = np.where(moving, draws.whole("origin", household, 0, len(places.codes) - 1), commune).astype(np.int16)
    moves = np.where(moving & (origin != commune), draws.whole("moves in", household, FIRST, LAST), 0)
    if merging:
        settled = ~moving & (household < len(commune) - len(leaver))
        settled[home[leaver]] = False
        _merge(draws, commune, settled, merging, home, next_home, month_leaves)
    ethnicity = _ethnicity(places, draws, household, commune)
    ethnicity[next_home[leaver]] = ethnicity[home[leaver]]
    return City(
        places=places,
        draws=draws,
        birth=birth,
        death=death,
        is_male=is_male,
        role=role,
        home=home,
        next_home=next_home,
        leaves=month_leaves,
        number=_numbers(birth, is_male),
        commune=commune.astype(np.int16),
        origin=origin,
        moves=moves.astype(np.int32),
        founded=np.concatenate([np.zeros(len(commune) - len(leaver), dtype=np.int32), leaves]).astype(np.int32),
        ethnicity=ethnicity,
    )


def _household_communes(places: Places, scale: float) -> NDArray[np.int16]:
    """Commune of each household; a commune never has fewer than three households."""
    mean = SIZE_SHARES @ np.arange(1, len(SIZE_SHARES) + 1) / SIZE_SHARES.sum()
    count = np.maximum(3, np.round(places.population * scale / mean)).astype(int)
    return np.repeat(np.arange(len(count), dtype=np.int16), count)


def _kin(
    draws: Draws, home: NDArray[np.int64], position: NDArray[np.int64], size: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int8], NDArray[np.bool_]]:
    """Age in years, role and sex of each person."""
    person, household = np.arange(len(home)), np.arange(len(size))
    spread = draws.normal("head age", household)
    head_age = np.where(size == 1, np.clip(58 + 15 * spread, 22, 92), np.clip(48 + 12.5 * spread, 23, 88))
    at_head = head_age[home]
    chance = draws.uniform("role", person)
    couple = draws.uniform("couple", home) < 0.86
    role = np.full(len(home), CHILD)
    role[position == 0] = HEAD
    role[(position == 1) & couple] = SPOUSE
    rest = (position >= 2) | ((position == 1) & ~couple)
    role[rest & (chance < 0.13) & (at_head < 62)] = PARENT
    role[rest & (chance >= 0.13) & (chance < 0.38) & (at_head >= 52)] = GRANDCHILD
    role[rest & (chance > 0.96)] = OTHER

    gap = draws.uniform("age gap", person)
    child_age = at_head - 22 - 17 * gap
    child_age = np.where((child_age < 0) | (child_age > 38), 33 * gap, child_age)
    age = np.select(
        [role == HEAD, role == SPOUSE, role == CHILD, role == PARENT, role == GRANDCHILD],
        [
            at_head,
            np.clip(at_head - 2 + 4 * draws.normal("spouse age", person), 19, 90),
            child_age,
            np.clip(at_head + 22 + 12 * gap, 50, 97),
            17 * gap,
        ],
        default=5 + 60 * gap,
    )
    head_male = draws.uniform("head sex", household)[home] < np.where(size[home] == 1, 0.45, 0.72)
    is_male = draws.uniform("sex", person) < 0.51
    is_male = np.where(role == HEAD, head_male, np.where(role == SPOUSE, ~head_male, is_male))
    return age.astype(np.int64), role.astype(np.int8), is_male


def _deaths(draws: Draws, person: NDArray[np.int64], age: NDArray[np.int64]) -> NDArray[np.int64]:
    yearly = MORTALITY[np.searchsorted(MORTALITY_AGES, age, side="right") - 1]
    months = np.log1p(-draws.uniform("death", person)) / np.log1p(-yearly) * 12
    return np.where(months < LAST - ANCHOR, ANCHOR + 1 + months, NEVER).astype(np.int64)


def _splits(
    draws: Draws,
    birth: NDArray[np.int32],
    death: NDArray[np.int32],
    role: NDArray[np.int8],
    home: NDArray[np.int32],
    size: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Adult children who found a household of their own, and the month: one per household at most."""
    month = draws.whole("splits in", np.arange(len(size)), FIRST, LAST)[home]
    age = (month - month_of_day(birth)) // 12
    fit = (role == CHILD) & (age >= 22) & (age <= 38) & (death > month + 12) & (size[home] >= 3)
    candidates = np.flatnonzero(fit)
    _, first = np.unique(home[candidates], return_index=True)
    leaver = candidates[first]
    eligible = max(len(leaver), 1) / len(size)
    leaver = leaver[draws.uniform("splits", home[leaver]) < SPLIT_SHARE / eligible]
    return leaver, month[leaver]


def _merge(
    draws: Draws,
    commune: NDArray[np.int16],
    settled: NDArray[np.bool_],
    share: float,
    home: NDArray[np.int32],
    next_home: NDArray[np.int32],
    leaves: NDArray[np.int32],
) -> None:
    """Households whose people move in with the next one of their commune, and the month, written into the last two."""
    household = np.flatnonzero(settled)
    into = np.append(household[1:], -1)
    pairs = np.arange(len(household)) % 2 == 0  # nobody moves in with somebody who moves out
    merges = pairs & (into >= 0) & (commune[household] == commune[into])
    merges &= draws.uniform("merges", household) < 2 * share
    target = np.full(len(settled), -1, dtype=np.int32)
    target[household[merges]] = into[merges]
    mover = np.flatnonzero(target[home] >= 0)
    next_home[mover] = target[home[mover]]
    leaves[mover] = draws.whole("merges in", home[mover], FIRST, LAST)


def _ethnicity(
    places: Places, draws: Draws, household: NDArray[np.int64], commune: NDArray[np.int16]
) -> NDArray[np.int8]:
    chance = draws.uniform("ethnicity", household)
    khmer = places.khmer_share[commune]
    hoa = places.hoa_share[commune]
    return np.select([chance < khmer, chance < khmer + hoa], [KHMER, HOA], default=KINH).astype(np.int8)


def _numbers(birth: NDArray[np.int32], is_male: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Personal numbers: prefix, digit of sex and century, two digits of the birth year, six digits; all different."""
    year = month_of_day(birth) // 12
    century_digit = np.where(is_male, 0, 1) + 2 * (year >= 2000)
    cohort = century_digit * 100 + year % 100
    order = np.argsort(cohort, kind="stable")
    in_order = cohort[order]
    starts = np.flatnonzero(np.r_[True, in_order[1:] != in_order[:-1]])
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order)) - np.repeat(starts, np.diff(np.r_[starts, len(order)]))
    serial = (rank * SERIAL_STEP + cohort * 7_919) % SERIALS
    return (97 + serial // 1_000_000) * 1_000_000_000 + cohort * 1_000_000 + serial % 1_000_000
