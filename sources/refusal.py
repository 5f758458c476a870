"""The one error a department can act on.

Everything that keeps a delivery out says so with `BrokenPromise`. Not for faults of our own code, and never with a
value from a row: messages reach logs and screens.
"""


class BrokenPromise(Exception):
    """A delivery breaks what its department promised; sending the same bytes again cannot help.

    `file` and `place` say where (`place` is a line, a sheet or "the file"), `promise` says what was broken, `owner` who
    can mend it and `next_step` how.
    """

    def __init__(self, *, file: str, place: str, promise: str, owner: str, next_step: str) -> None:
        self.file, self.place, self.promise, self.owner, self.next_step = file, place, promise, owner, next_step
        super().__init__(f"{file}, {place}: {promise} Owner: {owner}. Next: {next_step}")
