"""How deliveries come in: remote places pulled into landing, and files taken from landing to lake, archive, quarantine.

Nothing here knows a published version.
"""
