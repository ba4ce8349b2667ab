"""The kernels' distance of two points, `narrow.arc_m`, strays from GeographicLib's by less than it says."""

from typing import Final

import numpy as np
import pytest

from tansiq.conflict.jit import helper
from tansiq.conflict.narrow import ERROR_PER_D5, arc_m
from tansiq.geometry.earth import FloatArray, ecef_m
from tests.authority.globe import GEOD

NOISE_M: Final = 1e-8
"""The last bit of an ECEF coordinate is a nanometre."""
LENGTHS_M: Final = [1.0, 30.0, 1_000.0, 20_000.0, 100_000.0, 300_000.0, 1_000_000.0, 2_000_000.0, 4_000_000.0]


@helper
def arcs_m(a: FloatArray, b: FloatArray) -> FloatArray:
    out = np.empty(len(a))
    for k in range(len(a)):
        out[k] = arc_m(a[k, 0], a[k, 1], a[k, 2], b[k, 0], b[k, 1], b[k, 2])
    return out


def errors_m(length_m: float, count: int = 4_000) -> FloatArray:
    """How far the kernel is off for ways of about this length, in every direction from every latitude."""
    rng = np.random.default_rng(int(length_m))
    lat = np.concatenate(
        [np.degrees(np.arcsin(rng.uniform(-1, 1, count - 200))), np.repeat([0.0, 90.0, -90.0, 45.0], 50)]
    )
    lng, azimuth = rng.uniform(-180, 180, count), rng.uniform(0, 360, count)
    # Meridians and parallels are where the error is least and greatest.
    azimuth[: count // 4] = rng.choice([0.0, 90.0, 180.0, 270.0], count // 4)
    end_lng, end_lat, _ = GEOD.fwd(lng, lat, azimuth, np.full(count, length_m))
    _, _, want_m = GEOD.inv(lng, lat, end_lng, end_lat)
    return np.asarray(arcs_m(ecef_m(lat, lng), ecef_m(np.asarray(end_lat), np.asarray(end_lng))) - want_m)


@pytest.mark.parametrize("length_m", LENGTHS_M)
def test_the_error_is_below_its_bound(length_m: float) -> None:
    # Coordinates are rounded before the kernel sees them: half a nanometre each, six of them, two figures of safety.
    assert np.abs(errors_m(length_m)).max() <= ERROR_PER_D5 * length_m**5 + NOISE_M


def test_the_figures_that_the_module_names() -> None:
    assert np.abs(errors_m(100_000.0)).max() < 0.3e-6
    assert np.abs(errors_m(1_000_000.0)).max() < 0.0265


def test_the_same_point_is_no_distance_away() -> None:
    here = ecef_m(np.array([12.0, 90.0]), np.array([180.0, 3.0]))
    assert arcs_m(here, here).tolist() == [0.0, 0.0]
