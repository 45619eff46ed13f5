"""What is said to a person when something is wrong.

Every error that can reach a person says three things: what was found, what was expected, and the way
out. This module lies below all others, so that a dashboard can show any wing's error in the same way.
"""

__all__ = ["FedFlexError"]


class FedFlexError(Exception):
    """An error with a sentence for a person; subclasses name one remedy each.

    Args:
        found: What is there, in plain words; never a viewing, a rating or a private path.
        expected: What should have been there.
        way_out: What the person can do now.

    >>> str(FedFlexError("The file is empty.", "A Netflix export.", "Download it again."))
    'The file is empty. Expected: A Netflix export. Download it again.'
    """

    def __init__(self, found: str, expected: str, way_out: str) -> None:
        self.found = found
        self.expected = expected
        self.way_out = way_out
        super().__init__(f"{found} Expected: {expected} {way_out}")
