"""Image-space filtering: four octaves of detail, each louder or quieter.

The filter bank is that of the sym2 wavelet, which splits a signal at 1/8, 1/4 and 1/2 of its
bandwidth without changing its sum. Source: Karras et al. 2020, arXiv 2006.06676, appendix B,
"image-space filtering".
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from training.augmentation.draws import Draws
from training.augmentation.mirror import mirror_pad

# the scaling filter of the symlet with two vanishing moments (Daubechies 1992, table 6.1)
SYM2 = (-0.12940952255126037, 0.2241438680420134, 0.8365163037378079, 0.48296291314453414)
LOUDNESS = 1.0  # deviation of each band's gain, in octaves
POWER = (10 / 13, 1 / 13, 1 / 13, 1 / 13)  # of the bands in a natural picture, 1/f² about


def filter_bank() -> NDArray[np.float64]:
    """Taps (4, 43) of the bands, lowest first: symmetric, and an impulse together."""
    low = np.convolve(SYM2, SYM2[::-1]) / 2
    high = low * (-1.0) ** (np.arange(7) - 3)
    rest, bands = np.ones(1), []
    for octave in range(3):
        step = 2**octave
        bands.append(np.convolve(rest, _spread(high, step)))
        rest = np.convolve(rest, _spread(low, step))
    bands.append(rest)
    width = len(rest)
    return np.stack([np.pad(band, (width - len(band)) // 2) for band in reversed(bands)])


def _spread(taps: NDArray[np.float64], step: int) -> NDArray[np.float64]:
    """The filter one or more octaves down: H(z) to H(z^step)."""
    spread = np.zeros((len(taps) - 1) * step + 1)
    spread[::step] = taps
    return spread


BANDS = filter_bank()


def draw_gains(draws: Draws) -> Tensor:
    """Gains (batch, 4) of the bands; each band's draw keeps the picture's expected power."""
    gains = torch.cat([draws.log_normal(LOUDNESS) for _ in POWER], dim=1)
    power = torch.tensor(POWER, device=draws.device)
    return gains / (1 + power * (gains.square() - 1)).sqrt().prod(dim=1, keepdim=True)


def equalise(images: Tensor, gains: Tensor) -> Tensor:
    """Filter each picture down and across by its bands times `gains` (batch, 4)."""
    batch, channels = images.shape[:2]
    taps = gains.to(images.dtype) @ torch.tensor(BANDS, dtype=images.dtype, device=images.device)
    taps = taps.repeat_interleave(channels, dim=0)[:, None]
    padded = mirror_pad(images, BANDS.shape[1] // 2).flatten(0, 1)[None]
    across = F.conv2d(padded, taps[:, :, None], groups=batch * channels)
    return F.conv2d(across, taps[..., None], groups=batch * channels).view_as(images)


def filter_bands(images: Tensor, draws: Draws) -> Tensor:
    """Change the loudness of each picture's bands by its own draws."""
    return equalise(images, draw_gains(draws))
