"""The warehouse in rooms: `zones` hold data, `intake` takes it in, `published` are versions, `notices` tell people.

`upkeep` restores and deletes. Nothing here knows Dagster. `home/` below this folder is the default place of all state
and is not part of the project.
"""
