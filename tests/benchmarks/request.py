"""Seconds of a PNG request by stage, as shares of what the model takes, for several sizes.

    OPENBLAS_NUM_THREADS=1 python tests/benchmarks/request.py [--model FILE] [--runs 5]

One thread for matrix products is what the command `skyserver` gives them.

The promise is about 2048x1024: everything but the model together costs at most twice what the
model costs.
"""

from __future__ import annotations

import argparse
import statistics

from skyserver.model import SkyModel
from skyserver.pipeline import STAGES, generate
from skyserver.request import Output, SkyRequest

OUTPUTS = [("panorama", 2048), ("panorama", 1024), ("panorama", 4096), ("panorama", 8192)]
OUTPUTS += [("faces", 512), ("faces", 1024), ("faces", 2048)]
PROMISE = {True: ", within the promised 2", False: ", ABOVE the promised 2"}


def main() -> None:
    """Print the median of each stage over interleaved runs, and the verdict."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", help="model file; the default model without one")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    model = SkyModel.load(arguments.model)
    codes = [cloud.code for cloud in model.info.classes]
    print(f"model {model.info.name}: {model.info.width}x{model.info.height}")
    for layout, size in OUTPUTS:
        seconds: dict[str, list[float]] = {stage: [] for stage in STAGES}
        for run in range(arguments.runs + 1):
            output = Output(layout=layout, size=size)
            request = SkyRequest(codes[run % len(codes)], seed=run, outputs=(output,))
            for stage, value in generate(model, request).seconds.items():
                if run:  # the first run also builds tables
                    seconds[stage].append(value)
        median = {stage: statistics.median(values) for stage, values in seconds.items()}
        rest = sum(value for stage, value in median.items() if stage != "model")
        print(f"\n{layout} {size}, median of {arguments.runs}")
        for stage, value in median.items():
            print(f"  {stage:9} {1000 * value:7.0f} ms  {value / median['model']:5.2f} x model")
        share = rest / median["model"]
        print(f"  all but the model: {share:.2f} x model", end="")
        print(PROMISE[share <= 2] if (layout, size) == OUTPUTS[0] else "")


if __name__ == "__main__":
    main()
