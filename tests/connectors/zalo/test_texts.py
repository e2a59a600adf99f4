"""What a reply looks like in Zalo."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.messages import Button, Link, Message, MessageKind, Reply
from bot.replies.renderer import Replies, load_labels
from connectors.utf16 import units
from connectors.zalo.cutting import cut
from connectors.zalo.texts import MAX_UNITS, menu_lines, messages, tapped, typed_or_tapped

REPLIES = Replies.load()
PAGE = Link("Trang thủ tục", "https://dichvucong.gov.vn/p/home/dvc-chi-tiet.html?ma=1.001193")
BUTTONS = (Button("Giấy tờ", "aspect:documents"), Button("Lệ phí", "aspect:fee"))
LINE = "• Tờ khai đăng ký khai sinh theo mẫu, bản chính. Bạn điền tại chỗ cũng được.\n"


def test_choices_become_a_numbered_menu_below_text_and_links() -> None:
    reply = Reply("Thủ tục: Đăng ký khai sinh\n• Lệ phí: miễn phí", BUTTONS, (PAGE,))
    assert messages(reply) == (
        "Thủ tục: Đăng ký khai sinh\n• Lệ phí: miễn phí\n\n"
        "Trang thủ tục: https://dichvucong.gov.vn/p/home/dvc-chi-tiet.html?ma=1.001193\n\n"
        "Gõ số để chọn:\n1. Giấy tờ\n2. Lệ phí",
    )


def test_a_link_that_the_text_shows_is_not_repeated() -> None:
    assert messages(Reply(f"Xem {PAGE.url}", (), (PAGE,))) == (f"Xem {PAGE.url}",)


def test_nothing_to_say_is_no_message() -> None:
    assert messages(Reply("")) == ()
    assert messages(Reply("", BUTTONS)) == ("Gõ số để chọn:\n1. Giấy tờ\n2. Lệ phí",)


NAMES = ["Đăng ký khai sinh", "Cấp bản sao trích lục hộ tịch"]
NONE = load_labels().buttons["none"]


@pytest.mark.parametrize("hint", ["", "Khi con mới sinh"])
def test_a_menu_that_asking_back_lists_already_is_not_repeated(hint: str) -> None:
    text = REPLIES.render("ask_back", choices=[(name, hint) for name in NAMES], question="", again=False)
    assert menu_lines(text, [*NAMES, NONE]) == ""


def test_nor_where_an_answer_with_numbers_of_its_own_follows() -> None:
    text = REPLIES.render("ask_back", choices=[(name, "") for name in NAMES], question="", again=False)
    assert menu_lines(f"{text}\n\n1. Bạn: nộp hồ sơ\n2. Nơi tiếp nhận: trả kết quả", [*NAMES, NONE]) == ""


def test_nor_those_of_a_life_event_and_of_what_we_do_not_have() -> None:
    event = {"title": "Sinh con", "intro": "Có hai việc.", "closing": ""}
    tasks = [(name, {"why": "Để con có giấy tờ.", "when": "Trong 60 ngày."}) for name in NAMES]
    assert menu_lines(REPLIES.render("life_event", event=event, tasks=tasks, dates="Nguồn"), NAMES) == ""
    assert menu_lines(REPLIES.render("beyond", subject="thả diều", who="", choices=NAMES), NAMES) == ""


def test_numbered_steps_are_no_menu() -> None:
    text = "1. Bạn: nộp hồ sơ\n2. Nơi tiếp nhận: trả kết quả"
    assert menu_lines(text, NAMES) == "Gõ số để chọn:\n1. Đăng ký khai sinh\n2. Cấp bản sao trích lục hộ tịch"
    assert menu_lines("1. Đăng ký khai sinh", NAMES) != ""  # lists only the first
    assert menu_lines("2. Đăng ký khai sinh\n1. Cấp bản sao trích lục hộ tịch", NAMES) != ""


def test_accents_are_composed() -> None:
    decomposed = unicodedata.normalize("NFD", "Lệ phí")
    reply = Reply(decomposed, (Button(decomposed, "a:b"),))
    assert messages(reply) == ("Lệ phí\n\nGõ số để chọn:\n1. Lệ phí",)


def test_what_cannot_be_sent_is_left_out() -> None:
    assert messages(Reply("Lệ\x00 phí\ud800")) == ("Lệ phí",)


def test_a_long_reply_is_cut_between_lines_with_links_and_menu_in_its_last_part() -> None:
    first, last = messages(Reply(LINE * 40, BUTTONS, (PAGE,)))
    assert first.endswith("cũng được.")
    assert last.startswith("• Tờ khai")
    assert last.endswith(f"{PAGE.url}\n\nGõ số để chọn:\n1. Giấy tờ\n2. Lệ phí")
    assert (first + "\n" + last).count("• Tờ khai") == 40


def test_the_menu_stays_in_one_piece() -> None:
    body = (LINE * 40)[: MAX_UNITS * 2 - 40]  # the menu does not fit behind it
    *_, last = messages(Reply(body, BUTTONS))
    assert last.endswith("Gõ số để chọn:\n1. Giấy tờ\n2. Lệ phí")


def test_never_more_parts_than_needed() -> None:
    paragraphs = ("x" * 1000 + " " + "y" * 890 + "\n\n") * 2  # beauty would take three
    assert len(messages(Reply(paragraphs))) == 2
    assert len(messages(Reply("Xin chào. " * 190))) == 1


def test_where_one_message_is_left_it_is_cut_at_a_sentence_and_says_so() -> None:
    (only,) = messages(Reply(LINE * 40, BUTTONS, (PAGE,)), one=True)
    assert units(only) <= MAX_UNITS
    body, _, rest = only.partition("\n\nTin này dài")
    assert body.endswith("cũng được.")
    assert rest == (
        " nên tôi chỉ gửi được phần đầu. Bạn xem phần còn lại bằng cách bấm vào dòng dưới đây.\n\n"
        f"Trang thủ tục: {PAGE.url}\n\nGõ số để chọn:\n1. Giấy tờ\n2. Lệ phí"
    )


def test_without_a_link_it_promises_none() -> None:
    (only,) = messages(Reply(LINE * 40), one=True)
    assert only.endswith("\n\nTin này dài nên tôi chỉ gửi được phần đầu.")


def test_where_one_message_is_left_and_it_fits_nothing_is_said_of_it() -> None:
    assert messages(Reply("Miễn phí."), one=True) == ("Miễn phí.",)


def test_links_give_way_where_they_would_fill_the_message() -> None:
    links = tuple(Link("Trang", f"https://a.vn/{number}/{'x' * 300}") for number in range(6))
    (only,) = messages(Reply(LINE * 40, BUTTONS, links), one=True)
    assert units(only) <= MAX_UNITS
    assert "https://" not in only
    assert only.endswith("1. Giấy tờ\n2. Lệ phí")


@pytest.mark.parametrize(
    ("text", "limit", "first"),
    [
        ("Nộp ở xã. Mang căn cước theo.", 20, "Nộp ở xã."),
        ("Nộp ở TP. Hồ Chí Minh nhé bạn.", 20, "Nộp ở TP. Hồ Chí"),
        ("Nộp ở xã nhé\nGiấy tờ:\n• Tờ khai theo mẫu", 26, "Nộp ở xã nhé"),  # no heading at the end
        ("Xem ở đây https://a.vn/dai/lam", 22, "Xem ở đây"),
        ("1. Khai sinh\n   cho con\n2. Kết hôn", 26, "1. Khai sinh\n   cho con"),
    ],
)
def test_where_a_text_is_cut(text: str, limit: int, first: str) -> None:
    assert cut(text, limit, 0.4)[0] == first


def test_an_address_longer_than_a_message_is_left_out_rather_than_broken() -> None:
    assert cut("Xem https://a.vn/" + "x" * 50, 40, 0.5) == ("Xem …",)


def test_marks_stay_with_their_letter() -> None:
    family = "👨‍👩‍👧"
    for parts in (cut(family * 5, 9, 0.5), cut("ạ\u0301" * 9, 5, 0.5)):
        assert "".join(parts) in {family * 5, "ạ\u0301" * 9}
        assert not any(unicodedata.combining(part[0]) or part[0] == "\u200d" for part in parts)


WORD = st.one_of(
    st.sampled_from(["giấy", "tờ", "Lệ phí.", "xã,", "•", "1.", "\n", "\n\n", "\n   ", "TP.", "😀", "a:\n"]),
    st.integers(0, 999).map(lambda number: f"https://dichvucong.gov.vn/{number}"),
    st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "M"]), min_size=1, max_size=12),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(WORD, max_size=120), st.integers(40, 200), st.sampled_from([0.5, 0.9]))
def test_cutting_loses_no_word_and_keeps_to_the_limit(words: list[str], limit: int, floor: float) -> None:
    text = " ".join(words)
    parts = cut(text, limit, floor)
    assert all(0 < units(part) <= limit for part in parts)
    assert " ".join(parts).split() == text.split()
    addresses = re.findall(r"https://\S+", text)
    assert [found for part in parts for found in re.findall(r"https://\S+", part)] == addresses


@pytest.mark.parametrize("text", ["aspect:fee", "/menu", "/xoa", "1", "/a: b", "/A:b", "", "/a:" + "b" * 300])
def test_what_was_typed_stays_text(text: str) -> None:
    assert typed_or_tapped(text) == Message(text)


def test_what_was_tapped_is_a_key() -> None:
    assert typed_or_tapped(tapped("guide:procedure:1.001193")) == Message(
        "guide:procedure:1.001193", MessageKind.PAYLOAD
    )
