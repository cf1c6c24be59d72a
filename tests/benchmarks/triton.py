"""SkyServer against Triton Inference Server, which NVIDIA's PyTriton brings along.

    python3.11 -m venv triton && triton/bin/pip install -e . nvidia-pytriton
    triton/bin/python tests/benchmarks/triton.py [--callers 8] [--seconds 10] [--turns 3]

Triton has its Python backend draw skies with the same model file and pipeline, one at a time (of
several instances PyTriton 0.7 starts only some), and sends them over gRPC; requests are those of
peer.py. Both servers run all the time, and the same callers take turns with them. Python 3.11.2 was
used; with 3.11.7 Triton's own, older one does not start.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import grpc
import numpy as np
from load import load, serving
from peer import ENOUGH, KINDS, different
from tritonclient.grpc import service_pb2 as kserve
from tritonclient.grpc.service_pb2_grpc import GRPCInferenceServiceStub

from skyserver import messages, pipeline
from skyserver.model import SkyModel

LARGEST = 64 * 2**20
SECONDS = 60.0  # until Triton is ready, and for a call


def main() -> None:
    """Print both servers' skies per second and their ratio for each kind of request."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--callers", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--be-triton", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.be_triton:
        serve_with_triton(arguments.be_triton)
        return
    seeds = itertools.count()
    with ExitStack() as stack:
        address, pid = stack.enter_context(serving(ENOUGH))
        port = stack.enter_context(triton())
        for kind, request in KINDS.items():
            rates: list[tuple[float, float]] = []
            requests = different(request, seeds)
            for _ in range(arguments.turns):
                ours = asyncio.run(
                    load(address, pid, arguments.callers, arguments.seconds, requests)
                )
                assert not ours.errors, ours.errors
                theirs = asyncio.run(ask_triton(port, kind, seeds, arguments))
                rates.append((len(ours.latencies) / ours.seconds, theirs))
            own, other = (statistics.median(rate) for rate in zip(*rates, strict=True))
            print(f"{kind:6} SkyServer {own:6.2f} a second, Triton {other:6.2f}: {own / other:.2f}")


async def ask_triton(
    port: int, kind: str, seeds: Iterator[int], arguments: argparse.Namespace
) -> float:
    """Let the callers ask for so long; return skies per second."""
    started = time.perf_counter()
    until = started + arguments.seconds
    skies = 0

    async def caller() -> None:
        nonlocal skies
        options = [
            ("grpc.use_local_subchannel_pool", 1),
            ("grpc.max_receive_message_length", LARGEST),
        ]
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options) as channel:
            stub = GRPCInferenceServiceStub(channel)
            while time.perf_counter() < until:
                answer = await stub.ModelInfer(_request(kind, next(seeds)), timeout=SECONDS)
                assert b"\x89PNG" in answer.raw_output_contents[0][:16]
                skies += 1

    await asyncio.gather(*(caller() for _ in range(arguments.callers)))
    return skies / (time.perf_counter() - started)


def _request(kind: str, seed: int) -> kserve.ModelInferRequest:
    given = kserve.ModelInferRequest.InferInputTensor(name="seed", datatype="INT64", shape=[1])
    raw = np.array([seed], np.int64).tobytes()
    return kserve.ModelInferRequest(model_name=kind, inputs=[given], raw_input_contents=[raw])


@contextmanager
def triton() -> Iterator[int]:
    """Run Triton and yield its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    command = [sys.executable, str(Path(__file__)), "--be-triton", str(port)]
    with subprocess.Popen(command, stdout=sys.stderr) as process:
        try:
            asyncio.run(_ready(port))
            yield port
        finally:
            process.terminate()


async def _ready(port: int) -> None:
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = GRPCInferenceServiceStub(channel)
        until = time.monotonic() + SECONDS
        while True:
            try:
                for kind in KINDS:
                    await stub.ModelInfer(_request(kind, 0), timeout=SECONDS)
                return
            except grpc.aio.AioRpcError:
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(1)


def serve_with_triton(port: int) -> None:
    """Be Triton until the process is ended."""
    from pytriton.model_config import ModelConfig, Tensor
    from pytriton.triton import Triton, TritonConfig

    model = SkyModel.load()

    def drawing(kind: str) -> object:
        def draw(requests: list[dict[str, np.ndarray]]) -> list[dict[str, np.ndarray]]:
            answers = []
            for request in requests:
                (seed,) = different(KINDS[kind], iter([int(request["seed"][0])]))
                (sky,) = pipeline.generate(model, messages.to_sky_request(seed)).artifacts
                answers.append({"sky": np.array([sky.data], np.bytes_)})
            return answers

        return draw

    with Triton(
        config=TritonConfig(grpc_port=port, allow_http=False, allow_metrics=False)
    ) as server:
        for kind in KINDS:
            server.bind(
                model_name=kind,
                infer_func=drawing(kind),
                inputs=[Tensor(name="seed", dtype=np.int64, shape=(1,))],
                outputs=[Tensor(name="sky", dtype=np.bytes_, shape=(1,))],
                config=ModelConfig(batching=False),
            )
        server.serve()


if __name__ == "__main__":
    main()
