"""Reads every file that holds text for citizens into units, by the kinds of `limits.yaml`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from yaml import YAMLError

from evaluation.readability.limits import Kind, Limits, Message
from evaluation.readability.markup import texts
from evaluation.readability.templates import longest, variants
from evaluation.readability.texts import Piece, Unit, Whole
from procedures_kb.yaml_files import read_yaml

ROOT = Path(__file__).parents[2]


class UnknownSource(ValueError):
    """Neither a kind of text nor a file or folder that belongs to one; the message lists the kinds."""


class BrokenSource(ValueError):
    """A file that is not YAML; the message names the file and the line."""


def units(limits: Limits, wanted: str | None = None, root: Path = ROOT) -> Iterator[Unit]:
    """Yield every unit, or those of the kind, file or folder `wanted`.

    Raises UnknownSource where `wanted` names nothing, BrokenSource for a file that cannot be read.
    """
    found = list(_files(limits, wanted, root))
    if not found:
        kinds = ", ".join(limits.kinds)
        raise UnknownSource(f"{wanted or root}: no text there; give a file, a folder or one of {kinds}")
    for name, file in found:
        yield from _units(name, limits.kinds[name], file)


def _files(limits: Limits, wanted: str | None, root: Path) -> Iterator[tuple[str, Path]]:
    place = None if wanted is None or wanted in limits.kinds else Path(wanted).resolve()
    for name, kind in limits.kinds.items():
        if wanted in limits.kinds and wanted != name:
            continue
        for pattern in kind.files:
            for file in sorted(root.glob(pattern)):
                if place is None or file.resolve().is_relative_to(place):
                    yield name, file


def _units(name: str, kind: Kind, file: Path) -> Iterator[Unit]:
    content = _content(kind, file)
    where = f"{name}/{file.stem}"
    pieces = list(_pieces(kind, content, Spot()))
    if kind.whole_file:
        seen = tuple(variant for piece in pieces for variant in _variants(kind, piece))
        yield Unit(name, where, seen, tuple(_wholes(kind, where, content)), kind.apart)
        return
    for piece in pieces:
        text = longest(piece.text) if kind.templates and not kind.markup else piece.text
        wholes = tuple(Whole(f"{where} {piece.place}", text, message.longest) for message in kind.messages)
        for variant in _variants(kind, piece):
            yield Unit(name, where, (variant,), wholes)
            wholes = ()  # once for all variants


def _content(kind: Kind, file: Path) -> object:
    if kind.markup:
        text = file.read_text("utf-8")
        seen = (part for variant in (variants(text) if kind.templates else [text]) for part in texts(variant))
        return {"text": list(dict.fromkeys(seen))}
    try:
        return read_yaml(file)
    except YAMLError as error:
        raise BrokenSource(f"{file.name} in {file.parent.name}: not YAML: {error}") from error


def _variants(kind: Kind, piece: Piece) -> Iterator[Piece]:
    seen = variants(piece.text) if kind.templates and not kind.markup else (piece.text,)
    yield from (replace(piece, text=text) for text in seen)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the reading stands in a file."""

    path: tuple[str, ...] = ()
    key: str = ""
    titles: tuple[str, ...] = ()
    name: bool = False


def _pieces(kind: Kind, content: object, spot: Spot) -> Iterator[Piece]:
    if isinstance(content, str):
        if content.strip():
            yield Piece(".".join(spot.path), spot.key, content, spot.titles, spot.name)
    elif isinstance(content, list):
        for number, item in enumerate(content):
            step = str(item.get("id", number)) if isinstance(item, dict) else str(number)
            yield from _pieces(kind, item, Spot((*spot.path, step), spot.key, spot.titles, spot.name))
    elif isinstance(content, dict):
        titles = spot.titles if (paper := content.get("paper")) is None else (str(paper),)
        for key, item in content.items():
            if key not in kind.skip and not (isinstance(item, dict) and key in kind.skip_mappings):
                name = spot.name or key in kind.names
                yield from _pieces(kind, item, Spot((*spot.path, str(key)), str(key), titles, name))


def _wholes(kind: Kind, where: str, content: object) -> Iterator[Whole]:
    for message in kind.messages:
        if message.each is None:
            yield Whole(where, _joined(kind, content, message), message.longest)
        elif isinstance(content, dict):
            beside = {key: content[key] for key in message.beside if key in content}
            for number, item in enumerate(content.get(message.each, [])):
                step = item.get("id", number) if isinstance(item, dict) else number
                text = _joined(kind, [item, beside], message)
                yield Whole(f"{where} {message.each}.{step}", text, message.longest)


def _joined(kind: Kind, content: object, message: Message) -> str:
    reduced = kind.model_copy(update={"skip": (*kind.skip, *message.without)})
    return "\n".join(piece.text for piece in _pieces(reduced, content, Spot()))
