"""What a check found, as records: `tansiq-conflicts/1` writes them, and the report for people is made of them.

Source: docs/reference/conflicts.md.
"""

from msgspec import Struct


class File(Struct):
    """A file that was read, with the SHA-256 of its bytes."""

    name: str
    sha256: str


class Checked(Struct):
    """What was looked at."""

    intents: int
    volumes: int
    files: list[File]


class MinimumRow(Struct):
    """The minimum of one pair of kinds, in metres."""

    horizontal_m: float
    vertical_m: float


class NotChecked(Struct):
    """Something that was not looked at, and why: it is not clear."""

    what: str
    why: str


class Side(Struct):
    """One side of a conflict; `file` is an index into checked.files."""

    id: str
    party: str
    file: int


class Time(Struct):
    """The instants that both volumes hold; null is unbounded."""

    start: str | None
    end: str | None


class Altitude(Struct):
    """The band that both volumes hold, in metres from the reference; null is unbounded."""

    lower: float | None
    upper: float | None
    reference: str | None


class Place(Struct):
    """A point of the surface, degrees."""

    lat: float
    lng: float


class Explanation(Struct, omit_defaults=True):
    """Why a pair of volumes is in conflict. Lengths in metres, areas in square metres.

    `cause`: `overlap` (they meet), `too_near` (nearer than both minima), and where it is no more than possible
    `touching` (they meet within 1 cm), `at_the_minimum` (to 1 cm), `altitude_references` (limits of references
    that can not be told apart), `ground_at_two_places`, `estimated_window` (such as daylight).
    """

    cause: str
    minimum: MinimumRow
    place: Place
    """Where to look on a chart."""
    closest: tuple[Place, Place] | None = None
    """The nearest points of the two footprints, `a` first, where they do not meet."""
    shared: list[list[Place]] | None = None
    """What both footprints hold, as rings, where they meet; true to steps along curved outlines."""
    shared_area_m2: float | None = None


class Overlap(Struct, omit_defaults=True):
    """One pair of volumes in conflict."""

    pair: tuple[int, int]
    time: Time
    altitude: Altitude | None
    horizontal_gap_m: float
    vertical_gap_m: float
    certainty: str
    explanation: Explanation | None = None
    """With `--explain`, `--suggest` or `--report`."""


class Suggestion(Struct, omit_defaults=True):
    """A shift of one whole intent that clears the conflict and creates none; one of the three is not 0.

    `by_min` minutes later (or earlier, below 0), `by_up_m` metres higher (or lower), `by_m` metres along the surface
    on the bearing of `bearing_deg`. `cost` counts steps of the grid.
    """

    moves: str  # "a" or "b"
    cost: int
    by_min: int = 0
    by_up_m: float = 0.0
    by_m: int = 0
    bearing_deg: float = 0.0


class Conflict(Struct, omit_defaults=True):
    """One pair of intents in conflict."""

    a: Side
    b: Side
    certainty: str
    volume_pairs: list[tuple[int, int]]
    overlaps: list[Overlap]
    suggestions: list[Suggestion] | None = None
    """With `--suggest`, the cheapest first; empty where nothing within the limits clears it."""


class NotKept(Struct):
    """What of a file could not be kept as it is; `instead` holds at least as much space and time."""

    file: int
    record: str
    field: str
    what: str
    instead: str


class Report(Struct, omit_defaults=True):
    """All that a check found."""

    format: str
    as_of: str
    checked: Checked
    minima: dict[str, MinimumRow]
    not_checked: list[NotChecked]
    conflicts: list[Conflict]
    not_kept: list[NotKept] = []
    """Missing where there is nothing such."""
