"""The committed catalogue: its counts, its rules, and that it answers the probes."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from typer.testing import CliRunner

from procedures_kb.aspect import Aspect
from procedures_kb.catalogue import Catalogue, load
from procedures_kb.check import MAX_FILE_BYTES, CheckReport, check, phrases
from procedures_kb.cli import app
from procedures_kb.model import MAX_PHRASE_WORDS, MAX_WHEN_WORDS, Detail, Flag, Level
from procedures_kb.probes import missing, read_probes
from vietnamese import fold

RUNNER = CliRunner()


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load()


@pytest.fixture(scope="module")
def report() -> CheckReport:
    return check()


def test_the_counts(report: CheckReport) -> None:
    assert report.problems == ()
    assert report.procedures >= 4000
    assert report.detailed >= 3050
    assert max(report.files.values()) < MAX_FILE_BYTES


def test_no_internal_procedure_and_no_placeholder(catalogue: Catalogue) -> None:
    assert not [p.code for p in catalogue if p.code.startswith(("5.", "6.")) or p.short_name.startswith(".")]


def test_wrong_pages_keep_only_their_name(catalogue: Catalogue) -> None:
    assert all(p.detail is Detail.NAME_ONLY for p in catalogue if p.has(Flag.WRONG_PAGE))


def test_level_twins_are_told_apart(catalogue: Catalogue) -> None:
    for members in catalogue.families.values():
        twins = [p for p in members if p.has(Flag.LEVEL_TWIN)]
        for twin in twins:
            same = [p for p in twins if p.name != twin.name and p.short_name == twin.short_name]
            assert not same, (twin.code, twin.short_name)


def test_no_different_names_share_a_short_name(catalogue: Catalogue) -> None:
    names: dict[str, set[str]] = {}
    for p in catalogue:
        names.setdefault(p.short_name.lower(), set()).add(fold(p.name))
    assert {short: full for short, full in names.items() if len(full) > 1} == {}


def test_every_detailed_record_has_something_to_say(catalogue: Catalogue) -> None:
    full = [p for p in catalogue if p.detail is Detail.FULL]
    for part, share in (("channels", 0.98), ("documents", 0.95), ("legal_basis", 0.9), ("results", 0.85)):
        assert sum(bool(getattr(p, part)) for p in full) >= share * len(full), part


def test_the_source_is_named(catalogue: Catalogue) -> None:
    assert all(p.source.url.startswith("https://dichvucong.gov.vn") for p in catalogue)


def test_everyday_procedures_are_there(catalogue: Catalogue) -> None:
    birth = catalogue.by_code["1.001193"]
    assert birth.short_name == "Đăng ký khai sinh"
    assert birth.levels == (Level.COMMUNE,)
    assert any("60 ngày" in (c.limit or "") for c in birth.conditions)
    assert any(paper.name == "Giấy chứng sinh" for case in birth.documents for paper in case.items)


def test_phrases_do_not_copy_long_sentences(catalogue: Catalogue) -> None:
    whens, others = Counter[int](), Counter[int]()
    for where, text in (pair for p in catalogue for pair in phrases(p)):
        (whens if where == "documents.when" else others)[len(text.split())] += 1
    assert max(others) <= MAX_PHRASE_WORDS
    assert max(whens) <= MAX_WHEN_WORDS  # ADR 0011


def test_the_probes_cover_all_aspects_and_are_carried(catalogue: Catalogue) -> None:
    probes = read_probes()
    assert len(probes) >= 120
    assert {p.aspect for p in probes} == set(Aspect)
    assert len({catalogue.by_code[p.code].ministry for p in probes}) >= 12
    failed = [(p.code, p.aspect, m) for p in probes if (m := missing(p, catalogue.by_code[p.code]))]
    assert len(failed) <= 0.05 * len(probes), failed


def test_check_command_prints_the_counts() -> None:
    result = RUNNER.invoke(app, ["check"])
    assert result.exit_code == 0, result.output[-500:]
    assert "0 invalid" in result.output


def test_show_command() -> None:
    assert "Đăng ký khai sinh" in RUNNER.invoke(app, ["show", "1.001193"]).output
    assert RUNNER.invoke(app, ["show", "9.999999"]).exit_code == 1


def test_check_names_the_invalid_records_and_fails(tmp_path: Path) -> None:
    good = next(iter(load())).model_dump(mode="json")
    bad = [
        {**good, "code": "1.000001", "short_name": "x" * 61},
        {**good, "code": "1.000002", "conditions": [{"about": "mười sáu " * 8}]},
        {**good, "code": "1.000003"},
        {**good, "code": "1.000003"},
        {**good, "code": "5.000004"},
    ]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in bad)
    (tmp_path / "a.jsonl").write_text(lines, encoding="utf-8")
    found = {problem.code: problem.reason for problem in check(tmp_path).problems}
    assert "short_name" in found["1.000001"]
    assert "more than 15 words" in found["1.000002"]
    assert "a.jsonl:3" in found["1.000003"]
    assert "internal" in found["5.000004"]
    assert RUNNER.invoke(app, ["check", str(tmp_path)]).exit_code == 1


def test_build_command_fails_plainly_without_sources(tmp_path: Path) -> None:
    result = RUNNER.invoke(app, ["build", "--from", str(tmp_path), "--out", str(tmp_path / "kb")])
    assert result.exit_code == 1
    assert "merged_procedures" in result.output
