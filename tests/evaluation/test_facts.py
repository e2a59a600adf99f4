import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.facts import canonical, contains, contains_all


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("Thời hạn: 07 ngày làm việc.", "7 ngày"),
        ("thoi han 7 ngay", "07 ngày"),
        ("Lệ phí 20.000 đồng", "20000"),
        ("Lệ phí 20 000đ", "20.000"),
        ("phí 1,200,000 VND", "1.200.000"),
        ("GIẤY CHỨNG SINH", "giấy chứng sinh"),
        ("cổng VNeID", "vne id"),
        ("ngày 05/04/2024", "5/4/2024"),
        ("Mẫu số 01", "mẫu số 1"),
        ("theo mẫu (TK1)", "mẫu (TK1)"),
        ("mã 1.001193", "1.001193"),
        ("nộp 3 bản, phí 5.000", "5000"),
        ("hòa giải", "hoà giải"),
        ("8 giờ – 10.000 đồng.", "10.000 đồng"),
    ],
)
def test_finds_the_fact_however_it_is_written(text: str, fact: str) -> None:
    assert contains(text, fact)


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("17 ngày", "7 ngày"),
        ("70 ngày", "7"),
        ("10.000.000 đồng", "10.000"),
        ("210.000 đồng", "10.000"),
        ("1,5 ngày", "5 ngày"),
        ("phần 1.001193", "193"),
        ("3 7", "37"),
        ("37", "3 7"),
        ("giấy khai sinh", "giấy chứng sinh"),
        ("", "x"),
        ("bất kỳ", ""),
    ],
)
def test_does_not_find_another_fact(text: str, fact: str) -> None:
    assert not contains(text, fact)


def test_all_of_several() -> None:
    assert contains_all("10 ngày, 20.000 đồng", ("20.000", "10 ngày"))
    assert not contains_all("10 ngày", ("20.000", "10 ngày"))


@given(st.integers(0, 10**12))
def test_a_number_is_found_with_any_separator(number: int) -> None:
    for written in (f"{number:,}", f"{number:,}".replace(",", "."), f"{number:,}".replace(",", " ")):
        assert contains(f"là {written} đồng", str(number))


@given(st.text(max_size=60))
def test_canonical_is_idempotent(text: str) -> None:
    once = canonical(text)
    assert canonical(once) == once
