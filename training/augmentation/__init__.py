"""Augmentation of what the discriminator sees, differentiable, with the same odds for reals and
fakes.

`AdaptiveAugment` in adaptive.py is the pipeline of StyleGAN2-ADA; each of its operations has a
module: blit, geometry, colour, bands (image-space filtering), corruption (noise and cutout).
`DifferentiableAugment` in differentiable.py is a shorter one with fixed odds. Pictures are
(batch, 3, size, size) float32 in [-1, 1].
"""

from training.augmentation.adaptive import EVERY, PUBLISHED, AdaptiveAugment
from training.augmentation.differentiable import DifferentiableAugment

__all__ = ["EVERY", "PUBLISHED", "AdaptiveAugment", "DifferentiableAugment"]
