"""What figures mean where a feed is silent, or a list, a form and a register disagree: a home written by hand.

Each commune stands for one kind of silence or disagreement, from November 2026 to February 2027: the standard changes
with the new year. People are made up; their numbers begin with 097.
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from pipeline.conftest import Warehouse
from pipeline.report_test import said
from python_calamine import CalamineWorkbook

from orchestration.months import _figures
from warehouse.published import report, report_pack
from warehouse.zones.home import Home

# What each commune stands for.
CARRIED, SHARED_FORM, MOVED_FROM, MOVED_TO, FIRST_LIST = "31120", "31135", "31147", "31150", "31153"
LEAVING, NO_TOTALS, TWO_FORMS, NO_LIST, NEW_STANDARD = "31157", "31168", "31174", "31183", "31186"
COMMUNES = (
    CARRIED, SHARED_FORM, MOVED_FROM, MOVED_TO, FIRST_LIST, LEAVING, NO_TOTALS, TWO_FORMS, NO_LIST, NEW_STANDARD,
)  # fmt: skip
RESIDENTS = 230
LIST_HEADER = (
    "list_section,household_no,member_no,member_name,relation,birth_date,sex,personal_id,commune_code,legal_class,note"
)
MONTHS = ("2026-11", "2026-12", "2027-01", "2027-02")


@dataclass(frozen=True)
class Person:
    """Somebody with a number; born in 1980, a man."""

    at: int

    @property
    def number(self) -> str:
        return f"097080{self.at:06d}"

    @property
    def name(self) -> str:
        return f"Trần Văn Số {'ABCDEFGHIJ'[self.at // 10 % 10]} {'ABCDEFGHIJ'[self.at % 10]}"


@dataclass
class Sent:
    """Deliveries of one home under way: rows by feed and file name."""

    files: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def list_of(self, month: str, commune: str, *households: tuple[str, str, Iterable[Person]]) -> None:
        """A commune's list: (sheet, class, persons, the first of whom is the head) per household."""
        rows = self.files.setdefault(
            ("labour/poverty_list", f"{month}_{commune}.csv"),
            [LIST_HEADER],
        )
        for number, (sheet, legal_class, persons) in enumerate(households, start=1):
            for at, person in enumerate(persons, start=1):
                relation = "head" if at == 1 else "other"
                shown = legal_class if at == 1 else ""
                rows.append(
                    f"{sheet},{number},{at},{person.name},{relation},01/01/1980,male,{person.number},{commune},{shown},{month}"
                )

    def form(self, month: str, commune: str, code: str, reviewed_on: str, *persons: Person) -> None:
        """A review form with its members, of whom the first is the head; nothing is said of what they lack."""
        forms = self.files.setdefault(
            ("labour/household_review", f"{month}_{commune}.csv"),
            ["household_code,commune_code,head_name,head_personal_id,member_count,reviewed_on,income_per_capita_vnd"],
        )
        forms.append(f"{code},{commune},{persons[0].name},{persons[0].number},{len(persons)},{reviewed_on},9000000")
        members = self.files.setdefault(
            ("labour/household_members", f"{month}_{commune}.csv"),
            ["household_code,commune_code,member_no,full_name,personal_id,birth_date,sex,relation"],
        )
        for at, person in enumerate(persons, start=1):
            relation = "head" if at == 1 else "other"
            members.append(f"{code},{commune},{at},{person.name},{person.number},01/01/1980,male,{relation}")

    def write(self, landing: Path) -> None:
        for (feed, name), rows in self.files.items():
            (landing / feed).mkdir(parents=True, exist_ok=True)
            (landing / feed / name).write_text("\n".join(rows) + "\n", encoding="utf-8")


def people(first: int, count: int) -> list[Person]:
    return [Person(first + at) for at in range(count)]


def _send(sent: Sent) -> None:
    recognised = "recognised"
    sent.files["labour/commune_totals", "2026-11.csv"] = [
        "commune_code,households,persons",
        *(f"{code},{RESIDENTS},{3 * RESIDENTS}" for code in COMMUNES if code != NO_TOTALS),
    ]
    # The last list is of December: January and February carry it, and the standard it was made under.
    for month in ("2026-11", "2026-12"):
        sent.list_of(month, CARRIED, (recognised, "poor", people(100, 2)), (recognised, "near_poor", people(110, 3)))
    # Six on one form, of whom the list makes two poor households; four, of whom one is poor and one near-poor.
    both, mixed = people(200, 6), people(210, 4)
    sent.form("2026-11", SHARED_FORM, "1", "10/11/2026", *both)
    sent.form("2026-11", SHARED_FORM, "2", "10/11/2026", *mixed)
    sent.list_of(
        "2026-11", SHARED_FORM,
        (recognised, "poor", both[3:]), (recognised, "poor", both[:3]),
        (recognised, "poor", mixed[:2]), (recognised, "near_poor", mixed[2:]),
    )  # fmt: skip
    # A family without a form moves: its old commune's list is carried, the new one names it, and has the higher code.
    family = people(300, 3)
    sent.list_of("2026-11", MOVED_FROM, (recognised, "poor", family))
    sent.list_of("2026-11", MOVED_TO, (recognised, "near_poor", people(310, 1)))
    sent.list_of("2026-12", MOVED_TO, (recognised, "near_poor", people(310, 1)), (recognised, "poor", family))
    # A first list in December, of people who were reviewed before.
    sent.form("2026-11", FIRST_LIST, "1", "10/11/2026", *people(400, 2))
    sent.list_of("2026-12", FIRST_LIST, (recognised, "poor", people(400, 2)), (recognised, "poor", people(410, 4)))
    # One family leaves the list without a word, another onto the sheet of the escaped.
    silent, escaped = people(500, 2), people(510, 2)
    for code, persons in (("1", silent), ("2", escaped)):
        sent.form("2026-11", LEAVING, code, "10/11/2026", *persons)
    sent.list_of("2026-11", LEAVING, (recognised, "poor", silent), (recognised, "poor", escaped))
    sent.list_of("2026-12", LEAVING, ("escaped_poor", "", escaped), (recognised, "near_poor", people(520, 1)))
    # Four poor households in a commune whose residents nobody counted.
    sent.list_of("2026-11", NO_TOTALS, *((recognised, "poor", people(600 + 10 * at, 1)) for at in range(4)))
    # One family on two forms, the newer one of which has everybody; another of whom one stays behind.
    moved, parted = people(700, 2), people(710, 2)
    for code, day, persons in (("1", 5, moved), ("2", 20, moved), ("3", 5, parted), ("4", 20, parted[:1])):
        sent.form("2026-11", TWO_FORMS, code, f"{day:02}/11/2026", *persons)
    # Forms and no list, ever.
    sent.form("2026-11", NO_LIST, "1", "10/11/2026", *people(800, 1))
    # A list under the new standard in January.
    old, new = people(900, 2), people(910, 1)
    sent.list_of("2026-12", NEW_STANDARD, (recognised, "poor", old))
    sent.list_of("2027-01", NEW_STANDARD, (recognised, "poor", old), (recognised, "poor", new))
    # A house that is completed and whose approval nobody dated; December's file no longer has it.
    header = (
        "case_code,commune_code,head_name,beneficiary_group,support_type,approved_on,completed_on,status,"
        "funding_source,amount_vnd"
    )
    completed = f"H1,{NO_LIST},{people(800, 1)[0].name},poor,new_build,,05/11/2026,completed,central,60000000"
    other = f"H2,{CARRIED},{people(110, 1)[0].name},near_poor,repair,05/12/2026,,approved,central,30000000"
    sent.files["housing/support_cases", "2026-11.csv"] = [header, completed]
    sent.files["housing/support_cases", "2026-12.csv"] = [header, other]
    # Somebody sends in February, so that there is one.
    sent.form("2027-02", NO_LIST, "1", "10/02/2027", *people(800, 1))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    folder = tmp_path_factory.mktemp("silence")
    made, sent = Warehouse(folder / "home", folder / "truth"), Sent()
    _send(sent)
    sent.write(made.home / "landing")
    ran = made.cantho("run")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (made.truth).mkdir()
    return made


@pytest.fixture
def ask(home: Warehouse):
    import duckdb

    def rows(query: str) -> list[tuple]:
        with duckdb.connect(str(home.version / "restricted.duckdb"), read_only=True) as database:
            return database.execute(query).fetchall()

    return rows


def _legal(ask, month: str, code: str, level: str = "commune") -> dict[str, tuple]:
    found = ask(
        "select standard_id, poor_households, near_poor_households, poor_persons, communes_counted "
        f"from marts.area_poverty where basis = 'legal' and period_month = date '{month}-01' "
        f"and area_level = '{level}' and area_code = '{code}' order by 1"
    )
    return {standard: tuple(rest) for standard, *rest in found}


@pytest.mark.definition("C5")
@pytest.mark.parametrize("month", MONTHS)
def test_a_carried_list_keeps_its_standard(ask, month: str) -> None:
    """January and February were published as poverty by the standard of 2027, which no list had been made under."""
    found = _legal(ask, month, CARRIED)
    (classes,) = ask(
        "select list_distinct(list(legal_class) filter (where standard_id = 'S2022')), "
        "count(legal_class) filter (where standard_id = 'S2027') from facts.household_deprivation "
        f"where commune_code = '{CARRIED}' and period_month = date '{month}-01'"
    )

    assert found["S2022"] == (1, 1, 2, 1)
    assert found.get("S2027", (None, None, None, 0)) == (None, None, None, 0)
    assert ("S2027" in found) == (month >= "2027")
    assert sorted(classes[0]) == ["near_poor", "poor"]
    assert not classes[1]


@pytest.mark.definition("C5")
def test_a_list_under_another_standard_ends_the_old_movement_without_a_flow(ask) -> None:
    found = ask(
        "select standard_id, opening, rose_above + other_decrease, newly_arising + other_increase + relapsed, closing "
        f"from marts.area_movement where area_code = '{NEW_STANDARD}' and class = 'poor' and unit = 'household' "
        "and period_month = date '2027-01-01' order by 1"
    )

    # The old standard is that of other communes' lists; of this one no list was made under it any more.
    assert found == [("S2022", None, None, None, None), ("S2027", 2, 0, 0, 2)]


@pytest.mark.definition("J6")
def test_two_listed_households_on_one_form_are_two_with_the_persons_of_their_rows(ask) -> None:
    households, near_poor, persons, _ = _legal(ask, "2026-11", SHARED_FORM)["S2022"]
    forms = ask(
        f"select poor_households, poor_persons, near_poor_households, near_poor_persons from marts.official_report_1 "
        f"where commune_code = '{SHARED_FORM}' and period_month = date '2026-11-01'"
    )
    reviewed = ask(
        "select legal_class, is_reviewed, listed_persons, household_size from facts.household_deprivation where "
        f"commune_code = '{SHARED_FORM}' and period_month = date '2026-11-01' and standard_id = 'S2022' order by all"
    )

    assert (households, near_poor, persons) == (3, 1, 8)
    assert forms == [(3, 8, 1, 2)]
    # Whose head heads the form has its answers, though the other one stands first on the list.
    assert reviewed == [
        ("near_poor", False, 2, None), ("poor", False, 3, None), ("poor", True, 2, 4), ("poor", True, 3, 6),
    ]  # fmt: skip


@pytest.mark.definition("J7")
def test_a_listed_household_that_moves_stands_where_the_newest_list_names_it(ask) -> None:
    found = ask(
        "select period_month, commune_code from facts.household_deprivation where standard_id = 'S2022' "
        f"and legal_class = 'poor' and commune_code in ('{MOVED_FROM}', '{MOVED_TO}') order by 1"
    )
    flows = ask(
        "select area_code, opening, other_decrease, other_increase, newly_arising, closing from marts.area_movement "
        f"where area_code in ('{MOVED_FROM}', '{MOVED_TO}') and class = 'poor' and unit = 'household' "
        "and period_month = date '2026-12-01' order by 1"
    )

    assert [(f"{month:%Y-%m}", commune) for month, commune in found] == [
        ("2026-11", MOVED_FROM), ("2026-12", MOVED_TO), ("2027-01", MOVED_TO), ("2027-02", MOVED_TO),
    ]  # fmt: skip
    assert flows == [(MOVED_FROM, 1, 1, 0, 0, 0), (MOVED_TO, 0, 0, 1, 0, 1)]


@pytest.mark.definition("C4", "U1")
def test_counts_are_null_where_no_list_was_sent_or_nobody_reviewed(ask) -> None:
    legal = ask(
        "select distinct poor_households, near_poor_households, other_households, undetermined_households, "
        f"poor_rate_pct from marts.area_poverty where area_code = '{NO_LIST}' and basis = 'legal'"
    )
    indicators = ask(
        "select distinct poor_deprived_households, near_poor_deprived_households from marts.area_indicator "
        f"where area_code = '{NO_LIST}'"
    )
    computed = ask(
        "select distinct reviewed_households, poor_households, near_poor_households, average_households, "
        f"other_households, undetermined_households, poor_rate_pct from marts.area_poverty "
        f"where area_code = '{CARRIED}' and basis = 'computed'"
    )
    measured = ask(
        "select distinct units, poor_units, headcount_ratio from marts.area_mpi where area_code = "
        f"'{CARRIED}' union select distinct units, deprived_units, censored_headcount from marts.area_indicator "
        f"where area_code = '{CARRIED}'"
    )
    concerned = ask(
        "select distinct households_concerned, households_concerned_unknown, persons_concerned, "
        f"persons_concerned_unknown from marts.area_indicator where area_code = '{CARRIED}'"
    )

    assert legal == [(None,) * 5]
    assert indicators == [(None, None)]
    assert computed == [(0, *(None,) * 6)]
    assert measured == [(0, None, None)]
    assert concerned == [(None,) * 4]


@pytest.mark.definition("F3")
def test_a_first_list_opens_with_its_closing_and_is_no_flow(ask) -> None:
    flows = (
        "opening, moved_to_other_class + rose_above + other_decrease, "
        "came_from_other_class + relapsed + newly_arising + other_increase, closing"
    )
    found = ask(
        f"select {flows} from marts.area_movement where area_code = '{FIRST_LIST}' and class = 'poor' "
        "and unit = 'household' and period_month = date '2026-12-01'"
    )
    before, opening = ask(
        "select sum(closing), (select opening from marts.area_movement where area_level = 'city' and class = 'poor' "
        "and unit = 'household' and period_month = date '2026-12-01') from marts.area_movement "
        "where area_level = 'city' and class = 'poor' and unit = 'household' and period_month = date '2026-11-01'"
    )[0]

    assert found == [(2, 0, 0, 2)]
    # Above communes: the closing before, and the first lists of two communes.
    assert opening == before + 2 + 1


@pytest.mark.definition("U5")
def test_a_rate_sets_those_communes_against_residents_that_can_be(ask) -> None:
    ((poor, rate, counted, total, households, all_of_them),) = ask(
        "select poor_households, poor_rate_pct, communes_counted, communes_total, households_counted, households "
        "from marts.area_poverty where area_level = 'city' and basis = 'legal' and period_month = date '2026-11-01'"
    )
    ((by_communes,),) = ask(
        "select sum(poor_households) from marts.area_poverty where area_level = 'commune' and basis = 'legal' "
        f"and period_month = date '2026-11-01' and area_code <> '{NO_TOTALS}'"
    )

    assert poor == by_communes + 4
    assert (counted, total) == (5, 103)
    assert (households, all_of_them) == (5 * RESIDENTS, 9 * RESIDENTS)
    assert rate == pytest.approx(100 * by_communes / households, rel=1e-12)


@pytest.mark.definition("U6")
def test_a_form_that_everybody_has_left_is_no_household_and_one_with_somebody_left_is(ask) -> None:
    found = ask(
        "select period_month, list(household_code order by household_code) from facts.household_deprivation "
        f"where commune_code = '{TWO_FORMS}' and standard_id = 'S2022' group by all order by all"
    )

    assert [codes for _, codes in found] == [["2", "3", "4"]] * len(MONTHS)


@pytest.mark.definition("F5")
def test_leaving_a_list_without_an_escape_is_no_rise_and_contradicts_the_form(ask) -> None:
    flows = ask(
        "select opening, rose_above, other_decrease, closing from marts.area_movement "
        f"where area_code = '{LEAVING}' and class = 'poor' and unit = 'household' and period_month = date '2026-12-01'"
    )
    events = ask(
        "select flow, is_conflict, escaped_on, escape_is_estimated from facts.movement_event "
        f"where from_commune_code = '{LEAVING}' and from_class = 'poor' and period_month = date '2026-12-01' order by 1"
    )

    assert flows == [(2, 1, 1, 0)]
    assert [(flow, conflict, day and day.isoformat(), guess) for flow, conflict, day, guess in events] == [
        ("other_decrease", True, None, None), ("rose_above", False, "2026-12-01", True),
    ]  # fmt: skip


@pytest.mark.definition("P1")
def test_a_completed_house_counts_without_the_day_of_its_approval_and_stands_when_a_file_lacks_it(ask) -> None:
    found = ask(
        "select houses_supported, houses_completed from marts.area_programme where area_level = 'city' "
        "order by period_month"
    )

    assert found == [(1, 1), (2, 1), (2, 1), (2, 1)]


@pytest.mark.definition("P2")
def test_a_need_whose_programme_has_ended_waits_for_its_successor() -> None:
    """The rows of the seed as the model reads them: the programme of 2021-2025 ended before its successor began."""
    import csv

    seed = Path(__file__).parents[2] / "dbt_project" / "seeds" / "programme_need.csv"
    with seed.open(encoding="utf-8", newline="") as lines:
        needs = [row for row in csv.DictReader(lines) if row["predicate"] == "job" and row["recognised_as"] == "poor"]

    assert [(row["valid_from"], row["valid_to"], row["known_by"]) for row in needs] == [
        ("2020-01-01", "2025-12-31", "assumed"), ("2026-01-31", "2035-12-31", "press"),
    ]  # fmt: skip


def test_the_report_says_when_all_lists_are_carried_and_opens_at_a_month_that_has_one(home: Warehouse) -> None:
    """Of February nobody sent a list: it was the headline, with changes of 0.00 against January."""
    for name in ("index.html", "restricted.html"):
        page = (home.version / name).read_text(encoding="utf-8")
        january, february = said(page)["months"][-2:]
        codes = [area["code"] for area in said(page)["areas"]]
        december = said(page)["series"]["list.newest_list_month"]["by"]["S2022"]["2026-12"]
        ages = dict(zip(codes, december, strict=True))

        assert (january["are_carried"], january["en"]) == (False, "1 of 103 lists sent")
        assert (february["are_carried"], february["en"]) == (True, "list of 01/2027 carried, 0 of 103 sent")
        assert february["vi"] == "dùng lại danh sách 01/2027, 0/103 xã gửi"
        # In December the city has new lists, one commune sent one, another did not, and one never did.
        assert (ages["92"], ages[CARRIED], ages[SHARED_FORM], ages[NO_LIST]) == (0, 0, 1, None)
        script = (report.PARTS / "base.js").read_text(encoding="utf-8")
        assert base64.b64encode(script.encode()).decode() in page
        assert "const newest = Math.max(data.months.findLastIndex((one) => !one.are_carried), 0);" in script
        assert 'series.startsWith("legal.") && typeof age === "number" && age >= m - since' in script


def test_the_ui_says_of_a_month_whose_lists_it_rests_on(home: Warehouse) -> None:
    noted = dict(_figures(Home.at(home.home), None))

    assert [noted[month]["lists"].split(" / ")[1] for month in MONTHS] == [
        "6 of 103 lists sent", "5 of 103 lists sent", "1 of 103 lists sent", "list of 01/2027 carried, 0 of 103 sent",
    ]  # fmt: skip


@pytest.mark.parametrize(("month", "standards"), [("2026-12", ["S2022"]), ("2027-01", ["S2027", "S2022"])])
def test_the_report_pack_has_a_sheet_for_each_standard_of_the_lists(
    home: Warehouse, tmp_path: Path, month: str, standards: list[str]
) -> None:
    """January's pack was that of the old standard alone: what the new list says stood nowhere."""
    database = home.version / "restricted.duckdb"
    out = tmp_path / "pack.xlsx"
    forms = report_pack.write(database, database, date.fromisoformat(f"{month}-01"), out)
    book = CalamineWorkbook.from_path(str(out))
    suffixes = {standard: "" if standard == standards[0] else f" ({standard})" for standard in standards}
    sheets = {one: book.get_sheet_by_name(f"Biểu 1{suffix}").to_python() for one, suffix in suffixes.items()}
    poor = {one: {row[1]: row[5] for row in sheet} for one, sheet in sheets.items()}
    lacks = [book.get_sheet_by_name(f"Biểu 4{suffix}").to_python()[6] for suffix in suffixes.values()]

    assert forms == 13
    assert book.sheet_names == [f"Biểu {form}{suffix}" for form in range(1, 14) for suffix in suffixes.values()]
    assert all(str(sheet[4][0]).endswith(f"Chuẩn áp dụng: {one}") for one, sheet in sheets.items())
    assert poor["S2022"][CARRIED] == 1
    assert poor[standards[0]][NEW_STANDARD] == len(standards)
    assert len(standards) == 1 or (poor["S2022"][NEW_STANDARD], poor["S2027"][CARRIED]) == ("…", "…")
    assert len({tuple(header) for header in lacks}) == len(standards)
