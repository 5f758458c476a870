"""Deliveries as departments send them: `contracts`, `reading`, the `gate`, and the `simulator` of all of it.

One folder per department and feed holds what is particular to it. Nothing here knows Dagster, dbt or where the
warehouse keeps its files.
"""
