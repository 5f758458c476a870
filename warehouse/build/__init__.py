"""Building facts and marts in the live file: what has to be built, dbt, and a build of some months.

`plan` compares the register with what was built last, `project` is the dbt project, `full` builds all of it,
`compiled` has its SQL and `incremental` runs that for some months. Not here: Dagster, which shows builds
(`orchestration`), and what goes out of the live file (`publication`).
"""
