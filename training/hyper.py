"""Hyper-modulation: classes for an unconditional generator whose weights stay frozen.

Source: Laria et al. 2021, "Transferring Unconditional to Conditional GANs with Hyper-Modulation",
arXiv 2112.02219. A small network makes a code t of the class, and heads on t modulate the source's
weights, standardised over their taps, W^ = (W - mu) / sigma, before the style does:
W(t) = s (Gamma(t) * W^ + B(t)), b(t) = b^ + beta(t).

Three things differ from the paper. Its heads give Gamma and B in full, out x in numbers each (268 M
parameters at 256²); here they are the source's own plus a change of low rank,
Gamma(t) = sigma / s + U diag(gamma(t)) V^T, and B(t) likewise with mu / s. Its s is sqrt(2 / fan
in); here it is the root mean square of the source's weights, so that the heads count in units of
what they change. And the paper aligns the heads to the source with ten thousand steps of Adam on
the distance of all features; as these heads are affine in t, the minimum is known: see
`HyperGenerator.align`.
"""

from __future__ import annotations

import math
from dataclasses import replace

import torch
from torch import Tensor, nn

from training.discriminator import Discriminator
from training.layers import FullyConnectedLayer, normalize_second_moment
from training.network import (
    Generator,
    GeneratorConfig,
    MappingNetwork,
    SynthesisBlock,
    SynthesisLayer,
)

RANK = 32  # of the heads; about three directions for each cloud type
CODE = 64  # numbers in a class's code
CODE_LAYERS = 4
CODE_LR = 0.01  # learning rate of the code's layers, as a factor
TWINS_REDUNDANCY = 0.005  # weight of the off-diagonal correlations


class ClassCodes(nn.Module):
    """What sets the classes apart: an embedding and a small network on it."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.embed = nn.Parameter(torch.randn(classes, CODE))
        self.layers = nn.Sequential(
            *(FullyConnectedLayer(CODE, CODE, "lrelu", CODE_LR) for _ in range(CODE_LAYERS))
        )

    def forward(self) -> Tensor:
        """The code of each class, (classes, 64)."""
        codes: Tensor = self.layers(normalize_second_moment(self.embed))
        return codes


class HyperMapping(MappingNetwork):
    """The source's mapping, frozen; the style of a hyper-modulated generator is w with the code of
    the class behind it, (batch, w_dim + 64), so that styles mix with their classes.

    A mixture of classes has the mixture of their codes.
    """

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__(replace(config, classes=0, hyper_rank=0))
        self.requires_grad_(False)
        self.codes = ClassCodes(config.classes)

    def forward(self, z: Tensor, c: Tensor | None) -> Tensor:
        """One style for each row of z, without truncation; classes are not optional here."""
        if c is None:
            raise ValueError("c: None is not allowed; allowed: class weights (batch, classes)")
        return torch.cat([super().forward(z, None), c.float() @ self.codes()], dim=1)

    def truncate(self, w: Tensor, psi: float | Tensor) -> Tensor:
        """Pull the style towards the source's average and leave the class alone."""
        return torch.cat([super().truncate(w[..., :-CODE], psi), w[..., -CODE:]], dim=-1)

    def track_average(self, w: Tensor, decay: float = 0.995) -> None:
        """The mapping is frozen, and so is its average."""


class StyleAffine(FullyConnectedLayer):
    """An affine layer of the source: reads w and leaves the class's code behind it."""

    def __init__(self, layer: FullyConnectedLayer) -> None:
        out_features, in_features = layer.weight.shape
        super().__init__(in_features, out_features)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, w_dim + 64) to (batch, out_features)."""
        return super().forward(x[:, : self.weight.shape[1]])


class HyperLayer(SynthesisLayer):
    """A layer of the source with low-rank heads on the class's code.

    Weights differ between the samples of a batch, so the fused form is the only one.
    """

    def __init__(self, config: GeneratorConfig, source: SynthesisLayer) -> None:
        out_channels, in_channels = source.weight.shape[:2]
        super().__init__(config, in_channels, source.resolution, source.up)
        self.affine = StyleAffine(source.affine)
        self.requires_grad_(False)
        self.rank = config.hyper_rank
        self.head = FullyConnectedLayer(CODE, 2 * self.rank + out_channels)
        self.gamma_out = nn.Parameter(torch.randn(out_channels, self.rank))
        self.gamma_in = nn.Parameter(torch.randn(in_channels, self.rank))
        self.beta_out = nn.Parameter(torch.randn(out_channels, self.rank))
        self.beta_in = nn.Parameter(torch.randn(in_channels, self.rank))

    def forward(self, x: Tensor, w: Tensor, noise: str, fused: bool = True) -> Tensor:  # noqa: ARG002
        """As `SynthesisLayer`, with w (batch, w_dim + 64)."""
        return super().forward(x, w, noise, fused=True)

    def weights(self, w: Tensor) -> tuple[Tensor, Tensor]:
        """W(t) (batch, out, in, 3, 3) and b(t) (batch, out)."""
        sizes = [self.rank, self.rank, len(self.bias)]
        gamma, beta, bias = self.head(w[:, -CODE:]).split(sizes, dim=1)
        gammas = (self.gamma_out * gamma[:, None]) @ self.gamma_in.t()
        betas = (self.beta_out * beta[:, None]) @ self.beta_in.t()
        change = gammas[..., None, None] * self.standardised()[0] + betas[..., None, None]
        return self.weight + self.change_scale() * change, self.bias + bias

    def standardised(self) -> tuple[Tensor, Tensor, Tensor]:
        """W^ (out, in, 3, 3), sigma and mu (out, in, 1, 1) of the source's weights."""
        sigma, mu = torch.std_mean(self.weight, dim=(2, 3), keepdim=True, correction=0)
        sigma = sigma + 1e-8
        return (self.weight - mu) / sigma, sigma, mu

    def change_scale(self) -> Tensor:
        """s, so that heads count in units of the source's weights, whatever its rank."""
        return self.weight.square().mean().sqrt() / math.sqrt(self.rank)


class HyperGenerator(Generator):
    """An unconditional generator with class heads; called as any other generator.

    Only the heads and the class codes are trained. The names of the source's weights stay, so its
    state loads into this network.
    """

    mapping: HyperMapping

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__(replace(config, classes=0, hyper_rank=0))
        self.requires_grad_(False)
        self.config = config
        self.mapping = HyperMapping(config)
        for resolution in config.block_resolutions:
            block: SynthesisBlock = getattr(self.synthesis, f"b{resolution}")
            for name, layer in list(block.named_children()):
                if isinstance(layer, SynthesisLayer):
                    setattr(block, name, HyperLayer(config, layer))
            block.torgb.affine = StyleAffine(block.torgb.affine).requires_grad_(False)
            if block.is_first and block.input is not None:
                block.input = StyleAffine(block.input).requires_grad_(False)
        self.align()

    @torch.no_grad()
    def align(self) -> None:
        """Self-alignment: after it every class draws exactly what the source draws.

        The paper minimises the L1 distance of every block's features to those of the source, for
        one class, and then copies that class's embedding to all. A head A t + a that is affine in t
        reaches the minimum, zero, with a = -A t0 at the embedding's code t0: no data, no steps, and
        the heads stay sensitive to the code (A is not zero), as after the paper's alignment.
        """
        codes = self.mapping.codes
        codes.embed.copy_(codes.embed[:1].expand_as(codes.embed))
        start = codes()[:1]
        for layer in self.modules():
            if isinstance(layer, HyperLayer):
                layer.head.bias.sub_(layer.head(start)[0])

    @torch.no_grad()
    def bake(self) -> dict[int, Generator]:
        """For each class an ordinary unconditional generator with that class's weights."""
        config = replace(self.config, classes=0, hyper_rank=0)
        baked = {}
        for label, code in enumerate(self.mapping.codes()):
            generator = Generator(config).to(code.device)
            state = generator.state_dict()
            state.update({k: v for k, v in self.state_dict().items() if k in state})
            for name, layer in self.named_modules():
                if isinstance(layer, HyperLayer):
                    weight, bias = layer.weights(code[None])
                    state[f"{name}.weight"], state[f"{name}.bias"] = weight[0], bias[0]
            generator.load_state_dict(state)
            baked[label] = generator
        return baked


def shape_on(source: GeneratorConfig, wanted: GeneratorConfig) -> GeneratorConfig:
    """The shape of a generator with class heads on a source.

    Raises ValueError where there can be none: the source has classes or another resolution, or the
    data has no classes.
    """
    if source.classes:
        raise ValueError(
            f"init: a model of {source.classes} classes is not allowed; "
            "allowed: an unconditional one (transfer: 'hyper' adds the classes)"
        )
    if wanted.resolution != source.resolution:
        raise ValueError(
            f"resolution: {wanted.resolution} is not allowed; "
            f"allowed: {source.resolution}, that of the checkpoint (transfer: 'hyper')"
        )
    if not wanted.classes:
        raise ValueError("conditional: False is not allowed; allowed: True (transfer: 'hyper')")
    return replace(source, classes=wanted.classes, hyper_rank=RANK)


def build(config: GeneratorConfig) -> Generator:
    """The generator that a configuration describes, new: with class heads or without."""
    return HyperGenerator(config) if config.hyper_rank else Generator(config)


def bake_one(generator: Generator, classes: list[str], cloud: str) -> Generator:
    """The ordinary generator of one class of `classes`; ValueError where it has no own weights."""
    if not isinstance(generator, HyperGenerator):
        raise ValueError("cloud: only the classes of a hyper-modulated generator can be parted")
    if cloud not in classes:
        raise ValueError(f"cloud: {cloud!r} is not allowed; allowed: {', '.join(classes)}")
    return generator.bake()[classes.index(cloud)]


class ClasswiseDiscriminator(Discriminator):
    """A discriminator with one logit for each class, as the paper trains with: the source's, its
    last layer once for each class, and how it reads the picture frozen."""

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__(replace(config, classes=0, hyper_rank=0))
        self.get_submodule(f"b{config.resolution}.fromrgb").requires_grad_(False)
        self.b4.out = FullyConnectedLayer(config.channels(4), config.classes)

    def forward(
        self, images: Tensor, c: Tensor | None, dtype: torch.dtype = torch.float32
    ) -> Tensor:
        """The logit of the class asked for, (batch, 1)."""
        if c is None:
            raise ValueError("c: None is not allowed; allowed: class weights (batch, classes)")
        return (super().forward(images, None, dtype) * c).sum(dim=1, keepdim=True)


def barlow_twins(a: Tensor, b: Tensor) -> Tensor:
    """The paper's auxiliary loss, on a discriminator's features of a batch under two augmentations.

    Features (batch, features) are standardised over the batch; their cross-correlation should be
    the identity: sum (1 - C_ii)² + 0.005 sum C_ij² (Zbontar et al. 2021, arXiv 2103.03230, eqs. 1
    and 2). Returns a scalar.
    """
    a, b = (
        (x - x.mean(dim=0)) / (x.std(dim=0, correction=0) + 1e-5) for x in (a.float(), b.float())
    )
    correlation = a.t() @ b / len(a)
    diagonal = correlation.diagonal()
    others = correlation.square().sum() - diagonal.square().sum()
    return (1 - diagonal).square().sum() + TWINS_REDUNDANCY * others
