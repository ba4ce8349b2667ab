"""The chart that a map is drawn on: true distances and bearings from its middle, anywhere on the globe.

An azimuthal equidistant projection about a point of the surface. Nothing is computed in longitude, so the poles
and 180 degrees are places like others; only what lies opposite the middle has no place on it.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from tansiq.formats.report.shapes import cross, frame
from tansiq.geometry.earth import FloatArray, LatLng, ecef_m, lat_lng, on_surface_m

LEAST_WIDTH_M: Final = 200.0
ROOM: Final = 1.25
"""How much wider the view is than what it must show."""
FOCUS: Final = 5.0
"""A view is at most so many times as wide as the conflicts themselves, however large the volumes are."""
FAR: Final = math.pi * 0.98
NOTHING: Final = 1e-12
STEPS_DEG: Final = (
    30.0, 15.0, 10.0, 5.0, 2.0, 1.0, 0.5, 1 / 3, 1 / 6, 1 / 12, 1 / 30, 1 / 60,
    1 / 120, 1 / 300, 1 / 600, 1 / 1200, 1 / 3000, 1 / 6000,
)  # fmt: skip
LINES: Final = 4

Axes = tuple[FloatArray, FloatArray, FloatArray]


@dataclass(frozen=True)
class Chart:
    """A frame of width x height pixels; `scale` is pixels per metre, `shift` the pixel of the middle.

    On a coarse one outlines are drawn to a pixel, else to a tenth.
    """

    width: float
    height: float
    middle_m: FloatArray
    scale: float
    shift: tuple[float, float]
    coarse: bool = False

    @property
    def fine(self) -> float:
        """Pixels that an outline may be off where points are left out."""
        return 0.7 if self.coarse else 0.3

    @cached_property
    def axes(self) -> Axes:
        """Outward, north and east at the middle."""
        return _axes(self.middle_m)

    def project(self, points_m: FloatArray) -> FloatArray:
        """The (n, 2) pixels of (n, 3) ECEF surface points, x to the right, y down."""
        return np.asarray(_flat_m(self.middle_m, points_m, self.axes) * (self.scale, -self.scale) + self.shift)

    def place(self, x: float, y: float) -> LatLng | None:
        """The place at this pixel, or None beyond the globe's far side."""
        up, north, east = self.axes
        dx, dy = (x - self.shift[0]) / self.scale, (self.shift[1] - y) / self.scale
        away_m = math.hypot(dx, dy)
        radius_m = float(np.linalg.norm(self.middle_m))
        angle = away_m / radius_m
        if angle > FAR:
            return None
        if away_m == 0:
            return lat_lng(on_surface_m(self.middle_m))
        direction = math.cos(angle) * up + math.sin(angle) * (dx * east + dy * north) / away_m
        return lat_lng(on_surface_m(direction))

    def holds(self, x: float, y: float, room: float = 0.0) -> bool:
        """Whether the pixel lies in the frame, with so much room to its border."""
        return room <= x <= self.width - room and room <= y <= self.height - room


def _axes(middle_m: FloatArray) -> Axes:
    """Outward, north and east at the middle, as seen from the Earth's centre."""
    outward = middle_m / np.linalg.norm(middle_m)
    _, north, _ = frame(middle_m)
    north = north - (north @ outward) * outward
    north = north / np.linalg.norm(north)
    return outward, north, cross(north, outward)


def _flat_m(middle_m: FloatArray, points_m: FloatArray, axes: Axes | None = None) -> FloatArray:
    outward, north, east = axes or _axes(middle_m)
    unit = points_m / np.sqrt((points_m**2).sum(axis=1))[:, None]
    x, y = unit @ east, unit @ north
    sine = np.hypot(x, y)
    angle = np.minimum(np.arctan2(sine, unit @ outward), FAR)
    stretch = np.where(sine > NOTHING, angle / np.maximum(sine, NOTHING), 1.0) * float(np.linalg.norm(middle_m))
    return np.stack([x * stretch, y * stretch], axis=1)


def chart_for(
    focus_m: FloatArray, around_m: Sequence[FloatArray], width: float, height: float, *, coarse: bool = False
) -> Chart:
    """The chart that shows the focus, (n, 3), and of the rings around it as much as leaves the focus legible."""
    middle_m = _middle_m(focus_m)
    axes = _axes(middle_m)
    flat = _flat_m(middle_m, focus_m, axes)
    low, high = flat.min(axis=0), flat.max(axis=0)
    sizes_m, all_low, all_high = [LEAST_WIDTH_M], low, high
    for ring in around_m:
        shape = _flat_m(middle_m, ring, axes)
        ring_low, ring_high = shape.min(axis=0), shape.max(axis=0)
        sizes_m.append(float((ring_high - ring_low).max()))
        all_low, all_high = np.minimum(all_low, ring_low), np.maximum(all_high, ring_high)
    room_m = max(FOCUS * float((high - low).max()), 1.5 * float(np.median(sizes_m)), LEAST_WIDTH_M)
    center, half = (low + high) / 2, np.full(2, room_m / 2)
    low, high = (
        np.maximum(all_low, np.minimum(low, center - half)),
        np.minimum(all_high, np.maximum(high, center + half)),
    )
    extent = np.maximum(high - low, LEAST_WIDTH_M)
    scale = float(min(width / extent[0], height / extent[1])) / ROOM
    center = (low + high) / 2
    return Chart(
        width, height, middle_m, scale, (width / 2 - scale * center[0], height / 2 + scale * center[1]), coarse
    )


def _middle_m(points_m: FloatArray) -> FloatArray:
    """The surface point in the middle of these, or the first of them where they lie all over the globe."""
    total = (points_m / np.sqrt((points_m**2).sum(axis=1))[:, None]).sum(axis=0)
    spread = float(np.linalg.norm(total)) < 0.05 * len(points_m)
    return on_surface_m(points_m[0] if spread else total)


@dataclass(frozen=True)
class GridLine:
    """A parallel or a meridian as drawn: its pixels, not a number where it is not, and its degrees."""

    points: FloatArray
    lat_deg: float | None
    lng_deg: float | None


def grid(chart: Chart) -> Iterator[GridLine]:
    """Parallels and meridians at round numbers, about LINES of each."""
    places = [chart.place(x, y) for x in np.linspace(0, chart.width, 17) for y in np.linspace(0, chart.height, 17)]
    seen = [place for place in places if place is not None]
    lats = [place.lat_deg for place in seen]
    home_deg = lat_lng(chart.middle_m).lng_deg
    aside = [(place.lng_deg - home_deg + 180) % 360 - 180 for place in seen]
    low, high = min(lats), max(lats)
    west, east = home_deg + min(aside), home_deg + max(aside)
    for sign in (1, -1):
        x, y = chart.project(ecef_m(np.array([90.0 * sign]), np.array([0.0])))[0]
        pole_m = np.array([0.0, 0.0, float(sign)])
        if chart.holds(float(x), float(y)) and float(pole_m @ chart.middle_m) > 0:
            low, high, west, east = min(low, 90.0 * sign), max(high, 90.0 * sign), home_deg - 180, home_deg + 180
    # At a pole the meridians would run together: fewer of them, and longer steps.
    step = _step_deg(high - low)
    for k in range(math.ceil(low / step), math.floor(high / step) + 1):
        if abs(k * step) < 90 - 1e-9:
            turns = np.linspace(west, east, 181)
            yield GridLine(_seen(chart, ecef_m(np.full(181, k * step), turns)), k * step, None)
    step = _step_deg(east - west)
    first, last = math.ceil(west / step), math.floor(east / step)
    # All round a pole the first meridian is not drawn again as the last one.
    for k in range(first, min(last, first + round(360 / step) - 1) + 1):
        rises = np.linspace(max(low, -89.999999), min(high, 89.999999), 91)
        yield GridLine(_seen(chart, ecef_m(rises, np.full(91, k * step))), None, (k * step + 180) % 360 - 180)


def _seen(chart: Chart, points_m: FloatArray) -> FloatArray:
    """The pixels, and no number where the point lies so near to the far side that its place there means nothing."""
    cosine = (points_m @ chart.middle_m) / np.linalg.norm(points_m, axis=1) / np.linalg.norm(chart.middle_m)
    return np.where(cosine[:, None] < math.cos(FAR), np.nan, chart.project(points_m))


def _step_deg(span_deg: float) -> float:
    """The coarsest step with at least LINES lines."""
    return next((step for step in STEPS_DEG if span_deg / step >= LINES), STEPS_DEG[-1])


def bar_m(chart: Chart, most: float, unit_m: float) -> float:
    """The greatest round number of these units whose bar is at most so many pixels long."""
    exact = most / chart.scale / unit_m
    size = 10.0 ** math.floor(math.log10(exact))
    return float(next(size * step for step in (5, 2, 1) if size * step <= exact))
