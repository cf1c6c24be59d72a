"""The adversarial games.

Each owns its discriminator and optimizers and takes one step on a batch.
"""

from training.objectives.base import Objective
from training.objectives.projected import ProjectedObjective
from training.objectives.stylegan2 import StyleGAN2Objective

OBJECTIVES: dict[str, type[Objective]] = {
    "projected": ProjectedObjective,
    "stylegan2": StyleGAN2Objective,
}
