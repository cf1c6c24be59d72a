"""The eleven cloud types of the CCSN database, in its order."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CloudType:
    """A class of sky: two-letter `code`, Latin `name`, one line on how it looks."""

    code: str
    name: str
    description: str


CLOUD_TYPES = (
    CloudType("Ac", "altocumulus", "rows and patches of small, rounded mid-level heaps"),
    CloudType("As", "altostratus", "an even grey veil that dims the sun as frosted glass would"),
    CloudType("Cb", "cumulonimbus", "a towering thunderhead, dark below, spreading above"),
    CloudType("Cc", "cirrocumulus", "a high, fine grain of tiny ripples"),
    CloudType("Ci", "cirrus", "high, thin, silky streaks"),
    CloudType("Cs", "cirrostratus", "a thin, milky veil over the whole sky"),
    CloudType("Ct", "contrail", "straight trails that aircraft leave behind"),
    CloudType("Cu", "cumulus", "white, flat-based fair-weather heaps on blue"),
    CloudType("Ns", "nimbostratus", "a thick, dark, even layer that rains"),
    CloudType("Sc", "stratocumulus", "a low, lumpy layer with gaps of light"),
    CloudType("St", "stratus", "a low, featureless grey sheet, fog off the ground"),
)
