"""Each rule fires where it should, and only there."""

from __future__ import annotations

import pytest

from evaluation.readability.limits import Limits, Rule
from evaluation.readability.rules import Rules
from evaluation.readability.texts import Piece, Unit, Whole
from tests.evaluation.readability.conftest import Broken


def test_a_sentence_may_be_as_long_as_the_limit(broken: Broken, limits: Limits) -> None:
    longest = limits.kinds["guides"].sentence
    assert broken(" ".join(["bạn"] * longest)) == []
    assert broken(" ".join(["bạn"] * (longest + 1))) == [(Rule.SENTENCE_LENGTH, f"{longest + 1} syllables")]


@pytest.mark.parametrize("parting", [". ", "! ", "? ", "\n", ".\n"])
def test_the_end_of_a_sentence_or_line_parts_it(broken: Broken, limits: Limits, parting: str) -> None:
    half = " ".join(["bạn"] * limits.kinds["guides"].sentence)
    assert broken(half + parting + half) == []


def test_a_whole_message_has_a_limit(limits: Limits) -> None:
    wholes = (Whole("guides/x steps.a", "một hai ba", 2), Whole("guides/x steps.b", "một hai", 2))
    found = list(Rules(limits).broken(Unit("guides", "guides/x", (), wholes)))
    assert [(v.place, v.rule, v.found) for v in found] == [("guides/x steps.a", Rule.TOO_LONG, "3 syllables")]


@pytest.mark.parametrize(
    "text",
    [
        "Nộp bản sao có chứng thực.",
        "Nộp bản sao có chứng thực (mẫu số 2).",
        "Nhập passcode.",
        "Máy hỏi mã OTP.",
        "Trích lục khai tử sẽ được gửi về nhà. Bạn cầm nó đi làm việc khác.",
        "Hồ sơ được tích hợp, xong ngay.",
    ],
)
def test_a_rare_word_alone_is_not_explained(broken: Broken, text: str) -> None:
    assert [rule for rule, _ in broken(text)] == [Rule.UNEXPLAINED_TERM]


@pytest.mark.parametrize(
    "text",
    [
        "Nộp bản sao có chứng thực (cơ quan xác nhận giống bản chính).",
        "Nhập passcode, tức là số bạn đã đặt.",
        "Passcode là số bạn đã đặt.",
        "Nhập số bạn đã đặt (passcode).",
        "Nhập số bạn đã đặt, gọi là passcode.",
        "Máy hỏi mã OTP. Mã này gửi về điện thoại.",
        "Nhận Trích lục khai tử của cha, tức là bản chép từ sổ.",
        "Bấm nút “Tích hợp giấy tờ”.",
        'Bấm nút "Tích hợp giấy tờ".',
        "Việc của gia đình chỉ có vậy.",
    ],
)
def test_ways_of_explaining(broken: Broken, text: str) -> None:
    assert broken(text) == []


def test_a_word_is_explained_once_in_a_unit(broken: Broken) -> None:
    assert broken("Nhập passcode, tức là 6 chữ số.", "Nhập lại passcode.") == []
    assert len(broken("Nhập passcode.", "Nhập lại passcode, tức là 6 chữ số.")) == 1


def test_an_official_title_is_not_ours_to_simplify(broken: Broken) -> None:
    title = "Văn bản ủy quyền được chứng thực"
    assert broken("Văn bản ủy quyền được chứng thực của bạn.", kind="cards", titles=(title,)) == []
    assert len(broken("Văn bản ủy quyền được chứng thực của bạn.", kind="cards")) == 2
    later = broken("Văn bản ủy quyền được chứng thực. Ảnh phải chứng thực.", kind="cards", titles=(title,))
    assert later == [(Rule.UNEXPLAINED_TERM, "chứng thực")]


def test_names_need_no_explanation(limits: Limits) -> None:
    title = Piece("title", "title", "Quên passcode", name=True)
    step = Piece("steps.a.do", "do", "Nhập passcode.")
    found = list(Rules(limits).broken(Unit("guides", "guides/x", (title, step))))
    assert [v.place for v in found] == ["guides/x steps.a.do"]


def test_a_word_may_be_known_in_a_kind_of_text(broken: Broken) -> None:
    assert broken("Lệ phí", kind="labels") == []
    assert len(broken("Lệ phí", kind="replies")) == 1


def test_one_case_does_not_explain_words_of_another(limits: Limits) -> None:
    pieces = (
        Piece("cases.a.when", "when", "Có thị thực (visa)."),
        Piece("cases.b.when", "when", "Có thị thực."),
        Piece("rest", "rest", "Mang thị thực."),
    )
    found = list(Rules(limits).broken(Unit("cards", "cards/x", pieces, apart="cases")))
    assert [v.place for v in found] == ["cards/x cases.b.when"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Mở VNeID và bấm mục Ví giấy tờ.", "mở + bấm"),
        ("Chọn ảnh rồi bấm gửi.", "chọn + bấm"),
        ("Chọn ảnh; bấm gửi.", "chọn + bấm"),
        ("Chọn ảnh, sau đó bấm gửi.", "chọn + bấm"),
        ("Bạn hãy chọn ảnh. Hãy bấm gửi.", "chọn + bấm"),
    ],
)
def test_two_actions_in_one_step(broken: Broken, text: str, found: str) -> None:
    assert broken(text, key="do") == [(Rule.MANY_ACTIONS, found)]


@pytest.mark.parametrize(
    "text",
    [
        "Chụp mặt trước và mặt sau của thẻ.",
        "Bấm nút Mở.",
        "Đến nơi, nói việc cần làm với người hướng dẫn.",
        "Gõ chữ VNeID vào ô tìm kiếm. Ô này thường ở trên cùng.",
        "Hỏi công an xã, phường nơi bạn ở.",
        "Đừng bấm vào đó.",
    ],
)
def test_one_action_is_one(broken: Broken, text: str) -> None:
    assert broken(text, key="do") == []


def test_only_do_is_held_to_one_action(broken: Broken) -> None:
    assert broken("Tắt máy, bật lại rồi mở ứng dụng.", key="then") == []


@pytest.mark.parametrize("text", ["Ra UBND xã.", "Thẻ BHYT của bạn.", "Nộp GCN cũ."])
def test_an_abbreviation_is_written_out(broken: Broken, text: str) -> None:
    assert [rule for rule, _ in broken(text)] == [Rule.ABBREVIATION]


@pytest.mark.parametrize(
    "text",
    [
        "Vào CH Play.",
        "Điền mẫu CT01.",
        "Phiếu CC01.",
        "Nghị định 118/2025/NĐ-CP.",
        "Phụ lục II.",
        "Nút “Thẻ CCCD”.",
    ],
)
def test_known_capitals_stand(broken: Broken, text: str) -> None:
    assert broken(text) == []


def test_nobody_is_shouted_at(broken: Broken) -> None:
    assert broken("Đừng đọc mã cho AI khác, KHÔNG bao giờ.") == [
        (Rule.SHOUTING, "AI"),
        (Rule.SHOUTING, "KHÔNG"),
    ]
    assert broken("Không bao giờ đọc mã cho ai.") == []


def test_no_double_negative(broken: Broken) -> None:
    assert broken("Việc này không thể không làm.") == [(Rule.DOUBLE_NEGATIVE, "không thể không")]
    assert broken("Không có thì không sao.") == []
