"""Reading the files: what is text, in which order, and what belongs together."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.readability.limits import Kind, Limits, Message
from evaluation.readability.sources import BrokenSource, UnknownSource, units
from evaluation.readability.texts import Unit

GUIDE = """
id: demo
title: Cài ứng dụng
goal: Có ứng dụng.
phrases: [cài ứng dụng]
steps:
  - id: first
    do: Mở máy.
    when: {phone: [old]}
    stuck: [{when: Máy tối, then: Sạc pin.}]
  - id: second
    do: Bấm nút.
    later_field: Một câu mới.
"""


def kind(**changes: object) -> Kind:
    told = {
        "files": ["*.yaml"],
        "sentence": 25,
        "whole_file": True,
        "skip": ["id", "phrases"],
        "names": ["title"],
    }
    return Kind.model_validate({**told, "skip_mappings": ["when"], **changes})


def read(tmp_path: Path, limits: Limits, text: str, made: Kind, wanted: str | None = None) -> list[Unit]:
    (tmp_path / "demo.yaml").write_text(text, "utf-8")
    return list(units(limits.model_copy(update={"kinds": {"demo": made}}), wanted, tmp_path))


def test_every_text_is_read_in_order_but_keys_of_programs(tmp_path: Path, limits: Limits) -> None:
    (unit,) = read(tmp_path, limits, GUIDE, kind())
    assert [(p.place, p.text) for p in unit.pieces] == [
        ("title", "Cài ứng dụng"),
        ("goal", "Có ứng dụng."),
        ("steps.first.do", "Mở máy."),
        ("steps.first.stuck.0.when", "Máy tối"),
        ("steps.first.stuck.0.then", "Sạc pin."),
        ("steps.second.do", "Bấm nút."),
        ("steps.second.later_field", "Một câu mới."),
    ]
    assert [p.place for p in unit.pieces if p.name] == ["title"]


def test_messages_are_put_together(tmp_path: Path, limits: Limits) -> None:
    message = Message(longest=9, each="steps", without=("stuck",), beside=("goal",))
    (unit,) = read(tmp_path, limits, GUIDE, kind(messages=(message,)))
    assert [(w.place, w.text, w.longest) for w in unit.wholes] == [
        ("demo/demo steps.first", "Mở máy.\nCó ứng dụng.", 9),
        ("demo/demo steps.second", "Bấm nút.\nMột câu mới.\nCó ứng dụng.", 9),
    ]


def test_texts_alone_and_templates(tmp_path: Path, limits: Limits) -> None:
    text = "a: 'Một{% if x %} hai{% endif %}.'\nb: Ba."
    found = read(tmp_path, limits, text, kind(whole_file=False, templates=True))
    assert [[p.text for p in unit.pieces] for unit in found] == [["Một hai."], ["Một."], ["Ba."]]


def test_the_title_of_the_paper_goes_with_its_line(tmp_path: Path, limits: Limits) -> None:
    (unit,) = read(tmp_path, limits, "lines: [{say: Tờ khai., paper: Tờ khai A}]", kind(skip=["paper"]))
    assert [(p.text, p.titles) for p in unit.pieces] == [("Tờ khai.", ("Tờ khai A",))]


def test_a_file_a_folder_or_a_kind_may_be_wanted(tmp_path: Path, limits: Limits) -> None:
    for wanted in ("demo", str(tmp_path), str(tmp_path / "demo.yaml")):
        assert len(read(tmp_path, limits, GUIDE, kind(), wanted)) == 1
    with pytest.raises(UnknownSource, match="demo"):
        read(tmp_path, limits, GUIDE, kind(), str(tmp_path / "other.yaml"))


def test_a_broken_file_is_named(tmp_path: Path, limits: Limits) -> None:
    with pytest.raises(BrokenSource, match=r"demo\.yaml"):
        read(tmp_path, limits, "a: b: c", kind())
