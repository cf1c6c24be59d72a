"""The style whose picture is nearest to a photograph.

Projection as in Karras et al. 2020, arXiv 1912.04958 (StyleGAN2), appendix D: one style for all
layers and the noise maps are optimised together, from the average style of a class, with noise on
the style that fades out, under a loss that keeps the noise maps from carrying the picture.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from safetensors.torch import save
from torch import Tensor
from torch.func import functional_call
from torch.nn import functional as F

from skyserver import files
from skyserver.decode import decode
from training.batches import to_pixels
from training.looking.perceptual import PerceptualDistance
from training.looking.sampler import Pictures, Sampler
from training.looking.sheet import label, sheet
from training.truncation import AVERAGE_SAMPLES

LEARNING_RATE = 0.1
RAMP_UP, RAMP_DOWN = 0.05, 0.25  # parts of the steps in which the learning rate rises and falls
STYLE_NOISE, STYLE_NOISE_UNTIL = 0.05, 0.75  # in units of the styles' spread; part of the steps
NOISE_WEIGHT = 1e5  # of the noise maps' autocorrelation
SMALLEST_NOISE = 8  # edge at which the pyramid of a noise map ends


@dataclass(frozen=True)
class Projection:
    """Where `steps` steps led: style w (w_dim,), noise maps by buffer name, their picture
    (resolution, resolution, 3) uint8, its perceptual distance and its PSNR in dB."""

    code: str
    steps: int
    w: Tensor
    noise: dict[str, Tensor]
    picture: Pictures
    distance: float
    psnr: float


class Projector:
    """Optimises the style and noise maps of one photograph.

    `photo` is (3, resolution, resolution) in [-1, 1]. Without `code` the class is the one whose
    average picture is nearest. Raises ValueError for a class that the model does not draw.
    """

    def __init__(
        self,
        sampler: Sampler,
        photo: Tensor,
        distance: PerceptualDistance,
        code: str | None,
        steps: int,
        seed: int,
    ) -> None:
        self.synthesis = sampler.generator.synthesis
        self.sampler, self.steps, self.done = sampler, steps, 0
        self.distance = distance.to(sampler.device)
        self.photo = photo[None].to(sampler.device)
        self.target = self.distance.features(self.photo)
        self.code = self._nearest_class() if code is None else code
        self.random = torch.Generator(sampler.device).manual_seed(seed)
        average, self.spread = self._statistics()
        self.w = average.clone().requires_grad_(True)
        self.noise = {
            name: self._normal(buffer.shape).requires_grad_(True)
            for name, buffer in self.synthesis.named_buffers()
            if name.endswith("noise_const")
        }
        self.optimizer = torch.optim.Adam([self.w, *self.noise.values()])

    @torch.no_grad()
    def _nearest_class(self) -> str:
        ws = self.sampler.every_layer(self.sampler.averages)
        features = self.distance.features(self.synthesis(ws, noise="const").clamp(-1, 1))
        nearest = int(self.distance(features, self.target).argmin())
        return self.sampler.classes[nearest] if self.sampler.classes else ""

    def _statistics(self) -> tuple[Tensor, Tensor]:
        """Mean style of the class, (w_dim,), and the root mean square distance from it."""
        z = self._normal((AVERAGE_SAMPLES, self.sampler.generator.config.z_dim))
        c = self.sampler.weights(self.code).expand(len(z), -1)
        average = self.sampler.styles(z[:1], c[:1], 0)[0]
        w = self.sampler.styles(z, c, 1)
        return average, (w - average).square().sum(dim=1).mean().sqrt()

    def run(self, on_step: Callable[[float], None] = lambda _: None) -> Projection:
        """Take all the steps; Ctrl-C ends earlier, with what there is."""
        try:
            while self.done < self.steps:
                on_step(self.step())
        except KeyboardInterrupt:
            pass
        return self.result()

    def step(self) -> float:
        """One step of Adam on the perceptual distance, which it returns, and the noise maps'."""
        t = self.done / self.steps
        for group in self.optimizer.param_groups:
            group["lr"] = LEARNING_RATE * learning_rate(t)
        fade = max(0.0, 1 - t / STYLE_NOISE_UNTIL) ** 2
        w = self.w + self._normal(self.w.shape) * self.spread * STYLE_NOISE * fade
        distance = self.distance(self.distance.features(self._draw(w)), self.target).sum()
        loss = distance + NOISE_WEIGHT * sum(autocorrelation(n) for n in self.noise.values())
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        with torch.no_grad():
            for noise in self.noise.values():
                noise.sub_(noise.mean()).mul_(noise.square().mean().rsqrt())
        self.done += 1
        return float(distance.detach())

    @torch.no_grad()
    def result(self) -> Projection:
        """Where the steps so far led."""
        image = self._draw(self.w).clamp(-1, 1)
        distance = float(self.distance(self.distance.features(image), self.target))
        psnr = 10 * math.log10(4 / float(F.mse_loss(image, self.photo)))
        noise = {name: n.detach().clone() for name, n in self.noise.items()}
        picture = to_pixels(image)[0]
        return Projection(
            self.code, self.done, self.w.detach().clone(), noise, picture, distance, psnr
        )

    def _draw(self, w: Tensor) -> Tensor:
        ws = self.sampler.every_layer(w[None])
        images: Tensor = functional_call(self.synthesis, self.noise, (ws, "const"))
        return images

    def _normal(self, shape: tuple[int, ...]) -> Tensor:
        return torch.randn(shape, generator=self.random, device=self.sampler.device)


def load_photo(path: Path, resolution: int) -> Tensor:
    """Central square of a photograph, (3, resolution, resolution) in [-1, 1].

    Raises ValueError or UnreadableImage, naming the file, for anything that is no safe picture.
    """
    try:
        pixels = decode(path.read_bytes(), str(path))
    except OSError as error:
        raise ValueError(f"{path}: cannot be read ({error.strerror})") from None
    picture = Image.fromarray(np.round(pixels * 255).astype(np.uint8))
    square = ImageOps.fit(picture, (resolution, resolution), Image.Resampling.LANCZOS)
    return torch.from_numpy(np.array(square)).permute(2, 0, 1) / 127.5 - 1


def comparison(photo: Tensor, projection: Projection) -> Image.Image:
    """The photograph (3, resolution, resolution) and its projection side by side, labelled."""
    cells = [[to_pixels(photo[None])[0], projection.picture]]
    return sheet(cells, [label(projection.code)], ["photograph", f"{projection.psnr:.1f} dB"])


def save_style(projection: Projection, path: Path) -> None:
    """Write `w` and the noise maps as safetensors, with the class and figures in the header."""
    tensors = {"w": projection.w, **projection.noise}
    header = {
        "format": "skyserver-projection/1",
        "class": projection.code,
        "distance": f"{projection.distance:.4f}",
        "psnr": f"{projection.psnr:.2f}",
    }
    data = save({name: tensor.cpu().contiguous() for name, tensor in tensors.items()}, header)
    files.write_files({path: data})


def learning_rate(t: float) -> float:
    """Share of the full rate at time t in [0, 1): a linear rise, a level, a cosine to zero."""
    fall = 0.5 - 0.5 * math.cos(math.pi * min(1.0, (1 - t) / RAMP_DOWN))
    return fall * min(1.0, t / RAMP_UP)


def autocorrelation(noise: Tensor) -> Tensor:
    """Squared correlation of a noise map (h, w) with itself one pixel to the side and one down, on
    the torus, summed over the scales of a pyramid: 0 for white noise."""
    plane, total = noise[None, None], torch.zeros((), device=noise.device)
    while True:
        for axis in (2, 3):
            total = total + (plane * plane.roll(1, axis)).mean().square()
        if plane.shape[2] <= SMALLEST_NOISE:
            return total
        plane = 2 * F.avg_pool2d(plane, 2)  # twice the mean of four keeps the variance
