"""Personal data never gets past the door; codes, dates and amounts do."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.privacy import PersonalData, labels, mask

FOUND = [
    ("số cccd của tôi là 038095001234", "số cccd của tôi là [số giấy tờ]"),
    ("cmnd 123 456 789 bị mất", "cmnd [số giấy tờ] bị mất"),
    ("căn cước 038.095.001.234", "căn cước [số giấy tờ]"),
    ("mã định danh của cháu 038 220 001 234 ạ", "mã định danh của cháu [số giấy tờ] ạ"),
    ("cccd038095001234", "cccd[số giấy tờ]"),
    ("0 3 8 0 9 5 0 0 1 2 3 4", "[số giấy tờ]"),
    ("０３８０９５００１２３４", "[số giấy tờ]"),
    ("0\u200b38095001234", "[số giấy tờ]"),
    ("cccd 0012 2025 1234", "cccd [số giấy tờ]"),
    ("số 0012 2025 1234", "số [số giấy tờ]"),
    ("sdt 0912345678", "sdt [số điện thoại]"),
    ("sđt 0912.345.678, gọi giúp", "sđt [số điện thoại], gọi giúp"),
    ("gọi +84 912 345 678 hoặc (0237) 3852 246", "gọi [số điện thoại] hoặc [số điện thoại]"),
    ("+1 415 555 2671", "[số điện thoại]"),
    ("email a.b@gmail.com nhé", "email [thư điện tử] nhé"),
    ("thẻ 4111 1111 1111 1111", "thẻ [số thẻ]"),
    ("stk 19031234567 ở ngân hàng", "stk [số tài khoản] ở ngân hàng"),
    ("tai khoan ngan hang cua toi la 0011002233", "tai khoan ngan hang cua toi la [số tài khoản]"),
    ("mật khẩu của mình là Abc@123", "mật khẩu của mình là [mã bí mật]"),
    ("mat khau vneid la hello2024!", "mat khau vneid la [mã bí mật]"),
    ("mật khẩu: matkhaucuatoi", "mật khẩu: [mã bí mật]"),
    ("mk la abcxyz12", "mk la [mã bí mật]"),
    ("mã otp 123456", "mã otp [mã bí mật]"),
    ("otp: 123 456", "otp: [mã bí mật]"),
    ("passcode 123456", "passcode [mã bí mật]"),
    ("mã pin 1234", "mã pin [mã bí mật]"),
    ("123456 là mã otp của tôi", "[mã bí mật] là mã otp của tôi"),
    ("hộ chiếu C1234567", "hộ chiếu [số hộ chiếu]"),
    ("hộ chiếu số c1234567", "hộ chiếu số [số hộ chiếu]"),
    ("xe 36A-123.45", "xe [biển số xe]"),
    ("số bhxh 3823456789", "số bhxh [dãy số]"),
    ("hồ sơ H56.17-251120-0001 sđt 0987654321", "hồ sơ H56.17-251120-0001 sđt [số điện thoại]"),
]
KEPT = [
    "hồ sơ H56.17.34-251120-0001 đến đâu rồi",
    "000.00.17.H56-251120-0001",
    "h56.17.34-251120-0001",
    "thủ tục 1.001193 và 1.000894",
    "1.001193.000.00.00.H56",
    "Nghị định 123/2015/NĐ-CP ngày 15/11/2015",
    "Luật 60/2014/QH13, QCVN 06:2022/BXD",
    "phí 2.000.000 đồng hay 1.500.000.000 đ",
    "100000000 đồng",
    "vốn điều lệ 1.000.000.000",
    "năm 2019 2020 2021",
    "từ 20.11.2025 đến 22.11.2025 lúc 15.30",
    "ngày 1/1/2025-31/12/2025",
    "quên mật khẩu thì làm sao",
    "mật khẩu là gì, mật khẩu có bắt buộc không",
    "mật khẩu cấp 2, mã xác nhận 8 ký tự",
    "mk sinh năm 1990",
    "tài khoản mức 2 vneid",
    "gọi 113, 114, 115 hay tổng đài 18001096",
    "tôi có 2 con, 5 tuổi và 7 tuổi",
    "hộ chiếu cho 2 người",
]


@pytest.mark.parametrize(("text", "masked"), FOUND)
def test_personal_data_is_masked(text: str, masked: str) -> None:
    assert mask(text).text == masked


@pytest.mark.parametrize("text", KEPT)
def test_what_is_not_personal_stays(text: str) -> None:
    assert mask(text).text == text
    assert mask(text).found == ()


def test_kinds_are_named_once_in_the_order_of_the_text() -> None:
    found = mask("0912345678 và 0987654321, cccd 038095001234").found
    assert found == (PersonalData.PHONE, PersonalData.ID_NUMBER)


def test_every_kind_has_a_label_without_digits() -> None:
    assert set(labels()) == set(PersonalData)
    assert not any(c.isdecimal() for label in labels().values() for c in label)


separators = st.sampled_from(["", " ", ".", "-", "\u200b", "\u00a0"])
around = st.text(st.characters(whitelist_categories=["Ll", "Lu", "Po"]), max_size=20).map(
    lambda t: "".join(c for c in t if c not in "./\\@-")
)


@given(st.lists(st.integers(0, 9), min_size=11, max_size=11), separators, around, around)
def test_no_id_number_survives(digits: list[int], separator: str, before: str, after: str) -> None:
    number = [0, *digits]
    groups = ["".join(map(str, number[i : i + 3])) for i in range(0, 12, 3)]
    text = mask(f"{before} {separator.join(groups)} {after}").text
    assert not any(c.isdecimal() for c in text if c.isascii())


@given(st.integers(10**7, 10**8 - 1), st.sampled_from("35789"), st.sampled_from(["0", "+84", "84 ", "+84 "]))
def test_no_mobile_number_survives(rest: int, first: str, prefix: str) -> None:
    masked = mask(f"số của tôi {prefix}{first}{rest} nhé")
    assert not any(c.isdecimal() for c in masked.text)
    assert masked.found


@given(st.text(max_size=300))
@settings(max_examples=300)
def test_masking_twice_changes_nothing_more(text: str) -> None:
    once = mask(text).text
    assert mask(once).text == once


@given(st.text(st.characters(whitelist_categories=["Ll", "Zs"], max_codepoint=0x1EFF), max_size=200))
def test_letters_alone_are_never_touched_beyond_spelling(text: str) -> None:
    assert mask(text).found in {(), (PersonalData.SECRET,)}


@pytest.mark.parametrize(
    "unit", ["0", "0 ", "mật khẩu ", "a@", "1.", "mật khẩu a a a ", "+84", "tk a b c d ", "1-1-", "phí a b "]
)
def test_hostile_text_is_masked_in_good_time(unit: str) -> None:
    text = (unit * 16_000)[:16_000]
    start = time.process_time()
    mask(text)
    assert time.process_time() - start < 2
