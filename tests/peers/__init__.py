"""Bare scripts that work out the figures of a clean month from the files of its departments, as an analyst would.

What the warehouse costs is told beside them (`make bench`). A script reads the same files and trusts each cell: no
contract, no judgement, no unknown, no key in place of a number, no history, no second version. Its `figures` are rows
(commune_code, figure, value), which have to equal those of `published`.

Lists and workbooks are opened for all scripts alike (`files`). Each rule stands in each script again, in the way of its
library; nothing of the warehouse is imported.
"""
