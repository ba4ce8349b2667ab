"""GeoJSON: our own intents without loss, and anybody's shapes, which are read outward.

Source: docs/reference/geojson.md; RFC 7946.
"""

from tansiq.formats.geojson.read import read_geojson
from tansiq.formats.geojson.write import write_geojson

__all__ = ["read_geojson", "write_geojson"]
