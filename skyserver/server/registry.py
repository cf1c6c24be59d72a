"""The models that a server serves, which may change while it runs."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final, Literal, Self, TypeAlias

from skyserver.errors import InvalidField, ModelError, NotFound
from skyserver.model import SkyModel
from skyserver.server import metrics
from skyserver.server.config import ServerConfig

Change: TypeAlias = tuple[Literal["load", "unload"], str]
"""To load a file of the folder, or to unload a model given by name or digest."""

Served: TypeAlias = tuple[tuple[str, str], ...]
"""Backend and name of each model."""

_FILE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")  # no path, no hidden file


class Registry:
    """Models by name and digest; the first one is the default.

    A call gets its model once and ends with it, whatever is loaded or unloaded meanwhile: models
    keep no state, and one is freed with its last call. `load` reads files of `folder` alone, with
    `open_model`. Changes come one after the other. Belongs to one event loop.
    """

    def __init__(
        self,
        models: Sequence[SkyModel],
        folder: Path | None = None,
        open_model: Callable[[Path], SkyModel] = SkyModel.load,
    ) -> None:
        self._models = tuple(models)
        self._folder = folder
        self._open = open_model
        self._changing = asyncio.Lock()
        for model in self._models:
            _count(model, served=True)

    @classmethod
    def of(cls, config: ServerConfig) -> Self:
        """Load the models of a configuration, each with its share of the processor cores.

        Raises:
            SkyServerError: as `SkyModel.load`.

        """
        sharing = config.workers * config.processes
        threads = 0 if sharing == 1 else max(1, (os.cpu_count() or 1) // sharing)  # 0 is all cores
        open_model = partial(SkyModel.load, threads=threads, backend=config.backend)
        files: tuple[Path | None, ...] = config.models or (None,)
        return cls([open_model(file) for file in files], config.models_dir, open_model)

    @property
    def served(self) -> Served:
        """What draws which model now."""
        return tuple((model.backend, model.info.name) for model in self._models)

    @property
    def models(self) -> tuple[SkyModel, ...]:
        """Those served now."""
        return self._models

    def get(self, wanted: str) -> SkyModel:
        """Return a model by its name or digest, the default one for "".

        Raises:
            NotFound: no such model is served; the error lists those that are.

        """
        if not wanted:
            return self._models[0]
        for model in self._models:
            if wanted in (model.info.name, model.info.digest):
                return model
        raise NotFound("model", wanted, [model.info.name for model in self._models])

    async def apply(self, change: Change) -> None:
        """Make a change; raises what `load` and `unload` do."""
        action, name = change
        await (self.load(name) if action == "load" else self.unload(name))

    async def load(self, file: str) -> None:
        """Serve a file of the folder, in the place of a model of the same name or as the last.

        Raises:
            InvalidField: `file` is not a plain file name.
            ModelError: there is no folder of models, or the file is not a safe model.
            NotFound: the folder has no such file; the error lists the model files that it has.

        """
        path = self._path(file)
        async with self._changing:
            model = await asyncio.to_thread(self._open, path)
            names = [old.info.name for old in self._models]
            kept = [*self._models]
            if model.info.name in names:
                kept[names.index(model.info.name)] = model
            else:
                kept.append(model)
            self._serve(kept)

    async def unload(self, wanted: str) -> None:
        """Serve a model, given by name or digest, no longer.

        Raises:
            InvalidField: none or the last one is named.
            NotFound: no such model is served.

        """
        async with self._changing:
            if not wanted:
                raise InvalidField("model", wanted, "name or digest of a served model")
            gone = self.get(wanted)
            kept = [model for model in self._models if model is not gone]
            if not kept:
                raise InvalidField("model", wanted, "any but the last model that is served")
            self._serve(kept)

    def _serve(self, models: Sequence[SkyModel]) -> None:
        for model in self._models:
            _count(model, served=False)
        for model in models:
            _count(model, served=True)
        self._models = tuple(models)

    def _path(self, file: str) -> Path:
        if self._folder is None:
            raise ModelError("no models can be loaded: this server has no folder of models")
        if not _FILE_NAME.fullmatch(file):
            raise InvalidField("file", file, "the name of a file in the folder of models")
        path = self._folder / file
        if not path.is_file():
            files = sorted(entry.name for entry in self._folder.glob("*.onnx"))
            raise NotFound("file", file, [name for name in files if _FILE_NAME.fullmatch(name)])
        return path


def _count(model: SkyModel, *, served: bool) -> None:
    metrics.model(model.info.name, model.info.digest, model.backend, served=served)
