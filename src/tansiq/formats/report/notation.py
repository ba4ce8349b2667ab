"""Places, times, altitudes and lengths as charts and watch logs write them: alike in every language.

Each is one piece that runs from left to right, also within Arabic: a band or a window that is read the wrong way
round is a wrong band or window.
"""

import math
from collections.abc import Sequence
from typing import Final

from tansiq.domain.intent import Intent
from tansiq.formats.kit import findings as wire
from tansiq.geometry.band import AltitudeBand
from tansiq.geometry.earth import LatLng
from tansiq.geometry.volume import Volume4D
from tansiq.units import (
    DMM_PER_FOOT,
    DMM_PER_METRE,
    LAST_INSTANT_US,
    METRES_PER_NAUTICAL_MILE,
    US_PER_SECOND,
    Altitude,
    AltitudeUnit,
    Reference,
    format_instant,
)
from tansiq.words import Words

MINUTE_US: Final = 60 * US_PER_SECOND
DMM_PER_LEVEL: Final = 100 * DMM_PER_FOOT
_WHOLE_M: Final = 10.0
_KILOMETRES_M: Final = 10_000.0


def place(point: LatLng) -> str:
    """Degrees, minutes and tenths, as on a chart: 01°29.2'N 001°57.9'E."""
    return f"{angle(point.lat_deg, 'NS', 2, 1)} {angle(point.lng_deg, 'EW', 3, 1)}"


def angle(degrees: float, letters: str, digits: int, decimals: int) -> str:
    """One angle in degrees and minutes with so many decimals."""
    steps = 60 * 10**decimals
    whole, rest = divmod(round(abs(degrees) * steps), steps)
    minutes = f"{rest / 10**decimals:0{3 + decimals if decimals else 2}.{decimals}f}"
    return f"{whole:0{digits}}°{minutes}'{letters[degrees < 0]}"


def instant(instant_us: int) -> str:
    """To the second, as 2030-01-15 10:00:00Z."""
    return f"{format_instant(instant_us - instant_us % US_PER_SECOND)[:19].replace('T', ' ')}Z"


def window(start_us: int | None, end_us: int | None, words: Words) -> str:
    """Date and minutes in UTC, rounded outward: 2030-01-15 10:00-12:00Z."""
    start = words.say("no beginning") if start_us is None else _minute(start_us - start_us % MINUTE_US)
    if end_us is None:
        never = words.say("no end")
        return f"{start}{'' if start_us is None else 'Z'} – {never}"
    # Forever is often written as the last minute of the year 9999, after which there is none.
    end = _minute(min(end_us + -end_us % MINUTE_US, LAST_INSTANT_US))
    if end[:10] == start[:10]:
        return f"{start}–{end[11:]}Z"
    return f"{start}{'' if start_us is None else 'Z'} – {end}Z"


def _minute(instant_us: int) -> str:
    return format_instant(instant_us)[:16].replace("T", " ")


def band(altitudes: AltitudeBand, words: Words) -> str:
    """Both limits as their party wrote them, unit and reference once where they are the same; levels outward."""
    lower, upper = altitudes.lower, altitudes.upper
    if lower is None and upper is None:
        return words.say("all altitudes")
    if lower is None or upper is None:
        return f"{'≤' if lower is None else '≥'} {limit(upper or lower, up=lower is None)}"
    if lower == upper:
        return str(lower)
    if lower.reference is not upper.reference or lower.units is not upper.units:
        return f"{limit(lower, up=False)} – {limit(upper, up=True)}"
    if lower.reference is Reference.FL:
        return f"{limit(lower, up=False)}–{limit(upper, up=True)}"
    joint = "–" if lower.value >= 0 else " – "
    return f"{lower.value:g}{joint}{upper}"


def limit(altitude: Altitude | None, *, up: bool) -> str:
    """One limit; a pressure altitude as the flight level below it, or above it where `up`."""
    assert altitude is not None
    if altitude.reference is not Reference.FL:
        return str(altitude)
    return f"FL{-(-altitude.dmm // DMM_PER_LEVEL) if up else altitude.dmm // DMM_PER_LEVEL:03}"


def shared_band(shared: wire.Altitude, volumes: Sequence[Volume4D], words: Words) -> str:
    """What both bands hold: flight levels, feet where their limits are in feet, else metres; rounded outward."""
    limits = [x for volume in volumes for x in (volume.band.lower, volume.band.upper) if x is not None]
    if shared.reference == Reference.FL.name:
        step_m, text = DMM_PER_LEVEL / DMM_PER_METRE, "FL{:03}"
    elif all(x.units is AltitudeUnit.FT for x in limits):
        step_m, text = DMM_PER_FOOT / DMM_PER_METRE, f"{{}} ft {shared.reference}"
    else:
        step_m, text = 1.0, f"{{}} m {shared.reference}"
    lower = None if shared.lower is None else math.floor(round(shared.lower / step_m, 6))
    upper = None if shared.upper is None else math.ceil(round(shared.upper / step_m, 6))
    if lower is None and upper is None:
        return words.say("all altitudes")
    if lower is None or upper is None:
        return f"≤ {text.format(upper)}" if lower is None else f"≥ {text.format(lower)}"
    return text.format(lower) if lower == upper else f"{text.format(lower)} – {text.format(upper)}"


def gap(metres: float, words: Words) -> str:
    """A gap between two volumes, in metres, or that there is none."""
    if metres == 0:
        return words.say("none")
    return f"{words.number(metres, 0 if metres >= _WHOLE_M else 2)} m"


def horizontal_minimum(metres: float) -> str:
    """A horizontal minimum in nautical miles where it is a round number of them, else in metres."""
    miles = metres / METRES_PER_NAUTICAL_MILE
    return f"{miles:g} NM" if miles and miles == round(miles, 3) else f"{metres:g} m"


def vertical_minimum(metres: float) -> str:
    """A vertical minimum in feet where it is a whole number of them, else in metres."""
    feet = round(metres * DMM_PER_METRE) / DMM_PER_FOOT
    return f"{feet:g} ft" if feet and feet == round(feet) else f"{metres:g} m"


def minimum(row: wire.MinimumRow) -> str | None:
    """Both minima of a pair of kinds, or None where none is set."""
    if not row.horizontal_m and not row.vertical_m:
        return None
    return f"{horizontal_minimum(row.horizontal_m)} / {vertical_minimum(row.vertical_m)}"


def length(metres: float, words: Words) -> str:
    """A length along the surface, in metres or kilometres."""
    if metres >= _KILOMETRES_M:
        return f"{words.number(metres / 1000, 1)} km"
    return f"{words.number(metres, 0 if metres >= _WHOLE_M else 2)} m"


def climb(metres: float, intent: Intent) -> str:
    """A change of height in the unit of the intent's own limits, in metres where it is no whole number of feet."""
    limits = [x for volume in intent.volumes for x in (volume.band.lower, volume.band.upper) if x is not None]
    feet = round(metres * DMM_PER_METRE) / DMM_PER_FOOT
    in_feet = feet == round(feet) and any(x.units.value != "M" for x in limits)
    return f"{feet:g} ft" if in_feet else f"{metres:g} m"
