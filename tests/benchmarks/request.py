"""Seconds of a 2048x1024 PNG request by stage, as shares of what the model takes.

    python tests/benchmarks/request.py [--model FILE] [--runs 5]

The promise: everything but the model together costs at most twice what the model costs.
"""

from __future__ import annotations

import argparse
import statistics

from skyserver.model import SkyModel
from skyserver.pipeline import STAGES, generate
from skyserver.request import Output, SkyRequest


def main() -> None:
    """Print the median of each stage over interleaved runs, and the verdict."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", help="model file; the default model without one")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    model = SkyModel.load(arguments.model)
    codes = [cloud.code for cloud in model.info.classes]
    print(f"model {model.info.name}: {model.info.width}x{model.info.height}")
    for layout, size in (("panorama", 2048), ("faces", 512)):
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
        verdict = "within" if rest <= 2 * median["model"] else "ABOVE"
        print(
            f"  all but the model: {rest / median['model']:.2f} x model, {verdict} the promised 2"
        )


if __name__ == "__main__":
    main()
