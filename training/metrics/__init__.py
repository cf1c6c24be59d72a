"""How near generated skies are to real ones, in the features of any network.

`evaluate` (training/evaluate.py) takes all of these figures of a model file; alone they are:

    network = FeatureNetwork(path)                 pictures -> features (n, d)
    frechet_distance, kernel_distance, diversity   of two sets of features, or within one
    precision, recall                              coverage of one set by the other
    score                                          all of these at once
    sample                                         pictures from a model file
"""

from training.metrics.coverage import precision, recall
from training.metrics.distances import diversity, frechet_distance, kernel_distance
from training.metrics.features import FeatureNetwork
from training.metrics.samples import sample
from training.metrics.scores import Scores, score

__all__ = [
    "FeatureNetwork",
    "Scores",
    "diversity",
    "frechet_distance",
    "kernel_distance",
    "precision",
    "recall",
    "sample",
    "score",
]
