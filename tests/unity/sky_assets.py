"""The package's asset code, run in an editor without a screen against a real server."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from types import TracebackType
from typing import Any

import mono
import numpy as np
from reference_renderer import Material, Texture

HARNESS = Path(__file__).parent / "harness" / "SkyAssetsHarness.cs"
LAYOUTS = ("Panoramic", "SixSided", "Cubemap")

Report = Mapping[str, Any]


class Editor:
    """A process that stands for the Unity editor; `project` is a folder of its own."""

    def __init__(self, exe: Path, project: Path, address: str) -> None:
        self.project = project
        self._process = subprocess.Popen(
            mono.command(exe, address),
            cwd=project,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Editor:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _, complaint = self._process.communicate(timeout=30)
        assert self._process.returncode == 0, complaint

    def ask(self, command: str, argument: object = "", **recipe: object) -> Report:
        """One command; `recipe` are fields of SkyRecipe, the rest has the defaults."""
        if "Layout" in recipe:
            recipe["Layout"] = LAYOUTS.index(str(recipe["Layout"]))
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(command, argument, json.dumps(recipe), sep="\t", file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        assert answer, self._process.communicate()[1]
        return json.loads(answer)

    def files(self) -> set[str]:
        """Everything below Assets."""
        return {str(path.relative_to(self.project)) for path in self.project.rglob("Assets/**/*")}


def compile_editor(folder: Path, package: mono.PackageAssemblies) -> Path:
    """The program that `Editor` runs."""
    return mono.compile_exe(folder / HARNESS.with_suffix(".exe").name, [HARNESS], package)


def material_of(report: Report, project: Path) -> Material:
    """The material that a sky was given."""
    (tint,) = (colour["value"] for colour in report["colors"] if colour["name"] == "_Tint")
    return Material(
        shader=report["shader"],
        floats={entry["name"]: entry["value"] for entry in report["floats"]},
        tint=np.array([tint["r"], tint["g"], tint["b"]]),
        textures={entry["name"]: _texture(entry, project) for entry in report["textures"]},
        keywords=frozenset(report["keywords"]),
    )


def _texture(entry: Report, project: Path) -> Texture:
    values = {field.name: entry[field.name] for field in fields(Texture)}
    return Texture(**(values | {"file": project / entry["file"]}))
