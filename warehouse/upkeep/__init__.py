"""The home kept over years: rows and register restored after a loss, originals deleted when their time is over.

It uses intake and published versions; neither uses it.
"""
