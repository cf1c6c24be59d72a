"""One run in several processes, a GPU each, as `torchrun` starts them.

Each takes its part of every batch; gradients are averaged before each step of an optimizer, so that
all hold the same weights. Without `torchrun` everything here is the identity.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, distributed

from training.discriminator import MBSTD_GROUP


@contextmanager
def processes() -> Iterator[None]:
    """Join the other processes of the run while in the context, if `torchrun` started this one."""
    if "RANK" not in os.environ:
        yield
        return
    cuda = torch.cuda.is_available()
    if cuda:
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    distributed.init_process_group("nccl" if cuda else "gloo")
    try:
        yield
    finally:
        distributed.destroy_process_group()


def rank() -> int:
    """Number of this process, from 0."""
    return distributed.get_rank() if distributed.is_initialized() else 0


def first() -> bool:
    """Whether this is the process that prints, draws and saves."""
    return rank() == 0


def count() -> int:
    """How many processes the run has."""
    return distributed.get_world_size() if distributed.is_initialized() else 1


def part(batch: int) -> Tensor:
    """Indices of this process's samples of a batch.

    They are whole groups of the minibatch standard deviation (sample i is in group i mod
    batch / 4), so that several processes compute what a single one does.
    """
    if count() == 1:
        return torch.arange(batch)
    unit = MBSTD_GROUP * count()
    if batch % unit:
        raise ValueError(f"batch: {batch} is not allowed; allowed: a multiple of {unit}")
    return torch.arange(batch).reshape(MBSTD_GROUP, count(), -1)[:, rank()].flatten()


def mean(value: Tensor) -> Tensor:
    """The mean of `value`, of any shape, over all processes."""
    if count() == 1:
        return value
    total = value.detach().clone()
    distributed.all_reduce(total)
    return total / count()


def average_gradients(optimizer: torch.optim.Optimizer) -> None:
    """Have `optimizer` step along the mean of the gradients of all processes."""
    if count() > 1:
        optimizer.register_step_pre_hook(_average)


def _average(optimizer: torch.optim.Optimizer, *_: Any) -> None:
    gradients = [
        p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None
    ]
    if not gradients:
        return
    flat = mean(torch.cat([g.flatten() for g in gradients]))
    for gradient, averaged in zip(
        gradients, flat.split([g.numel() for g in gradients]), strict=True
    ):
        gradient.copy_(averaged.view_as(gradient))


def gather(value: Tensor) -> list[Tensor]:
    """`value` of every process, in their order; of one shape and type."""
    if count() == 1:
        return [value]
    values = [torch.empty_like(value) for _ in range(count())]
    distributed.all_gather(values, value)
    return values
