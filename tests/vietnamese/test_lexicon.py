"""The lexicon's files, line by line: each line does what it says, and what it makes stays as it is."""

import itertools
from pathlib import Path

import pytest

from vietnamese import also, expand, fold, is_syllable, normalise
from vietnamese.lexicon import (
    END,
    NUMBER,
    START,
    BrokenTable,
    Rewrite,
    also_terms,
    kept,
    ordinals,
    rewrites,
    short_forms,
    tables,
)
from vietnamese.rewriting import _Line
from vietnamese.slips import Slip, decode

ALL = [rewrite for choices in rewrites().values() for rewrite in choices]
BY_RULE = {rule: [r for r in ALL if r.rule == rule] for rule in ("short form", "misspelling", "dialect")}
TERMS = [term for choices in also_terms().values() for term in choices]
_STAND_IN = {NUMBER: "5"}


def _shown(rewrite: Rewrite) -> str:
    return f"{' '.join(rewrite.said)} = {rewrite.full}"


def _settings(rewrite: Rewrite) -> list[tuple[str, str]]:
    """Words before and after which the line asks for: every pair, or a harmless word where any will do."""
    wanted = rewrite.neighbours
    if wanted is None:
        return [("", "")]
    befores = sorted(wanted.before) or ["", "tên"]
    afters = sorted(wanted.after) or ["", "tên"]
    return list(itertools.product(befores, afters))


def _sentence(rewrite: Rewrite, before: str, after: str) -> str:
    before = "" if before == START else _STAND_IN.get(before, before)
    after = "" if after == END else _STAND_IN.get(after, after)
    return " ".join(part for part in (before, *rewrite.said, after) if part)


def test_the_files_are_as_large_as_they_should_be() -> None:
    shorts = {rewrite.said for rewrite in BY_RULE["short form"]}
    assert len(shorts) >= 350
    assert len(BY_RULE["misspelling"]) >= 200
    assert len(BY_RULE["dialect"]) >= 100
    assert len(TERMS) >= 150


def _fires(rewrite: Rewrite) -> bool:
    choices = rewrites()[rewrite.said[0]]
    for before, after in _settings(rewrite):
        line = _Line(_sentence(rewrite, before, after))
        at = 0 if before in {"", START} else 1
        if line._rewrite(choices, at) == (rewrite.rule, len(rewrite.said), rewrite.full):
            return True
    return False


def test_each_line_can_fire() -> None:
    assert [_shown(rewrite) for rewrite in ALL if not _fires(rewrite)] == []


def test_every_short_form_is_expanded_and_stays_expanded() -> None:
    for short, full in short_forms().items():
        assert expand(short) == full
        assert expand(full) == full


def test_full_forms_are_spelled_right_and_stay() -> None:
    for rewrite in ALL + TERMS:
        assert rewrite.full == normalise(rewrite.full)
        assert [w for w in rewrite.full.lower().split() if not is_syllable(w)] == [], _shown(rewrite)
        assert expand(rewrite.full) == rewrite.full, _shown(rewrite)


def test_each_misspelling_is_put_right_in_a_sentence() -> None:
    for rewrite in BY_RULE["misspelling"]:
        said = " ".join(rewrite.said)
        assert expand(said) == rewrite.full
        assert expand(f"cho hỏi {said}") == f"cho hỏi {rewrite.full}"


def test_old_terms_add_and_never_replace() -> None:
    for term in TERMS:
        said = " ".join(term.said)
        assert term.full in also(said) or f" {fold(term.full)} " in f" {fold(said)} ", said
        assert term.full not in also(f"{said} {term.full}"), said
        assert expand(said) == said


def test_what_is_kept_would_otherwise_be_read_as_a_slip_and_is_not() -> None:
    for word, kind in kept().items():
        if kind == "ordinal":
            assert is_syllable(word)
            assert expand(f"{word}1") == f"{word}1"
        else:
            assert expand(word) == word
    assert all(fold(word) == word for word in ordinals())
    assert decode("quan1") == Slip("vni", "quán")


def test_a_broken_line_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kept.tsv").write_text("# head\nword\tkind\tnote\nvisa\tnever\n", encoding="utf-8")
    monkeypatch.setattr(tables, "_FOLDER", tmp_path)
    with pytest.raises(BrokenTable, match=r"kept\.tsv:3: 2 cells, not 3"):
        list(tables.rows("kept.tsv", ("word", "kind", "note")))


def test_wrong_columns_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kept.tsv").write_text("word\tsort\tnote\n", encoding="utf-8")
    monkeypatch.setattr(tables, "_FOLDER", tmp_path)
    with pytest.raises(BrokenTable, match=r"kept\.tsv:1: the columns are word, kind, note"):
        list(tables.rows("kept.tsv", ("word", "kind", "note")))
