"""How parties and certainties look: never by colour alone, and no colour that a side could take for its own."""

from collections.abc import Sequence
from typing import Final

from tansiq.formats.report.html import Safe, el, join

MARKS: Final = (
    "M-5-5h10v10h-10z",
    "M0-6L6 0 0 6-6 0z",
    "M0-6L6 5H-6z",
    "M0 6L6-5H-6z",
    "M-2-6h4v4h4v4h-4v4h-4v-4h-4v-4h4z",
    "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0z",
)
"""One shape per colour of the style sheet, p0 to p5; more parties share them, and are told apart by their names."""


SIGNS: Final = "■◆▲▼✚●"
"""The same shapes as characters, for text: a table of thousands has no room for a drawing in each row."""


class Styles:
    """Which class of the style sheet each party has."""

    def __init__(self, parties: Sequence[str]) -> None:
        self._number = {party: i % len(MARKS) for i, party in enumerate(parties)}

    def class_of(self, party: str) -> str:
        """The party's class."""
        return f"p{self._number[party]}"

    def mark(self, party: str) -> Safe:
        """The party's shape in its colour, within text."""
        return el("i", SIGNS[self._number[party]], class_=self.class_of(party))

    def shape(self, party: str, x: float, y: float) -> Safe:
        """The party's shape within a drawing."""
        return el("use", href=f"#m{self._number[party]}", x=x, y=y, class_=f"mark {self.class_of(party)}")


def certainty_mark(certainty: str) -> Safe:
    """A full diamond for certain, a hollow one for possible."""
    return el("i", "◆" if certainty == "certain" else "◇", class_=certainty)


def patterns() -> Safe:
    """The shapes and hatchings that the page's drawings share."""
    hatches = join(
        el(
            "pattern",
            el("path", d="M0 3h6M3 0v6", class_="hatch certain"),
            id="hatch-certain",
            width=6,
            height=6,
            patternUnits="userSpaceOnUse",
            patternTransform="rotate(45)",
        ),
        el(
            "pattern",
            el("path", d="M0 5h10", class_="hatch possible"),
            id="hatch-possible",
            width=10,
            height=10,
            patternUnits="userSpaceOnUse",
            patternTransform="rotate(45)",
        ),
    )
    marks = [el("path", id=f"m{i}", d=d) for i, d in enumerate(MARKS)]
    small = el("path", id="diamond-small", d="M0-4L4 0 0 4-4 0z")
    defs = el("defs", hatches, marks, el("path", id="diamond", d=MARKS[1]), small)
    return el("svg", defs, width=0, height=0, class_="defs", aria_hidden="true")
