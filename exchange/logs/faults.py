"""The seam of fault tests: rooms name the places before and after each of their writes, and a test's `Faults` ends the
process, or raises, at one of them. In service it does nothing.

Points are spelled `<room>.<act>.<before|after>-<what>`.
"""


class Faults:
    """The service behind the seam: nothing ever happens at a point."""

    def at(self, point: str) -> None:
        """Pass `point`. A test's subclass may raise here, or kill the process."""
