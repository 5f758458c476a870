"""The policy bank: customers, their contracts and balances at each month end (feed policy_bank/loans).

A customer takes a loan, pays part of it back, repays the rest at the end and takes the next one a few months later.
Here belong contracts and balances; the bank's own place codes come from `places`.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sources.simulator.delivery import Rows, code_text, days, together, words
from sources.simulator.listing import NEAR_POOR, POOR, Listing
from sources.simulator.months import ANCHOR, first_day, last_day
from sources.simulator.names import full_names
from sources.simulator.population import HEAD, SPOUSE, City
from sources.simulator.welfare import Welfare

CUSTOMERS = 360_000  # with an open loan at the end of 2025
OUTSTANDING_VND = 17_550_000_000_000  # at the end of 2025
TROUBLED_SHARE = 0.0268  # of the outstanding is overdue or frozen
FROZEN_SHARE = 0.35  # of the troubled customers
TERMS = np.array([36, 48, 60])  # months
GAP = 4  # months between two loans of a customer
SECOND_LOAN_SHARE = 0.15  # of customers also hold a loan for water and sanitation
CLOSED_FOR = 1  # months that a repaid contract stays on the report
PROGRAMMES = ["01", "19", "09", "03", "02", "10", "06"]
RATES_PCT = np.array([6.6, 7.92, 8.25, 7.92, 6.6, 9.0, 9.0])
BENEFICIARIES = ["Hộ nghèo", "Hộ cận nghèo", "Hộ mới thoát nghèo", "Đối tượng khác"]
WATER_PROGRAMME = 6
CONTRACT_STEP, CONTRACTS = 7_907_693_113, 1_000_000_000_000
CUSTOMER_STEP, CUSTOMER_NUMBERS = 71_234_567, 10_000_000_000


class Contracts:
    """Loan contracts of the city; balances add up to the published totals at the end of 2025."""

    def __init__(self, city: City, welfare: Welfare, listing: Listing, scale: float) -> None:
        self.city, self.listing = city, listing
        draws = city.draws
        adult = (city.birth < first_day(ANCHOR - 24 * 12)) & (city.birth > first_day(ANCHOR - 66 * 12))
        borrower = np.flatnonzero(np.isin(city.role, [HEAD, SPOUSE]) & adult & (city.death > ANCHOR))
        _, first = np.unique(city.home[borrower], return_index=True)
        borrower = borrower[first]
        urge = draws.uniform("borrows", borrower) + 0.12 * welfare.of_year(city.home[borrower].astype(np.int64), 2025)
        borrower = borrower[np.argsort(urge, kind="stable")]
        self.term = TERMS[draws.pick("term", borrower, [0.3, 0.3, 0.4])]
        self.phase = draws.whole("loan phase", borrower, 0, 63)
        self.person = borrower
        active = self._position(ANCHOR, second=False)[0] < self.term
        kept = np.searchsorted(np.cumsum(active), round(CUSTOMERS * scale)) + 1
        self.person, self.term, self.phase = borrower[:kept], self.term[:kept], self.phase[:kept]
        self.second = draws.uniform("second loan", self.person) < SECOND_LOAN_SHARE
        self.trouble = draws.uniform("trouble", self.person)
        self.frozen = draws.uniform("frozen", self.person) < FROZEN_SHARE
        self._factor, self._trouble_limit = 1.0, 0.0
        self._calibrate(OUTSTANDING_VND * scale)

    def _position(self, month: int, second: bool) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Months since the start of the running cycle, and the number of the cycle; beyond the term: a gap."""
        elapsed = month - 1990 * 12 + self.phase + (17 if second else 0)
        return elapsed % (self.term + GAP), elapsed // (self.term + GAP)

    def _amounts(self, cycle: NDArray[np.int64], second: bool) -> NDArray[Any]:
        draws = self.city.draws
        if second:
            return np.full(len(self.person), 25_000_000.0)
        return 1_000_000.0 * draws.whole("loan amount", self.person, 30, 100, key=cycle)

    def _balances(self, month: int, second: bool) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
        """Disbursed and outstanding principal in VND, and whether the contract runs or has just ended."""
        position, cycle = self._position(month, second)
        disbursed = np.round(self._amounts(cycle, second) * self._factor / 100_000) * 100_000
        repaid = 0.45 * position / self.term
        outstanding = np.where(position < self.term, np.round(disbursed * (1 - repaid) / 1000) * 1000, 0)
        shown = position < self.term + CLOSED_FOR
        if second:
            shown &= self.second
            outstanding = np.where(self.second, outstanding, 0)
        return disbursed.astype(np.int64), outstanding.astype(np.int64), shown

    def _troubled(self, outstanding: NDArray[np.int64], month: int, second: bool) -> NDArray[np.bool_]:
        """Contracts whose balance is overdue or frozen: in the later part of the term of troubled customers."""
        position, _ = self._position(month, second)
        return (outstanding > 0) & (position > self.term // 2) & (self.trouble < self._trouble_limit)

    def _calibrate(self, wanted: float) -> None:
        total = sum(int(self._balances(ANCHOR, second)[1].sum()) for second in (False, True))
        self._factor = wanted / total
        at_risk = np.zeros(len(self.person))
        for second in (False, True):
            outstanding = self._balances(ANCHOR, second)[1]
            position, _ = self._position(ANCHOR, second)
            at_risk += np.where(position > self.term // 2, outstanding * np.where(self.frozen, 1.0, 0.7), 0)
        order = np.argsort(self.trouble)
        reached = np.searchsorted(np.cumsum(at_risk[order]), TROUBLED_SHARE * wanted)
        self._trouble_limit = float(self.trouble[order[min(reached, len(order) - 1)]])

    def rows(self, month: int) -> Rows:
        """Delivery of the month: open contracts, and those that closed this month."""
        return together([self._part(month, second) for second in (False, True)])

    def _part(self, month: int, second: bool) -> Rows:
        city, draws = self.city, self.city.draws
        disbursed, outstanding, shown = self._balances(month, second)
        position, cycle = self._position(month, second)
        troubled = self._troubled(outstanding, month, second)
        frozen = np.where(troubled & self.frozen, outstanding, 0)
        overdue = np.where(troubled & ~self.frozen, (outstanding * 0.7).astype(np.int64) // 1000 * 1000, 0)
        kept = np.flatnonzero(shown)
        person, cycle, position = self.person[kept], cycle[kept], position[kept]
        household = city.home[person].astype(np.int64)
        start = month - position
        legal = self.listing.at(household, np.maximum(start, 2022 * 12))
        programme = np.select(
            [legal == POOR, legal == NEAR_POOR],
            [0, 1],
            default=2 + draws.pick("programme", person, [20, 45, 15, 20], key=cycle),
        )
        programme = np.full(len(person), WATER_PROGRAMME) if second else programme
        group = np.where(legal == POOR, 0, np.where(legal == NEAR_POOR, 1, np.where(programme == 2, 2, 3)))
        commune = city.commune_at(household, month)
        contract = ((person * 2 + second) * 100 + cycle % 100) * CONTRACT_STEP % CONTRACTS
        open_now = outstanding[kept] > 0
        return Rows(
            {
                "report_date": days(np.full(len(person), last_day(month))),
                "contract_no": code_text(contract, 12, "'6600"),
                "customer_code": code_text(person * CUSTOMER_STEP % CUSTOMER_NUMBERS, 10),
                "customer_name": full_names(city, person),
                "personal_id": code_text(city.number[person], 12),
                "birth_date": days(city.birth[person]),
                "bank_place_code": np.array(city.places.bank_codes, dtype=object)[commune],
                "programme_code": words(PROGRAMMES, programme),
                "beneficiary_group": words(BENEFICIARIES, group),
                "loan_date": days(first_day(start) + draws.whole("loan day", person, 0, 27, key=cycle)),
                "due_date": days(last_day(start + self.term[kept])),
                "annual_rate_pct": RATES_PCT[programme],
                "disbursed_vnd": disbursed[kept],
                "in_term_vnd": (outstanding - overdue - frozen)[kept],
                "overdue_vnd": overdue[kept],
                "frozen_vnd": frozen[kept],
                "status": words(["closed", "open"], open_now.astype(np.int8)),
            },
            person=person,
            household=household,
            commune=commune,
        )
