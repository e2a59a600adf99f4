"""Commands, button keys, digits and codes: understood without a model."""

import pytest

from bot.dialogue.commands import (
    Command,
    Kind,
    mentions,
    named_level,
    names_dossier,
    parse_choice,
    parse_payload,
    parse_slash,
    procedure_codes,
)
from bot.dialogue.state import Choice, ConversationState

MENU = ConversationState(menu=tuple(Choice(payload=f"pick:1.00000{n}") for n in (1, 2, 3)))


@pytest.mark.parametrize(("text", "said"), [("/xoa", "erase"), (" /MENU ", "menu"), ("/start", "start")])
def test_slash_commands(text: str, said: str) -> None:
    assert parse_slash(text) == Command(Kind.SAY, said)


def test_other_words_are_no_command() -> None:
    assert parse_slash("xóa đăng ký thường trú") is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2", 2),
        ("số 2", 2),
        ("chọn 1", 1),
        ("cái thứ ba", 3),
        ("Đầu tiên", 1),
        ("em chọn số 3", 3),
        ("2.", 2),
    ],
)
def test_digits_of_the_last_menu(text: str, number: int) -> None:
    assert parse_choice(text, MENU) == Command(Kind.PICK, f"1.00000{number}")


@pytest.mark.parametrize("text", ["4", "0", "99", "2 con", "hai đứa con", "mua nhà"])
def test_what_is_no_choice(text: str) -> None:
    assert parse_choice(text, MENU) is None


def test_without_a_menu_a_digit_is_just_a_digit() -> None:
    assert parse_choice("2", ConversationState()) is None


@pytest.mark.parametrize("payload", ["aspect:fee", "move:next", "pick:1.001193", "guide:x", "say:menu"])
def test_payloads_round_trip(payload: str) -> None:
    command = parse_payload(payload)
    assert command is not None
    assert command.payload == payload


@pytest.mark.parametrize("payload", ["", "aspect:", "aspect:weather", "move:fly", "drop:table", "x"])
def test_foreign_payloads_are_nothing(payload: str) -> None:
    assert parse_payload(payload) is None


def test_codes() -> None:
    assert procedure_codes("mã 1.001193 và 2.000635, 11.0011934") == ("1.001193", "2.000635")
    assert names_dossier("hồ sơ H56.17.34-251120-0001 đâu rồi")
    assert names_dossier("000.00.17.H56-251120-0001")
    assert not names_dossier("nghị định 123/2015/NĐ-CP")


def test_mentions_on_syllable_boundaries() -> None:
    assert mentions("Không phải, tôi hỏi việc khác", ("khong phai",))
    assert not mentions("không phải", ("phai la",))


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("làm ở xã được không", "commune"),
        ("cấp tỉnh", "province"),
        ("ở xã hay lên tỉnh", None),
        ("kết hôn", None),
    ],
)
def test_named_level(text: str, level: str | None) -> None:
    assert named_level(text) == level
