"""Dagster over plain functions: assets, checks, sensors, schedules, and the command line that drives them.

Nothing here computes what an analyst would call data: rows are `sources`' and `warehouse`'s, figures are dbt's.
"""
