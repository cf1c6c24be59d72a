"""An experiment's runs, one after the other, each going on from where it stopped.

The state of an arm is its run folder (training/runfolder.py): `checkpoint.safetensors` says how far
it is, `log.jsonl` what was measured.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from rich.console import Console

from training import checkpoint
from training.checkpoint import Checkpoint, require_same
from training.config import TrainConfig
from training.experiments.config import Arm, Experiment
from training.loop import Training
from training.runfolder import LAST


def run(
    experiment: Experiment,
    console: Console,
    on_arm: Callable[[Arm], None],
    only: Sequence[str] = (),
) -> None:
    """Train the base and every arm to the end; `on_arm` hears of each arm that has got there.

    `only` are the slugs of the runs that are trained, in the experiment's order; all without it.
    Ctrl-C saves the run at hand and ends; the next call goes on from there. Raises ValueError for
    an unknown slug, for a run folder that was trained with other options, and for an arm that
    takes from a base that is not there yet.
    """
    runs = [experiment.base, *experiment.arms]
    slugs = [arm.slug for arm in runs]
    for slug in only:
        if slug not in slugs:
            raise ValueError(f"only: {slug!r} is not allowed; allowed: {', '.join(slugs)}")
    for number, arm in enumerate(runs):
        if only and arm.slug not in only:
            continue
        console.print(
            f"\\[{number}/{len(experiment.arms)}] {arm.title}", highlight=False, soft_wrap=True
        )
        train(arm.config, experiment.base.config, console)
        if arm is not experiment.base:
            on_arm(arm)


def train(config: TrainConfig, base: TrainConfig, console: Console) -> None:
    """Train one run to its end, from the base if it transfers, from where it stopped if it did."""
    last = Path(config.run) / LAST
    resume = checkpoint.load(last) if last.exists() else None
    if resume is not None:
        config = _same(resume, config)
        if resume.kimg >= config.kimg:
            return
    transfers = config.transfer != "none" and resume is None
    Training(config, resume, _trained(base) if transfers else None).run(console)


def _trained(base: TrainConfig) -> Checkpoint:
    last = Path(base.run) / LAST
    found = checkpoint.load(last) if last.exists() else None
    if found is None or found.kimg < base.kimg:
        raise ValueError(f"{last}: the base has to be trained to {base.kimg:g} kimg before that")
    return found


def _same(resume: Checkpoint, config: TrainConfig) -> TrainConfig:
    """The options of a run that goes on; they must be those it began with, but for its length and
    where its files are."""
    began = replace(
        resume.config,
        kimg=config.kimg,
        run=config.run,
        data=config.data,
        metric_features=config.metric_features,
    )
    theirs = began.generator
    shape = replace(config.generator, classes=theirs.classes, hyper_rank=theirs.hyper_rank)
    wanted = replace(config, generator=shape)
    require_same(_flat(began), _flat(wanted), f"{config.run}: was begun with other options")
    return began


def _flat(config: TrainConfig) -> dict[str, object]:
    values = asdict(config)
    return {**values.pop("generator"), **values}
