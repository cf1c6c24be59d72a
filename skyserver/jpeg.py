"""How many scans a JPEG has, before anything decodes it.

A progressive JPEG draws the whole picture again in each scan, which may be a few bytes: a file of a
megabyte would keep a decoder busy for minutes. Source: ITU-T T.81, B.1 and B.2.
"""

from __future__ import annotations

import re
from typing import Final

SIGNATURE: Final = b"\xff\xd8\xff"

# A marker that begins a segment or ends the picture. All others stand alone, or are none: a decoder
# that looks for its next restart passes over them byte by byte, and so does this.
_MARKER: Final = re.compile(rb"\xff+([\xc0-\xcf\xd9-\xfe])")
_END_OF_IMAGE, _START_OF_SCAN = b"\xd9", b"\xda"


def scans(data: bytes) -> int:
    """Return the number of scans of a file's first picture."""
    count, at = 0, len(SIGNATURE) - 1
    while (marker := _MARKER.search(data, at)) and marker[1] != _END_OF_IMAGE:
        count += marker[1] == _START_OF_SCAN
        at = marker.end() + int.from_bytes(data[marker.end() : marker.end() + 2])
    return count
