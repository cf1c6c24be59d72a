"""The administrative calls (protos/skyserver/v1/admin.proto)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

import grpc.aio

from skyserver import messages
from skyserver.server.log import note
from skyserver.server.registry import Change, Registry
from skyserver.v1 import admin_pb2 as pb
from skyserver.v1.admin_pb2_grpc import AdminServicer

ChangeModels: TypeAlias = Callable[[Change], Awaitable[None]]


class Admin(AdminServicer):
    """Changes what a registry serves, by `change`. Who may do so is asked before: guard.py."""

    def __init__(self, registry: Registry, change: ChangeModels) -> None:
        self._registry = registry
        self._change = change

    async def LoadModel(
        self, request: pb.LoadModelRequest, context: grpc.aio.ServicerContext
    ) -> pb.ModelsResponse:
        """Serve a model file."""
        await self._change(("load", request.file))
        note(file=request.file)  # now that it is known to be a name; an error has it, cut short
        return self._served()

    async def UnloadModel(
        self, request: pb.UnloadModelRequest, context: grpc.aio.ServicerContext
    ) -> pb.ModelsResponse:
        """Serve a model no longer."""
        await self._change(("unload", request.model))
        note(model=request.model)
        return self._served()

    def _served(self) -> pb.ModelsResponse:
        return messages.to_models(self._registry.models)
