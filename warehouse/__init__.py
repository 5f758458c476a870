"""The zones that hold data: lake, vault, archive, quarantine, the live file and the published versions.

What comes in goes through `intake`, what goes out through `publication`. Nothing here knows Dagster or a particular
feed. `home/` below this folder is the default place of all state and is not part of the project.
"""
