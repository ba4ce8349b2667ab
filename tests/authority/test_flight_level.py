"""A pressure altitude lies within its bounds above sea level in every atmosphere that they were made for.

The column is hydrostatic, its sea-level pressure 870 to 1084 hPa (the lowest and highest on record), its temperature
at each pressure 25 % below to 15 % above the standard atmosphere's, gravity that of the equator or of a pole.

Sources: ICAO Doc 7488 / ISO 2533 for the standard atmosphere and its reference points; the hypsometric equation
H = integral of R T / g0 dlnp; WMO records for the pressures; docs/adr/0002-units-and-datum.md for the choice.
"""

import math
from typing import Final

import pytest

from tansiq.geometry.band import amsl_bounds_dmm
from tansiq.units import DMM_PER_METRE, Reference

GRAVITY: Final = 9.80665
GAS_CONSTANT: Final = 287.05287
RADIUS_M: Final = 6_356_766.0
SEA_LEVEL_HPA: Final = 1013.25
# Base (m), temperature there (K), gradient (K/m), top (m).
LAYERS: Final = [
    (-5_000.0, 320.65, -0.0065, 11_000.0),
    (11_000.0, 216.65, 0.0, 20_000.0),
    (20_000.0, 216.65, 0.001, 32_000.0),
    (32_000.0, 228.65, 0.0028, 47_000.0),
]

PRESSURES_HPA: Final = (870.0, 1084.0)
WIDER_HPA: Final = (860.0, 1094.3)
"""Ten hectopascals more to either side: the bounds have that much to spare."""
WARMTH: Final = (0.75, 1.15)
POLE_AND_EQUATOR: Final = (9.780, 9.833)


def standard_k(h_m: float) -> float:
    """The temperature of the standard atmosphere."""
    base_m, base_k, gradient, _ = [layer for layer in LAYERS if h_m >= layer[0]][-1]
    return base_k + gradient * (h_m - base_m)


def standard_hpa(h_m: float) -> float:
    """The pressure of the standard atmosphere."""
    pressure, at_m = SEA_LEVEL_HPA, 0.0
    for base_m, base_k, gradient, top_m in LAYERS:
        if 0 < base_m >= h_m:
            break
        to_m, from_k = min(h_m, top_m), base_k + gradient * (at_m - base_m)
        if gradient == 0:
            pressure *= math.exp(-GRAVITY * (to_m - at_m) / (GAS_CONSTANT * from_k))
        else:
            to_k = from_k + gradient * (to_m - at_m)
            pressure *= (to_k / from_k) ** (-GRAVITY / (GAS_CONSTANT * gradient))
        at_m = to_m
    return pressure


def standard_m(hpa: float) -> float:
    """The pressure altitude of this pressure."""
    low, high = -5_000.0, 47_000.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if standard_hpa(middle) > hpa else (low, middle)
    return low


def column_m(h_m: float, sea_level_hpa: float, warmth: float, steps: int = 400) -> float:
    """How high above the sea the pressure level h lies, by summing the column."""
    bottom, top = math.log(sea_level_hpa), math.log(standard_hpa(h_m))
    slices = [top + (bottom - top) * k / steps for k in range(steps + 1)]
    values = [GAS_CONSTANT * warmth * standard_k(standard_m(math.exp(x))) / GRAVITY for x in slices]
    return (sum(values) - (values[0] + values[-1]) / 2) * (bottom - top) / steps


def extremes_m(h_m: float, pressures_hpa: tuple[float, float]) -> tuple[float, float]:
    """The least and greatest true height of the level: in closed form, from geopotential to metres."""
    heights = [
        warmth * (h_m - standard_m(hpa)) * GRAVITY / gravity
        for hpa in pressures_hpa
        for warmth in WARMTH
        for gravity in POLE_AND_EQUATOR
    ]
    low, high = min(heights), max(heights)
    return RADIUS_M * low / (RADIUS_M - low), RADIUS_M * high / (RADIUS_M - high)


@pytest.mark.parametrize(("h_m", "hpa"), [(-1_000, 1139.29), (11_000, 226.321), (20_000, 54.7489), (32_000, 8.68019)])
def test_the_atmosphere_is_the_standard_one(h_m: float, hpa: float) -> None:
    assert standard_hpa(h_m) == pytest.approx(hpa, rel=2e-5)


def test_the_closed_form_is_the_sum_over_the_column() -> None:
    # T / T_isa is one factor at every pressure, so the integral is that factor times the difference of altitudes.
    for h_m in (-600.0, 5_000.0, 30_000.0):
        for hpa, warmth in zip(PRESSURES_HPA, WARMTH, strict=True):
            assert column_m(h_m, hpa, warmth) == pytest.approx(warmth * (h_m - standard_m(hpa)), abs=1.0)


@pytest.mark.parametrize("pressures_hpa", [PRESSURES_HPA, WIDER_HPA])
def test_the_bounds_enclose_every_column_from_1000_m_below_to_30_km(pressures_hpa: tuple[float, float]) -> None:
    for h_m in range(-1_000, 30_001, 250):
        low_dmm, high_dmm = amsl_bounds_dmm(Reference.FL, h_m * DMM_PER_METRE)
        low_m, high_m = extremes_m(float(h_m), pressures_hpa)
        assert low_dmm / DMM_PER_METRE < low_m
        assert high_m < high_dmm / DMM_PER_METRE


def test_the_estimate_that_the_bounds_replace_was_too_narrow() -> None:
    # The first estimate was 0.75 h - 1,500 m to 1.15 h + 700 m.
    assert extremes_m(-1_000.0, PRESSURES_HPA)[0] < 0.75 * -1_000 - 1_500
    assert extremes_m(30_000.0, PRESSURES_HPA)[1] > 1.15 * 30_000 + 700
