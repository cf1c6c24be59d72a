"""Panorama -> cube faces -> panorama against py360convert and pyequilib.

    python tests/benchmarks/projection.py [FOLDER OF PANORAMAS]

Every picture is resized to 2048x1024, taken to faces of 512 and back, by each library and mode in
turn; PSNR is over all texels. py360convert runs on float32 arrays, pyequilib on float32 tensors
with torch, which is faster and more exact than its numpy side; both in their bilinear and bicubic
modes, because neither mode of either is ahead on every picture. Times are of one call each,
interleaved picture by picture, after one round that is not counted: it shows what a first call
costs, when sampling tables are built. Ends with exit status 1 unless SkyServer has the higher PSNR
on every picture and the lower median time against every mode.
"""

from __future__ import annotations

import importlib.util
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from statistics import median

import equilib
import numpy as np
import py360convert
import torch
from numpy.typing import NDArray
from PIL import Image

from skyserver.sphere import equirect_to_faces, faces_to_equirect

WIDTH, HEIGHT, FACE = 2048, 1024, 512
PANORAMAS = Path(__file__).parents[3] / "shared" / "data" / "panoramas" / "equirect"

Picture = NDArray[np.float32]


def ours(picture: Picture) -> Picture:
    return faces_to_equirect(equirect_to_faces(picture, FACE), WIDTH)


def with_py360convert(mode: str) -> Callable[[Picture], Picture]:
    def there_and_back(picture: Picture) -> Picture:
        faces = py360convert.e2c(picture, face_w=FACE, mode=mode, cube_format="horizon")
        return py360convert.c2e(faces, HEIGHT, WIDTH, mode=mode, cube_format="horizon")

    return there_and_back


def with_equilib(mode: str) -> Callable[[Picture], Picture]:
    straight = {"roll": 0.0, "pitch": 0.0, "yaw": 0.0}
    to_faces = equilib.Equi2Cube(w_face=FACE, cube_format="horizon", mode=mode)
    to_panorama = equilib.Cube2Equi(height=HEIGHT, width=WIDTH, cube_format="horizon", mode=mode)

    def there_and_back(picture: Picture) -> Picture:
        planes = torch.from_numpy(picture).permute(2, 0, 1).contiguous()
        return to_panorama(to_faces(planes, straight)).permute(1, 2, 0).numpy()

    return there_and_back


RIVALS = {
    "py360 linear": with_py360convert("bilinear"),
    "py360 cubic": with_py360convert("bicubic"),
    "equilib linear": with_equilib("bilinear"),
    "equilib cubic": with_equilib("bicubic"),
}


def measure(convert: Callable[[Picture], Picture], picture: Picture) -> tuple[float, float]:
    """PSNR in dB and seconds."""
    start = time.perf_counter()
    result = convert(picture)
    seconds = time.perf_counter() - start
    error = np.clip(result, 0, 1).astype(np.float64) - picture
    return float(-10 * np.log10(np.mean(error**2))), seconds


def load(path: Path) -> Picture:
    with Image.open(path) as image:
        small = image.convert("RGB").resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    return np.asarray(small, np.float32) / 255


def main() -> int:
    warnings.simplefilter("ignore", UserWarning)  # equilib's, about its bicubic mode
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else PANORAMAS
    paths = sorted(folder.glob("*.jpg"))
    if not paths:
        print(f"no panoramas (*.jpg) in {folder}", file=sys.stderr)
        return 2
    opencv = "with" if importlib.util.find_spec("cv2") else "without"
    print(f"py360convert 1.0.4 {opencv} OpenCV, pyequilib 0.6.0, torch {torch.__version__}")
    converters = {"skyserver": ours, **RIVALS}
    first = {name: measure(convert, load(paths[0]))[1] for name, convert in converters.items()}

    print(f"\nPSNR in dB{'':31}" + "".join(f"{name:>16}" for name in converters))
    seconds: dict[str, list[float]] = {name: [] for name in converters}
    lead: dict[str, list[float]] = {name: [] for name in RIVALS}
    for path in paths:
        picture = load(path)
        psnr = {}
        for name, convert in converters.items():
            psnr[name], taken = measure(convert, picture)
            seconds[name].append(taken)
        for name in RIVALS:
            lead[name].append(psnr["skyserver"] - psnr[name])
        print(f"{path.stem:41}" + "".join(f"{value:16.2f}" for value in psnr.values()), flush=True)

    ratios = {
        name: median(a / b for a, b in zip(seconds["skyserver"], times, strict=True))
        for name, times in seconds.items()
    }
    rows = {
        "smallest lead, dB": [np.nan, *map(min, lead.values())],
        "median time, s": map(median, seconds.values()),
        "skyserver's time / its time, median": ratios.values(),
        "first call, s": first.values(),
    }
    print()
    for title, values in rows.items():
        print(f"{title:41}" + "".join(f"{value:16.2f}" for value in values))
    ahead = all(min(leads) > 0 for leads in lead.values())
    faster = all(ratios[name] < 1 for name in RIVALS)
    print(
        f"\n{len(paths)} panoramas: PSNR above both on every one: {'yes' if ahead else 'NO'}; "
        f"median time below both: {'yes' if faster else 'NO'}"
    )
    return 0 if ahead and faster else 1


if __name__ == "__main__":
    sys.exit(main())
