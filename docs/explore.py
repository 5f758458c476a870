"""A notebook for marimo that opens the current version's public figures: pick a month and a measure, see and filter.

It reads what is published and writes nothing. How to start it stands in recipes.md.
"""

import marimo

app = marimo.App(width="medium", app_title="Cần Thơ: nghèo đa chiều")


@app.cell
def _():
    import json
    import os
    import pathlib

    import altair
    import duckdb
    import marimo as mo

    return altair, duckdb, json, mo, os, pathlib


@app.cell
def _(duckdb, json, mo, os, pathlib):
    published = pathlib.Path(os.environ.get("CANTHO_HOME", "warehouse/home")) / "published"
    version = json.loads((published / "current.json").read_text())["version"]
    figures = duckdb.connect(str(published / version / "public.duckdb"), read_only=True)
    mo.md(
        f"# Nghèo đa chiều ở Cần Thơ / Multidimensional poverty in Can Tho\n\nPhiên bản / version **{version}**. "
        "Ô trống là chưa biết hoặc được bảo vệ, không bao giờ là 0 / a blank is unknown or protected, never 0."
    )
    return (figures,)


@app.cell
def _(figures, mo):
    months = [
        f"{month:%Y-%m}" for (month,) in figures.sql("select period_month from marts.dim_period order by 1").fetchall()
    ]
    month = mo.ui.slider(steps=list(range(len(months))), value=len(months) - 1, label="Tháng / month")
    measure = mo.ui.dropdown(
        ["poor_rate_pct", "near_poor_rate_pct", "multidimensional_rate_pct", "coverage_pct"],
        value="poor_rate_pct",
        label="Chỉ tiêu / measure",
    )
    basis = mo.ui.radio(["legal", "computed"], value="legal", label="Căn cứ / basis", inline=True)
    mo.hstack([month, measure, basis])
    return basis, measure, month, months


@app.cell
def _(altair, basis, figures, measure, mo, month, months):
    communes = figures.execute(
        """
        select commune.name_vi, area.*
        from marts.area_poverty as area
        inner join marts.dim_period as period
            on area.period_month = period.period_month and area.standard_id = period.standard_in_force
        inner join marts.dim_commune as commune on area.area_code = commune.commune_code
        where area.area_level = 'commune' and area.basis = $basis and strftime(area.period_month, '%Y-%m') = $month
        """,
        {"basis": basis.value, "month": months[month.value]},
    ).df()
    protected = communes["protected_columns"].str.contains(measure.value, regex=False, na=False).sum()
    ranking = (
        altair.Chart(communes.dropna(subset=[measure.value]).nlargest(20, measure.value))
        .mark_bar()
        .encode(
            x=altair.X(measure.value, title=f"{measure.value}, %"),
            y=altair.Y("name_vi", sort="-x", title=None),
            tooltip=["area_code", "name_vi", measure.value],
        )
        .properties(title=f"{months[month.value]}, {basis.value}")
    )
    said = mo.md(
        f"{protected} xã, phường được bảo vệ, có thể cao hơn / {protected} communes are protected and may be higher."
    )
    mo.vstack([said, ranking, mo.ui.table(communes, page_size=10)])
    return


@app.cell
def _(mo):
    query = mo.ui.text_area(
        "select * from marts.area_indicator where area_level = 'city' order by period_month desc limit 24",
        label="SQL",
        full_width=True,
    )
    mo.vstack([query])
    return (query,)


@app.cell
def _(figures, mo, query):
    mo.ui.table(figures.sql(query.value).df())
    return


if __name__ == "__main__":
    app.run()
