"""The files of the built-in model, and the manifest that they are checked against before they are read."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

MODEL = Path(__file__).parent / "model"
WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"
MODULES = "modules.json"
MANIFEST = "manifest.json"
FILES = (WEIGHTS, TOKENIZER, MODULES)


class BrokenModel(RuntimeError):
    """A file of the built-in model is missing or is not the committed one; the message says which."""


def sha256(file: Path) -> str:
    """Return the SHA-256 of `file` in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_manifest(folder: Path) -> None:
    """Write the digests of the model's files in `folder` beside them."""
    digests = {name: sha256(folder / name) for name in FILES}
    (folder / MANIFEST).write_text(json.dumps({"sha256": digests}, indent=1) + "\n", encoding="utf-8")


def check_manifest(folder: Path) -> str:
    """Check each file of `folder` against its manifest; return a digest of the whole model.

    Raises BrokenModel for a file that is missing or differs.
    """
    remedy = "restore bot/search/model from the repository, or run `troly search train`"
    manifest = folder / MANIFEST
    if not manifest.is_file():
        raise BrokenModel(f"{manifest} is missing: {remedy}")
    expected: dict[str, str] = json.loads(manifest.read_text(encoding="utf-8"))["sha256"]
    for name in FILES:
        file = folder / name
        if not file.is_file():
            raise BrokenModel(f"{file} is missing: {remedy}")
        if sha256(file) != expected.get(name):
            raise BrokenModel(f"{file} is not the file of its manifest: {remedy}")
    return hashlib.sha256("".join(expected[name] for name in FILES).encode()).hexdigest()
