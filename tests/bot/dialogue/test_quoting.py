"""The portal's own sentences in an answer: quoted, dated, cut at a sentence."""

from __future__ import annotations

from datetime import date

import pytest

from bot.dialogue.answers import AnswerWriter
from bot.dialogue.answers.cards import CardWriter
from bot.dialogue.answers.quoting import MAX_CHARACTERS, cut
from bot.dialogue.state import Aspect
from bot.replies.renderer import Replies
from procedures_kb.importers.contract import Format, QuotedPaper, Wording
from procedures_kb.model import Procedure
from tests.factories import birth, catalogue

ID = "0" * 31 + "1"
WORDING = Wording(
    code="1.000001",
    format=Format.API_DETAIL,
    taken=date(2026, 11, 2),
    steps="- Bước một, nộp hồ sơ.\n- Bước hai, nhận kết quả.",
    papers=(
        QuotedPaper(case="Trẻ bị bỏ rơi", name="Biên bản về việc trẻ bị bỏ rơi, do Công an lập;"),
        QuotedPaper(case="Trẻ bị bỏ rơi", name="Tờ khai theo mẫu."),
    ),
)


class Kept:
    def __init__(self, wording: Wording | None) -> None:
        self.one = wording

    def wording(self, wording_id: str) -> Wording | None:
        return self.one if wording_id == ID else None


def answer(aspect: Aspect, wording: Wording | None = WORDING, wording_id: str | None = ID) -> str:
    replies = Replies.load()
    cards = CardWriter({}, catalogue(), replies)
    writer = AnswerWriter(replies, cards, Kept(wording), today=lambda: date(2026, 11, 22))
    record: Procedure = birth().model_copy(update={"wording": wording_id})
    return writer.answer(record, (aspect,))


def test_steps_are_quoted_with_their_day_below_ours() -> None:
    text = answer(Aspect.STEPS)
    ours, quoted = text.split("Nguyên văn trên Cổng Dịch vụ công (ngày 2/11/2026):")
    assert "1. Người yêu cầu: nộp hồ sơ" in ours
    assert "- Bước hai, nhận kết quả." in quoted
    assert quoted.strip().startswith('"- Bước một')


def test_papers_are_quoted_by_case() -> None:
    text = answer(Aspect.DOCUMENTS)
    assert text.count("Trẻ bị bỏ rơi\n") == 1
    assert "- Biên bản về việc trẻ bị bỏ rơi, do Công an lập;\n- Tờ khai theo mẫu." in text


@pytest.mark.parametrize("aspect", [Aspect.FEE, Aspect.TIME, Aspect.CONDITIONS])
def test_what_has_no_wording_is_not_quoted(aspect: Aspect) -> None:
    assert "Nguyên văn" not in answer(aspect)


def test_a_record_without_wording_or_with_a_lost_one_is_answered_all_the_same() -> None:
    assert "Nguyên văn" not in answer(Aspect.STEPS, wording_id=None)
    assert "nộp hồ sơ" in answer(Aspect.STEPS, wording=None)


def test_a_long_text_ends_at_a_sentence_and_says_that_there_is_more() -> None:
    long = " ".join(f"Câu thứ {number} nói một điều." for number in range(200))
    text = answer(Aspect.STEPS, WORDING.model_copy(update={"steps": long}))
    quoted = text.split("Nguyên văn")[1].split('"')[1]
    assert len(quoted) <= MAX_CHARACTERS + 2
    assert quoted.endswith("điều. …")
    assert "Phần còn lại có trên trang của thủ tục." in text


def test_a_text_without_sentences_is_cut_between_words() -> None:
    assert cut("chữ " * 1000, 50) == ("chữ " * 12).strip()
    assert cut("ngắn") == "ngắn"
