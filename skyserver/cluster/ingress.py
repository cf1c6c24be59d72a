"""What Ray's gRPC ingress answers: the methods, whose messages it neither reads nor writes.

Administrative calls are not among them: one would reach one replica. A new deployment changes the
models of all.
"""

from __future__ import annotations

from typing import Final

import grpc
from grpc_health.v1 import health_pb2

from skyserver.v1 import skyserver_pb2

METHODS: Final = (
    *skyserver_pb2.DESCRIPTOR.services_by_name["SkyServer"].methods,
    # not Watch: it would hold a place of a replica for as long as somebody watches
    health_pb2.DESCRIPTOR.services_by_name["Health"].methods_by_name["Check"],
)


def add_services(_servicer: object, server: grpc.aio.Server) -> None:
    """Add the methods to a server of Ray, which puts its own behaviour in place of ours."""
    for method in METHODS:
        kind = (
            grpc.unary_stream_rpc_method_handler
            if method.server_streaming
            else grpc.unary_unary_rpc_method_handler
        )
        service = method.containing_service.full_name
        handler = grpc.method_handlers_generic_handler(service, {method.name: kind(_replaced)})
        server.add_generic_rpc_handlers((handler,))


async def _replaced(_request: bytes, _context: object) -> bytes:
    raise NotImplementedError("Ray replaces this")
