"""The zones that hold data and the keys to them: home, register, lake, vault and archive.

Nothing here decides about a delivery or a figure; it knows neither intake nor publication.
"""
