"""What a dossier needs, case by case, from card and record."""

from __future__ import annotations

from typing import Any

import pytest

from bot.dialogue.dossier import OTHER_CASE, Dossier, Shape, Way, dossier_of, need_id
from bot.dialogue.knowledge import Knowledge
from bot.replies.renderer import load_labels
from procedures_kb.cards import Card, papers_named
from procedures_kb.model import DocumentKind
from tests.factories import birth, procedure
from vietnamese import normalise


def of(*blocks: dict[str, Any]) -> Dossier:
    return dossier_of(procedure(documents=list(blocks)), None)


def paper(name: str, **values: Any) -> dict[str, Any]:
    return {"name": name, **values}


def card(*lines: tuple[str, str], **values: Any) -> Card:
    return Card.model_validate(
        {
            "code": "1.000001",
            "what": "Làm giấy khai sinh cho con.",
            "who": "Cha mẹ của trẻ.",
            "cases": [
                {
                    "id": "only_one",
                    "label": "Con mới sinh",
                    "papers": [{"say": say, "paper": name} for say, name in lines],
                }
            ],
            "mistakes": [{"say": "Tờ khai ghi sai họ tên của con."}],
            **values,
        }
    )


def test_a_record_without_papers_has_no_case() -> None:
    assert of().cases == ()
    assert of().case("only") is None


def test_papers_that_are_needed_always_make_one_case() -> None:
    (case,) = of({"items": [paper("Đơn"), paper("Ghi chú", kind="note")]}).cases
    assert (case.label, [need.say for need in case.needs], case.notes) == ("", ["Đơn"], ("Ghi chú",))


def test_each_case_has_the_papers_that_are_needed_always() -> None:
    dossier = dossier_of(birth(), None)
    abandoned, other = dossier.cases
    always = ["Tờ khai đăng ký khai sinh", "Giấy chứng sinh", "Giấy tờ tùy thân"]
    assert abandoned.label == "Trẻ bị bỏ rơi"
    assert [need.say for need in abandoned.needs] == [*always, "Biên bản"]
    assert (other.id, other.label) == (OTHER_CASE, load_labels().buttons["no_case"])
    assert [need.say for need in other.needs] == always


def test_who_is_in_no_case_is_asked_for_only_where_that_can_be() -> None:
    blocks = [{"case": name, "items": [paper(f"Giấy của {name}")]} for name in ("Cấp mới", "Cấp lại")]
    assert [case.label for case in of(*blocks).cases] == ["Cấp mới", "Cấp lại"]
    assert [case.id for case in of(blocks[0]).cases][-1] == OTHER_CASE
    assert [case.id for case in of({"items": [paper("Đơn")]}, *blocks).cases][-1] == OTHER_CASE


def test_cases_that_differ_in_one_letter_are_two() -> None:
    """đ is a letter of its own: "điểm d" and "điểm đ" are two points of a decree."""
    blocks = [{"case": f"Điểm {point}", "items": [paper(f"Giấy {point}")]} for point in "dđ"]
    assert [case.label for case in of(*blocks).cases] == ["Điểm d", "Điểm đ"]


def test_a_case_in_two_blocks_has_the_papers_of_both() -> None:
    blocks = [{"case": "Mất giấy", "items": [paper(name)]} for name in ("Đơn", "Ảnh")]
    assert [need.say for need in of(*blocks).cases[0].needs] == ["Đơn", "Ảnh"]


def test_a_paper_that_stands_twice_is_asked_for_once() -> None:
    (case, _) = of({"items": [paper("Đơn")]}, {"case": "Mất", "items": [paper("đơn "), paper("Ảnh")]}).cases
    assert len(case.needs) == 2


def test_ids_are_made_of_the_name_alone() -> None:
    assert need_id("Giấy chứng sinh") == need_id("  giấy  chứng sinh")
    assert need_id("Giấy chứng sinh") != need_id("Giấy chứng tử")
    assert len(need_id("x" * 160)) == 10


@pytest.mark.parametrize(
    ("values", "shape"),
    [
        ({"originals": 1}, Shape.ORIGINAL),
        ({"copies": 2}, Shape.COPY),
        ({"copies": 1, "when": "bản sao có chứng thực"}, Shape.CERTIFIED),
        ({"originals": 1, "copies": 1}, Shape.BOTH),
        ({}, Shape.UNSAID),
    ],
)
def test_shapes(values: dict[str, Any], shape: Shape) -> None:
    assert of({"items": [paper("Giấy phép", **values)]}).cases[0].needs[0].shape is shape


def test_a_certified_copy_is_known_by_its_name() -> None:
    needs = of({"items": [paper("Bản sao công chứng hộ chiếu", copies=1)]}).cases[0].needs
    assert needs[0].shape is Shape.CERTIFIED


@pytest.mark.parametrize(
    ("when", "ways", "optional"),
    [
        (None, tuple(Way), False),
        ("khi nộp qua mạng", (Way.ONLINE,), False),
        ("Khi nộp trực tiếp", (Way.COUNTER,), False),
        ("khi nộp trực tiếp hoặc qua bưu chính", (Way.COUNTER, Way.POST), False),
        ("nếu ủy quyền", tuple(Way), True),
    ],
)
def test_a_condition_that_is_a_way_is_no_question(
    when: str | None, ways: tuple[Way, ...], optional: bool
) -> None:
    need = of({"items": [paper("Giấy phép", when=when)]}).cases[0].needs[0]
    assert (need.ways, need.optional) == (ways, optional)


def test_a_case_that_is_handed_in_online_is_none_at_the_counter() -> None:
    blocks = [{"case": name, "items": [paper("Đơn")]} for name in ("Nộp trực tuyến", "Nộp tại quầy")]
    dossier = of(*blocks)
    assert [case.label for case in dossier.by_way(Way.ONLINE)] == ["Nộp trực tuyến", "Nộp tại quầy"]
    assert [case.label for case in dossier.by_way(Way.POST)] == ["Nộp tại quầy"]


# ---- cards -------------------------------------------------------------------------------------------------


def test_a_card_says_it_in_its_own_words() -> None:
    lines = (
        ("Tờ khai, mẫu của xã.", "Tờ khai đăng ký khai sinh"),
        ("Giấy của trạm y tế.", "Giấy chứng sinh"),
    )
    (case,) = dossier_of(birth(), card(*lines)).cases
    assert [need.say for need in case.needs] == ["Tờ khai, mẫu của xã", "Giấy của trạm y tế"]
    assert [need.paper.name for need in case.needs] == [name for _, name in lines]


def test_two_lines_for_one_paper_both_stay() -> None:
    """A paper and what may stand for it: "giấy ra viện", "hoặc bản tóm tắt bệnh án" (1.014163)."""
    lines = (
        ("Giấy của trạm y tế.", "Giấy chứng sinh"),
        ("Hoặc giấy của người làm chứng.", "Giấy chứng sinh"),
    )
    (case,) = dossier_of(birth(), card(*lines)).cases
    assert [need.say for need in case.needs] == ["Giấy của trạm y tế", "Hoặc giấy của người làm chứng"]
    assert len({need.id for need in case.needs}) == 2


def test_no_line_of_any_card_is_lost(shipped_knowledge: Knowledge) -> None:
    lost = []
    for one in shipped_knowledge.cards.values():
        record = shipped_knowledge.catalogue.by_code[one.code]
        dossier = dossier_of(record, one)
        assert [case.id for case in dossier.cases] == [case.id for case in one.cases]
        assert dossier.rest == one.rest
        for case, told in zip(one.cases, dossier.cases, strict=True):
            said = {need.say for need in told.needs}
            lost += [(one.code, case.id, ln.say) for ln in case.papers if ln.say.rstrip(".") not in said]
            assert all(papers_named(record, line.paper) for line in case.papers)
    assert lost == []


def test_nothing_of_any_record_is_lost(shipped_knowledge: Knowledge) -> None:
    """Every case and every paper of every record without a card; a name in two spellings counts once."""
    lost = []
    for record in shipped_knowledge.catalogue:
        dossier = dossier_of(record, None)
        labels = {normalise(case.label).casefold() for case in dossier.cases}
        said = {normalise(need.say).casefold() for case in dossier.cases for need in case.needs}
        for block in record.documents:
            papers = [p for p in block.items if p.kind is not DocumentKind.NOTE]
            lost += [(record.code, p.name) for p in papers if not _told(p.name, said)]
            named = normalise(block.case or "").casefold()
            lost += [(record.code, block.case or "")] if named and named not in labels else []
    assert lost == []


def _told(name: str, said: set[str]) -> bool:
    wanted = need_id(name)
    return normalise(name).casefold() in said or any(need_id(other) == wanted for other in said)
