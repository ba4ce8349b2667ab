"""KML and KMZ: our own intents without loss, and anybody's shapes, which are read outward.

Source: docs/reference/kml.md; OGC KML 2.2 (07-147r2) and 2.3 (12-007r2).
"""

from tansiq.formats.kml.kmz import read_kmz, write_kmz
from tansiq.formats.kml.read import read_kml
from tansiq.formats.kml.write import write_kml

__all__ = ["read_kml", "read_kmz", "write_kml", "write_kmz"]
