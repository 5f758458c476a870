"""Deliveries as departments send them: contracts, reading, the gate's suites, and the simulator.

One folder per department and feed holds what is particular to it. The modules beside this file hold what all feeds
share. Nothing here knows Dagster, dbt or where the warehouse keeps its files.
"""
