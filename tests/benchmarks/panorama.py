"""How seamless the panoramas are, in figures, against real panoramas.

    python tests/benchmarks/panorama.py                 CCSN photographs stand in for generated ones
    python tests/benchmarks/panorama.py --model         the default model draws them
    python tests/benchmarks/panorama.py --model x.onnx  another model does

Pictures and real panoramas are read from ../shared/data beside the checkout. Printed are, as median
(and 90th percentile) over the skies:

wrap     Mean step of luminance from the last column to the first over the mean step inside.
join     The same at the joins between pictures, the worst of a panorama.
flip     Pearson correlation of the sky half's luminance with its own left-right flip; rows share
         their brightness with their flip in any sky, so `detail` is the same without row means.
star     Looking straight up (fov 75 degrees): energy of the tangential over that of the radial
         gradient within 5 degrees of the zenith: the two diagonal terms of the view's structure
         tensor in polar axes about it. 1 is isotropic, as pictures are on average. A pinch squeezes
         the whole circle into a few texels and leaves the radius alone: it goes up as 1 / r^2.
         `aside` is the same about the middle of views elsewhere in the sky.
bands    Column means of luminance: difference of 6 degrees on either side of a join over the root
         mean square of such differences everywhere, worst join. A patchwork goes up.
"""

from __future__ import annotations

import argparse
import cProfile
import csv
import io
import json
import pstats
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from skyserver.latents import sky_latents
from skyserver.model import SkyModel
from skyserver.panorama import FEW, compose
from skyserver.sphere import equirect_to_view

Floats = NDArray[np.float32]
Draw = Callable[[int, int], Floats]  # (sky, pictures) -> the ring's pictures and the zenith's

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
STAGES = ("band_tiles", "match", "join", "cover", "add_ground")


def luminance(image: Floats) -> Floats:
    """Rec. 709 weights."""
    return image @ np.array([0.2126, 0.7152, 0.0722], np.float32)


def step_ratio(sky: Floats, column: int) -> float:
    """Mean step into `column` from its left over the mean step everywhere, of luminance (h, w)."""
    steps = np.abs(sky - np.roll(sky, 1, axis=1)).mean(axis=0)
    return float(steps[column] / steps.mean())


def flip_correlation(sky: Floats) -> float:
    """Pearson correlation of luminance (h, w) with its left-right flip."""
    return float(np.corrcoef(sky.ravel(), sky[:, ::-1].ravel())[0, 1])


def polar_anisotropy(panorama: Floats, yaw: float, pitch: float) -> float:
    """Tangential over radial gradient energy within 5 degrees of the middle of a view."""
    size, fov, reach = 512, 75, 5
    view = luminance(equirect_to_view(panorama, yaw, pitch, fov, size, size))
    down, across = np.gradient(view)
    offset = (np.arange(size) + 0.5 - size / 2) / (size / 2) * np.tan(np.radians(fov / 2))
    x, y = np.meshgrid(offset, offset)
    radius = np.hypot(x, y)
    inside = radius < np.tan(np.radians(reach))
    radial = (across * x + down * y) / radius
    tangential = (down * x - across * y) / radius
    return float((tangential[inside] ** 2).sum() / ((radial[inside] ** 2).sum() + 1e-12))


def banding(sky: Floats, joins: range) -> float:
    """Worst difference of broad brightness across a join over the rms difference anywhere."""
    profile = sky.mean(axis=0)
    reach = len(profile) // 60
    sums = np.cumsum(np.concatenate([profile[-reach:], profile, profile[:reach]]))
    sums = np.concatenate([[0], sums])
    at = np.arange(len(profile)) + reach
    differences = sums[at + reach] - 2 * sums[at] + sums[at - reach]
    return float(np.abs(differences[joins]).max() / np.sqrt((differences**2).mean() + 1e-12))


def measure(panorama: Floats, joined: int) -> dict[str, float]:
    """All figures of one panorama that was joined at so many places."""
    sky = luminance(panorama[: len(panorama) // 2])
    joins = range(0, sky.shape[1], sky.shape[1] // joined)
    aside = [polar_anisotropy(panorama, yaw, 35) for yaw in (20, 140, 260)]
    return {
        "wrap": step_ratio(sky, 0),
        "join": max(step_ratio(sky, join) for join in joins),
        "flip": flip_correlation(sky),
        "detail": flip_correlation(sky - sky.mean(axis=1, keepdims=True)),
        "star": polar_anisotropy(panorama, 0, 90),
        "aside": float(np.median(aside)),
        "bands": banding(sky, joins),
    }


def report(name: str, rows: list[dict[str, float]]) -> None:
    """One line of medians and 90th percentiles."""
    cells = []
    for key in rows[0]:
        values = [row[key] for row in rows]
        cells.append(f"{key} {np.median(values):5.2f} ({np.percentile(values, 90):5.2f})")
    print(f"{name:<22}{'  '.join(cells)}")


def photographs() -> Draw:
    """Random CCSN photographs of one class."""
    archive = zipfile.ZipFile(DATA / "ccsn-256.zip")
    labels = json.loads(archive.read("dataset.json"))["labels"]

    def draw(sky: int, pictures: int) -> Floats:
        names = [name for name, label in labels if label == sky % 11]
        chosen = np.random.default_rng(sky).choice(names, pictures + 1, replace=False)
        images = [Image.open(io.BytesIO(archive.read(name))).convert("RGB") for name in chosen]
        return np.stack([np.asarray(image, np.float32) / 255 for image in images])

    return draw


def generated(path: str) -> Draw:
    """Skies of a model file, the default one without a path; the seed is the sky's number."""
    model = SkyModel.load(path or None)

    def draw(sky: int, pictures: int) -> Floats:
        classes = model.info.classes
        weights = model.class_weights(classes[sky % len(classes)].code)
        latents = sky_latents(sky, model.info.layers, model.info.z_dim, pictures)
        return model.run(latents, weights, 0.8)

    return draw


def real_panoramas() -> Iterator[Floats]:
    """The open skies among the real panoramas, 1024 wide."""
    with open(DATA / "panoramas" / "index.csv", newline="") as lines:
        names = [row["file"] for row in csv.DictReader(lines) if row["open_sky"] == "1"]
    for name in names:
        image = Image.open(DATA / "panoramas" / name).convert("RGB").resize((1024, 512))
        yield np.asarray(image, np.float32) / np.float32(255)


def time_stages(pictures: Floats) -> None:
    """Milliseconds of a whole composition, and of its parts in one run under the profiler."""
    compose(pictures[:-1], pictures[-1])  # fills the tables
    times = []
    for _ in range(20):
        start = time.perf_counter(), time.process_time()
        compose(pictures[:-1], pictures[-1])
        times.append((time.perf_counter() - start[0], time.process_time() - start[1]))
    wall, processor = 1e3 * np.min(times, axis=0)
    profile = cProfile.Profile()
    profile.runcall(compose, pictures[:-1], pictures[-1])
    parts = pstats.Stats(profile).get_stats_profile().func_profiles
    stages = "  ".join(f"{stage} {1e3 * parts[stage].cumtime:.0f}" for stage in STAGES)
    print(f"compose {wall:.0f} ms, {processor:.0f} ms of processor time, at best of 20")
    print(f"one run under the profiler, ms: {stages}")


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--skies", type=int, default=50, help="panoramas to measure (50)")
    parser.add_argument("--model", nargs="?", const="", help="draw with a model file")
    arguments = parser.parse_args()
    draw = photographs() if arguments.model is None else generated(arguments.model)
    skies = range(arguments.skies)
    report("real panoramas", [measure(panorama, 4) for panorama in real_panoramas()])
    for count in (4, 1, 2, 6):
        rows = []
        for sky in skies if count == 4 else skies[:11]:
            pictures = draw(sky, count)
            joined = 2 * count if count <= FEW else count
            rows.append(measure(compose(pictures[:-1], pictures[-1]), joined))
        report(f"blend, {count} pictures", rows)
    rows = []
    for sky in skies:
        pictures = draw(sky, 1)
        rows.append(measure(compose(pictures[:-1], pictures[-1], method="mirror"), 2))
    report("mirror", rows)
    time_stages(draw(0, 4))


if __name__ == "__main__":
    main()
