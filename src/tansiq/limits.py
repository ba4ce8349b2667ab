"""Every limit of tansiq in one record, with what happens past it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What an input may be; past a limit it is refused with the code named in the comment."""

    vertices_per_footprint: int = 10_000  # limit_exceeded; the figure F3548 names for a USS
    footprint_reach_m: float = 5_000_000.0  # footprint_too_large; keeps every footprint well inside a hemisphere
    outline_m: float = (
        100_000_000.0  # footprint_too_large; the length of all edges, so that dense outlines stay bounded
    )
    minimum_m: float = 1_000_000.0  # out_of_range; a separation minimum, horizontal or vertical
    altitude_min_m: float = -8_000.0  # out_of_range; F3548 Altitude
    altitude_max_m: float = 100_000.0  # out_of_range; F3548 Altitude
    file_bytes: int = 1_000_000_000  # limit_exceeded, after unpacking
    volumes: int = 2_000_000  # limit_exceeded; per run of a check
    conflicts: int = 2_000_000  # limit_exceeded; pairs of volumes found in a run, two kilobytes of memory each
    live_points: int = 100_000_000  # limit_exceeded; rows of outlines in an index, 24 bytes each
    id_characters: int = 200  # limit_exceeded; ids, party names, intent names
    findings_per_file: int = 1_000  # the rest is counted, not listed


LIMITS = Limits()
