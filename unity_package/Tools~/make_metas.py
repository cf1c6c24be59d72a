"""Give every file and folder of the Unity package that lacks one its .meta file.

    python unity_package/Tools~/make_metas.py

Existing .meta files are left as they are: a GUID is made once, and from then on the .meta moves
with its file. Unity writes them by itself only where it may write, which is not the case for an
installed package: there a file without .meta does not exist.

guids.txt beside this file lists every GUID with its file, so that a test notices one that changed.
New ones are added to it; who renames or removes a file edits its line.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
GUIDS = Path(__file__).with_name("guids.txt")

_TAIL = "  userData: \n  assetBundleName: \n  assetBundleVariant: \n"


def _simple(importer: str) -> str:
    return f"{importer}:\n  externalObjects: {{}}\n{_TAIL}"


def _native(main_object: int) -> str:
    return (
        "NativeFormatImporter:\n  externalObjects: {}\n"
        f"  mainObjectFileID: {main_object}\n{_TAIL}"
    )


_FOLDER = f"folderAsset: yes\n{_simple('DefaultImporter')}"
_MANIFEST = _simple("PackageManifestImporter")
_PANORAMA = (  # what the samples' pictures are; mipmaps would show a seam behind the viewer
    "TextureImporter:\n  internalIDToNameTable: []\n  externalObjects: {}\n"
    "  serializedVersion: 11\n"
    "  mipmaps:\n    mipMapMode: 0\n    enableMipMap: 0\n    sRGBTexture: 1\n"
    "  isReadable: 0\n  maxTextureSize: 2048\n  textureSettings:\n    serializedVersion: 2\n"
    "    filterMode: 1\n    aniso: 1\n    mipBias: 0\n    wrapU: 0\n    wrapV: 1\n    wrapW: 1\n"
    "  nPOTScale: 0\n  alphaUsage: 0\n  textureType: 0\n  textureShape: 1\n  platformSettings:\n"
    "  - serializedVersion: 3\n    buildTarget: DefaultTexturePlatform\n    maxTextureSize: 2048\n"
    f"    textureFormat: -1\n    textureCompression: 2\n    compressionQuality: 50\n{_TAIL}"
)
_BY_SUFFIX = {
    ".asmdef": _simple("AssemblyDefinitionImporter"),
    ".asset": _native(11400000),
    ".cs": "MonoImporter:\n  externalObjects: {}\n  serializedVersion: 2\n"
    f"  defaultReferences: []\n  executionOrder: 0\n  icon: {{instanceID: 0}}\n{_TAIL}",
    ".jpg": _PANORAMA,
    ".json": _simple("TextScriptImporter"),
    ".mat": _native(2100000),
    ".md": _simple("TextScriptImporter"),
    ".shader": "ShaderImporter:\n  externalObjects: {}\n  defaultTextures: []\n"
    f"  nonModifiableTextures: []\n{_TAIL}",
    ".unity": _simple("DefaultImporter"),
    # 12385 is the editor's own importer of style sheets.
    ".uss": "ScriptedImporter:\n  internalIDToNameTable: []\n  externalObjects: {}\n"
    f"  serializedVersion: 2\n{_TAIL}"
    "  script: {fileID: 12385, guid: 0000000000000000e000000000000000, type: 0}\n"
    "  disableValidation: 0\n",
}


def needs_meta(path: Path) -> bool:
    """Whether Unity wants a .meta beside this file or folder of the package (a relative path)."""
    *folders, name = path.parts
    if name.endswith(("~", ".meta")) or any(part.startswith(".") for part in path.parts):
        return False
    # What Unity hides needs none, except samples: they are copied into the user's Assets.
    return all(not folder.endswith("~") or folder == "Samples~" for folder in folders)


def assets(package: Path) -> Iterator[Path]:
    """Every file and folder below `package` that needs a .meta, sorted."""
    return (path for path in sorted(package.rglob("*")) if needs_meta(path.relative_to(package)))


def meta_of(path: Path) -> Path:
    """Where the .meta of a file or folder lies."""
    return path.with_name(f"{path.name}.meta")


def guid_of(meta: Path) -> str:
    """The GUID that a .meta file gives."""
    found = re.search(r"^guid: ([0-9a-f]{32})$", meta.read_text(), re.MULTILINE)
    if found is None:
        raise ValueError(f"{meta}: has no guid of 32 lower case hexadecimal digits")
    return found[1]


def _body(path: Path) -> str:
    if path.is_dir():
        return _FOLDER
    if path.name == "package.json":
        return _MANIFEST
    if path.suffix not in _BY_SUFFIX:
        raise SystemExit(f"{path}: write its .meta by hand, or teach make_metas.py its importer")
    return _BY_SUFFIX[path.suffix]


def make_metas(package: Path) -> list[Path]:
    """Write the .meta files that are missing below `package` and return them.

    A GUID is a digest of the package's name and of the path that its file first had, so that the
    same file gets the same one wherever it is made; if a file that moved away has it, of the next
    candidate.
    """
    name = json.loads((package / "package.json").read_text())["name"]
    missing = [path for path in assets(package) if not meta_of(path).exists()]
    taken = {guid_of(meta) for meta in package.rglob("*.meta")}
    for path in missing:
        first_path = f"{name}/{path.relative_to(package).as_posix()}"
        while (guid := hashlib.sha256(first_path.encode()).hexdigest()[:32]) in taken:
            first_path += "+"
        taken.add(guid)
        meta_of(path).write_text(f"fileFormatVersion: 2\nguid: {guid}\n{_body(path)}", newline="\n")
    return [meta_of(path) for path in missing]


def list_guids(metas: list[Path]) -> None:
    """Add .meta files to guids.txt, which is sorted by path."""
    new = [
        f"{guid_of(meta)} {meta.relative_to(PACKAGE).with_suffix('').as_posix()}" for meta in metas
    ]
    known = GUIDS.read_text().splitlines() if GUIDS.exists() else []
    lines = sorted({*known, *new}, key=lambda line: line.split(" ", 1)[1])
    GUIDS.write_text("\n".join(lines) + "\n", newline="\n")


if __name__ == "__main__":
    made = make_metas(PACKAGE)
    list_guids(made)
    for meta in made:
        print(meta.relative_to(PACKAGE.parent))
