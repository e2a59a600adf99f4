"""What is looked at before anything is parsed, so that no file can hurt: size, bombs, encodings, nesting."""

from __future__ import annotations

import codecs
import json
import stat
import zipfile
from pathlib import Path

MAX_FILE_BYTES = 50 * 1024 * 1024
"""The largest genuine file is 0.1 MB; all details of one ministry in one file are about 10 MB."""
MAX_SHEET_BYTES = 50 * 1024 * 1024
"""Unpacked size of an xlsx: the largest genuine one is 0.33 MB, the whole nation's list would be 4 MB."""
MAX_ZIP_RATIO = 100
"""The genuine lists unpack to 5 to 10 times their size; text of nothing but zeros to 1,000 times."""
MAX_ZIP_ENTRIES = 200
MAX_JSON_CONTAINERS = 1_000_000
"""Objects and lists of one JSON file (a detail has about 60): one costs up to 230 bytes of memory."""
MAX_JSON_VALUES = 4_000_000
MAX_JSON_DEPTH = 32
"""The formats nest at most 7 deep."""

_RATIO_FROM = 1024 * 1024  # a small entry may be as regular as it likes
_HEAD = 64 * 1024
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class BadFile(ValueError):
    """A file is not taken; the message says why and, where there is something to do, what."""


def check_file(file: Path) -> None:
    """Look at the outside of `file`. Raises BadFile where it is missing, no file, empty or too large."""
    try:
        found = file.stat()
    except OSError as error:
        raise BadFile(f"cannot be opened: {error.strerror or error}") from error
    if not stat.S_ISREG(found.st_mode):
        raise BadFile("is not a plain file")
    if found.st_size == 0:
        raise BadFile("is empty")
    if found.st_size > MAX_FILE_BYTES:
        size, limit = found.st_size // 2**20, MAX_FILE_BYTES // 2**20
        raise BadFile(f"is {size} MB large; the limit is {limit} MB: split it, one procedure a file is best")


def head_of(file: Path) -> bytes:
    """Return the first 64 KB of `file`. Raises BadFile."""
    try:
        with file.open("rb") as stream:
            return stream.read(_HEAD)
    except OSError as error:
        raise BadFile(f"cannot be read: {error.strerror or error}") from error


def read_text(file: Path) -> str:
    """Return the UTF-8 text of `file`. Raises BadFile for another encoding, NUL bytes or a web page."""
    check_file(file)
    try:
        data = file.read_bytes()
    except OSError as error:
        raise BadFile(f"cannot be read: {error.strerror or error}") from error
    if data.startswith(_UTF16):
        raise BadFile("is UTF-16 text; save it as UTF-8")
    if b"\x00" in data:
        raise BadFile("holds NUL bytes: it is damaged, or no text file; fetch it again")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile(
            f"is not UTF-8 text (byte {error.start} is 0x{data[error.start]:02x}); save it as UTF-8"
        ) from error
    if text.lstrip()[:1] == "<":
        raise BadFile("is a web page, not data: the portal sent a page (an error, a login); fetch it again")
    return text


def read_json(text: str) -> object:
    """Return the JSON value of `text`.

    Raises BadFile for text that is cut off, malformed, nested too deep, or too large to hold in memory.
    """
    if text.count("{") + text.count("[") > MAX_JSON_CONTAINERS or text.count(",") > MAX_JSON_VALUES:
        raise BadFile("holds too many JSON values to be a file of the portal: split it")
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise BadFile(_json_reason(text, error)) from error
    except RecursionError as error:
        raise BadFile("is JSON nested too deep for a file of the portal") from error
    except ValueError as error:
        raise BadFile(f"is not valid JSON: {error}") from error
    _check_values(value)
    return value


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no number of JSON")


def _json_reason(text: str, error: json.JSONDecodeError) -> str:
    where = f"line {error.lineno}, column {error.colno}"
    if error.pos >= len(text.rstrip()) - 1 or error.msg.startswith("Unterminated string"):
        return f"is JSON cut off at its end ({where}: {error.msg}): fetch it again"
    return f"is not valid JSON ({where}: {error.msg})"


def _check_values(value: object) -> None:
    """Walk without recursion: nothing deeper than the limit, no text that is damaged."""
    level: list[object] = [value]
    for _ in range(MAX_JSON_DEPTH + 1):
        deeper: list[object] = []
        for item in level:
            if isinstance(item, dict):
                deeper.extend(item.values())
            elif isinstance(item, list):
                deeper.extend(item)
            elif isinstance(item, str):
                _check_text(item)
        if not deeper:
            return
        level = deeper
    raise BadFile(f"is JSON nested deeper than {MAX_JSON_DEPTH} levels: not a file of the portal")


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise BadFile("holds a NUL character inside a text: it is damaged; fetch it again")
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise BadFile(
            "holds half a character (a lone surrogate) inside a text: it is damaged; fetch it again"
        )


def check_xlsx(file: Path) -> None:
    """Look into the archive `file` without unpacking it.

    Raises BadFile for a broken or encrypted archive, a zip bomb, or one that is no workbook.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise BadFile(f"is an Excel file cut off or damaged ({error}): fetch it again") from error
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" not in names:
        raise BadFile("is an archive but no Excel list; import the files inside it")
    if len(entries) > MAX_ZIP_ENTRIES:
        raise BadFile(f"is an Excel file of {len(entries)} parts; a list has at most {MAX_ZIP_ENTRIES}")
    if any(entry.flag_bits & 1 for entry in entries):
        raise BadFile("is an Excel file protected by a password; save it without one")
    if sum(entry.file_size for entry in entries) > MAX_SHEET_BYTES or any(map(_bomb, entries)):
        raise BadFile("is an Excel file that unpacks to far more than any list (a zip bomb): not opened")


def _bomb(entry: zipfile.ZipInfo) -> bool:
    return entry.file_size > _RATIO_FROM and entry.file_size > MAX_ZIP_RATIO * max(1, entry.compress_size)
