"""Which replica a call goes to."""

from __future__ import annotations

import random

from ray.serve.request_router import FIFOMixin, PendingRequest, RequestRouter, RunningReplica


class EveryMachine(FIFOMixin, RequestRouter):  # type: ignore[misc]  # Ray's have no types here
    """Of two replicas by chance, on whatever machines, the one with fewer calls (Ray compares).

    Ray's own choice is a replica on the machine that the client asked, until that one is full: all
    who know the address of one machine would wait for it, or be refused, while the others idle.
    """

    async def choose_replicas(
        self,
        candidate_replicas: list[RunningReplica],
        pending_request: PendingRequest | None = None,
    ) -> list[list[RunningReplica]]:
        """Return the two, or the only one there is. Ray asks again when both are full."""
        if pending_request is not None:
            pending_request.routing_context.should_backoff = True  # or Ray would not wait between
        return [random.sample(candidate_replicas, min(2, len(candidate_replicas)))]
