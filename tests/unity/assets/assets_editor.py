"""The package's asset code, run in an editor without a screen against a real server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from editor_process import EditorProcess
from reference_renderer import Material, Texture

LAYOUTS = ("Panoramic", "SixSided", "Cubemap")

Report = Mapping[str, Any]


class AssetsEditor(EditorProcess):
    """Its one argument is the address of the server."""

    SOURCES = ("AssetsHarness.cs",)

    def make(self, command: str, argument: object = "", **recipe: object) -> Report:
        """One command; `recipe` are fields of SkyRecipe, the rest has the defaults."""
        if "Layout" in recipe:
            recipe["Layout"] = LAYOUTS.index(str(recipe["Layout"]))
        return json.loads(self.ask(command, argument, json.dumps(recipe)))

    def files(self) -> set[str]:
        """Everything below Assets."""
        return {str(path.relative_to(self.project)) for path in self.project.rglob("Assets/**/*")}


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
