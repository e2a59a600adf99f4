"""Papers of a row: what may stand in their place, whose own condition it is, and what only a copy is."""

from __future__ import annotations

import pytest

from procedures_kb.build.conditions import read_conditions
from procedures_kb.build.papers import read_documents
from procedures_kb.build.reading import RawDocument
from procedures_kb.build.steps import read_steps
from procedures_kb.model import Paper


def papers_in(*rows: str, group: str | None = None, originals: int = 1, copies: int = 0) -> list[Paper]:
    raw = [RawDocument(name=row, group=group, originals=originals, copies=copies) for row in rows]
    return [paper for case in read_documents(raw).cases for paper in case.items]


@pytest.mark.parametrize(
    ("row", "alternatives"),
    [
        (
            "Giấy mẫu; trường hợp không có Giấy mẫu thì nộp văn bản của người làm chứng; nếu không có người "
            "làm chứng thì phải có giấy cam đoan.",
            ("Văn bản của người làm chứng", "Giấy cam đoan"),
        ),
        ("Thẻ bảo hiểm mẫu; chưa có thẻ thì giấy chứng sinh bản gốc", ("Giấy chứng sinh bản gốc",)),
        ("Giấy chứng nhận người mẫu hoặc bằng mẫu; hoặc giấy tờ mẫu khác", None),
    ],
)
def test_what_may_stand_in_a_papers_place_is_kept(row: str, alternatives: tuple[str, ...] | None) -> None:
    (paper,) = papers_in(row)
    if alternatives is None:
        assert "giấy tờ mẫu khác" in " ".join((paper.name, *paper.alternatives)).lower()
    else:
        assert paper.alternatives == alternatives


@pytest.mark.parametrize(
    ("row", "name", "when"),
    [
        (
            "Người nước ngoài phải nộp bản sao hộ chiếu mẫu",
            "Hộ chiếu mẫu",
            "đối với người nước ngoài",
        ),
        ("Giấy tờ mẫu (không cần nếu có định danh mức 02)", "Giấy tờ mẫu", "trừ khi có định danh mức 02"),
        (
            "Thư mẫu phải có nội dung cam kết nộp thay trong trường hợp người nộp không đúng hạn",
            "Thư mẫu",
            None,
        ),
        (
            "Chứng nhận mẫu (trường hợp đổi chứng nhận) hoặc biển số (trường hợp đổi biển số)",
            "Chứng nhận mẫu (trường hợp đổi chứng nhận) hoặc biển số (trường hợp đổi biển số)",
            None,
        ),
        (
            "Mẫu hộ tịch điện tử tương tác đăng ký mẫu",
            "Mẫu hộ tịch điện tử tương tác đăng ký mẫu",
            "khi nộp qua mạng",
        ),
        (
            "Tờ khai mẫu. Hai bên có thể khai chung (nếu người yêu cầu chọn nộp theo hình thức trực tiếp)",
            "Tờ khai mẫu",
            "khi nộp trực tiếp",
        ),
        (
            "Bản chụp Thẻ mẫu. Trường hợp cơ quan khai thác được thông tin thì không yêu cầu nộp Thẻ",
            "Thẻ mẫu",
            "nếu cơ quan không tra được dữ liệu",
        ),
        (
            "Giấy khám mẫu (đối với ô tô, rơ moóc được kéo bởi ô tô)",
            "Giấy khám mẫu",
            "đối với ô tô, rơ moóc được kéo bởi ô tô",
        ),
        (
            "Trường hợp không có văn bản nêu trên thì phải có văn bản cam đoan mẫu",
            "Văn bản cam đoan mẫu",
            "nếu không có các giấy tờ đã nêu",
        ),
    ],
)
def test_each_paper_keeps_its_own_condition(row: str, name: str, when: str | None) -> None:
    (paper,) = papers_in(row)
    assert (paper.name, paper.when) == (name, when)


def test_papers_of_one_row_that_each_have_a_condition_are_told_apart() -> None:
    papers = papers_in(
        "Biên bản mẫu do xã lập đối với trẻ em bị bỏ rơi; Giấy chứng tử đối với trẻ em mồ côi; "
        "quyết định của Tòa án đối với người có cha mẹ mất tích;"
    )
    assert [paper.when for paper in papers] == [
        "đối với trẻ em bị bỏ rơi",
        "đối với trẻ em mồ côi",
        "đối với người có cha mẹ mất tích",
    ]


def test_one_of_a_group_will_do() -> None:
    rows = ("a) Giấy khai sinh mẫu", "b) Văn bản mẫu của cơ quan", "c) Quyết định mẫu")
    (paper,) = papers_in(*rows, group="3. Giấy tờ chứng minh là trẻ em gồm một trong các giấy tờ:")
    assert (paper.name, paper.alternatives) == (
        "Giấy khai sinh mẫu",
        ("Văn bản mẫu của cơ quan", "Quyết định mẫu"),
    )


@pytest.mark.parametrize(
    ("row", "counts"),
    [
        ("Bản sao được chứng thực giấy khai sinh mẫu", (0, 1)),
        ("Bản sao chụp Giấy chứng nhận mẫu", (0, 1)),
        ("Bản chính hoặc bản sao Giấy chứng nhận mẫu", (1, 1)),
    ],
)
def test_a_copy_is_not_an_original(row: str, counts: tuple[int, int]) -> None:
    (paper,) = papers_in(row, copies=1)
    assert (paper.originals, paper.copies) == counts


def test_two_bills_are_two_papers() -> None:
    papers = papers_in(
        "Hóa đơn hoặc biên lai thu tiền khám mẫu và hộ chiếu mẫu", "Hóa đơn hoặc biên lai thu tiền học"
    )
    assert len(papers) == 2
    assert not any(paper.name == "Hóa đơn" for paper in papers)


def test_limits_stay_with_their_group() -> None:
    found = read_conditions("Nhà xa trường từ 4 km (tiểu học), 7 km (THCS), 10 km (THPT)", [])
    assert [(c.about, c.limit) for c in found] == [
        ("Nhà xa trường (tiểu học)", "từ 4 km"),
        ("Nhà xa trường (THCS)", "7 km"),
        ("Nhà xa trường (THPT)", "10 km"),
    ]


def test_a_display_takes_its_own_days_and_an_office_that_is_only_cited_does_not_act() -> None:
    text = (
        "- Người dân nộp hồ sơ tại Ủy ban nhân dân cấp xã.\n"
        "- Trong thời gian niêm yết, nếu có khiếu nại thì phúc tra không quá 07 ngày làm việc.\n"
        "- Niêm yết công khai kết quả phúc tra trong 03 ngày làm việc.\n"
        "- Căn cứ Quyết định của Thủ tướng Chính phủ, cơ quan phê duyệt danh sách."
    )
    steps = read_steps(text, (), ("counter",))
    assert any("Niêm yết" in step.act and "3 ngày" in step.act for step in steps)
    assert not any("Thủ tướng" in step.actor for step in steps)


def test_close_relatives_need_no_certified_letter() -> None:
    (paper,) = papers_in(
        "Văn bản ủy quyền (được chứng thực) trong trường hợp ủy quyền. Trường hợp người được ủy quyền "
        "là ông, bà, cha, mẹ, con của người ủy quyền thì văn bản ủy quyền không phải chứng thực."
    )
    assert paper.name.startswith(
        "Văn bản ủy quyền (được chứng thực; không cần chứng thực khi ủy quyền cho ông bà"
    )
    assert paper.when == "nếu ủy quyền"


@pytest.mark.parametrize(
    "row",
    [
        "Văn bản ủy quyền trong trường hợp ủy quyền. Trường hợp người đi là ông, bà thì không phải có văn "
        "bản ủy quyền của cha, mẹ trẻ em",
        "Công dân đã có dữ liệu không phải nộp giấy tờ mẫu",
        "Trường hợp đã có dữ liệu không phải có giấy tờ mẫu",
    ],
)
def test_what_need_not_be_handed_in_is_never_asked_for(row: str) -> None:
    for paper in papers_in(row):
        assert "có dữ liệu" not in (paper.when or "")
        assert "ông, bà" not in (paper.when or "")
