"""The promises of the departments: contracts of feeds, code lists, and the words in which a broken promise is told.

Nothing here opens a delivery.
"""
