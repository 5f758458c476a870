"""Run by hand: 24 months across January 2027, both standards beside the truth, and the jump in the city's rate.

    cd tests; ../.venv/bin/python -m two_standards [--scale 0.004] [--dirt 0]

Every reviewed household has a measured income, so that both standards judge all of them. Some minutes.
"""

import argparse
import tempfile
from pathlib import Path

from pipeline.conftest import built
from pipeline.truth import wrong_cells, wrong_classes

MONTHS = "2025-07:2027-06"


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--scale", default="0.004")
    asked.add_argument("--dirt", default="0")
    words = asked.parse_args()
    simulated = ["--months", MONTHS, "--scale", words.scale, "--seed", "11", "--dirt", words.dirt]
    with tempfile.TemporaryDirectory() as folder:
        home = built(Path(folder), [*simulated, "--measured-share", "1"])
        rates = home.restricted(
            """
            select strftime(period_month, '%Y-%m'), round(max(rate) filter (where standard_id = 'S2022'), 2),
                round(max(rate) filter (where standard_id = 'S2027'), 2),
                round(max(rate) filter (where last_day(period_month) between valid_from and valid_to), 2)
            from (
                select period_month, standard_id, multidimensional_rate_pct as rate from marts.area_poverty
                where area_level = 'city' and basis = 'computed'
            )
            inner join marts.dim_standard using (standard_id)
            group by period_month order by period_month
            """
        )
        cells, only_one_has, wrong = wrong_cells(home)
        households, wrong_class = wrong_classes(home)
        twice = home.restricted(
            """
            select count(*) from (
                select period_month from facts.household_deprivation where is_reviewed and standard_id = 'S2022'
                group by period_month
                having count(*) <> (
                    select count(distinct (commune_code, review_year, household_code)) from household_truth
                    where household_truth.period_month = household_deprivation.period_month
                )
            )
            """
        )[0][0]
    said = [f"{'month':8} {'S2022':>7} {'S2027':>7} {'in force':>9}"]
    said += [f"{month:8} {earlier:7.2f} {later:7.2f} {in_force:9.2f}" for month, earlier, later, in_force in rates]
    said += [f"{cells:,} cells: {only_one_has} that only one side has, {wrong} of another answer"]
    said += [f"{households:,} classes: {wrong_class} differ; months with another number of households: {twice}"]
    print("\n".join(said))  # noqa: T201 - run by hand


if __name__ == "__main__":
    main()
