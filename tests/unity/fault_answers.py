"""Answers of a SkyServer over gRPC-Web as bytes, right ones to damage and wrong ones."""

from __future__ import annotations

import hashlib

from google.protobuf.message import Message

from skyserver.server import framing
from skyserver.status import to_status
from skyserver.v1 import skyserver_pb2 as pb

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/grpc-web+proto\r\nconnection: close\r\n\r\n"
OK = framing.frame(b"grpc-status:0\r\n", 0x80)

PIXELS = b"not really a picture" * 50
ARTIFACT = pb.Artifact(
    name="panorama.png",
    media_type="image/png",
    size=len(PIXELS),
    width=2,
    height=1,
    sha256=hashlib.sha256(PIXELS).digest(),
)
FACTS = pb.SkyEvent(facts=pb.Facts())
PROGRESS = pb.SkyEvent(progress=pb.Progress(stage="model", fraction=0.5))
SKY = (PROGRESS, pb.SkyEvent(artifact=ARTIFACT), pb.SkyEvent(chunk=PIXELS), FACTS)


def reply(*messages: Message | bytes, head: bytes = HEAD, trailer: bytes = OK) -> bytes:
    """A whole HTTP answer that carries these messages."""
    encoded = (m if isinstance(m, bytes) else m.SerializeToString() for m in messages)
    return head + b"".join(map(framing.frame, encoded)) + trailer


def description(
    protocol: int = 2, oldest: int = 1, server_version: str = "9.8.7"
) -> pb.DescribeResponse:
    """What a server of this revision says of itself."""
    return pb.DescribeResponse(
        server_version=server_version,
        protocol=protocol,
        oldest_protocol=oldest,
        models=[pb.Model(name="m")],
        limits=pb.Limits(),
    )


def changed(**fields: object) -> tuple[pb.SkyEvent, ...]:
    """A sky whose file is announced otherwise than it is."""
    artifact = pb.Artifact()
    artifact.CopyFrom(ARTIFACT)
    for name, value in fields.items():
        setattr(artifact, name, value)
    return (pb.SkyEvent(artifact=artifact), pb.SkyEvent(chunk=PIXELS), FACTS)


def failed(error: Exception, in_head: bool = False) -> bytes:
    """How the server answers with an error."""
    code, message, trailing = to_status(error)
    trailer = framing.trailer_frame(code.value[0], message, trailing)
    if not in_head:
        return reply(trailer=trailer)
    return HEAD.replace(b"\r\n\r\n", b"\r\n" + trailer[5:] + b"\r\n")
