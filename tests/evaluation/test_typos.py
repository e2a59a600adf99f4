from hypothesis import given
from hypothesis import strategies as st

from evaluation.typos import add_typos, strip_accents

TEXT = "thủ tục đăng ký nuôi 12 con chim cảnh"


def test_the_same_seed_gives_the_same_slips() -> None:
    assert add_typos(TEXT) == add_typos(TEXT)
    assert add_typos(TEXT, 1) != add_typos(TEXT, 2)


def test_changes_something_but_never_digits() -> None:
    for seed in range(200):
        slipped = add_typos(TEXT, seed)
        assert slipped != TEXT
        assert " 12 " in slipped
        assert abs(len(slipped) - len(TEXT)) <= 3


def test_slips_are_as_many_kinds_as_documented() -> None:
    slips = {add_typos("phí", seed) for seed in range(200)}
    assert {"phi", "phis", "pí", "phhí", "hpí"} <= slips
    assert "ddơn" in {add_typos("đơn", seed) for seed in range(200)}
    assert "đown" in {add_typos("đơn", seed) for seed in range(200)}


@given(st.text(max_size=40), st.integers(0, 99))
def test_survives_any_text(text: str, seed: int) -> None:
    add_typos(text, seed)


def test_strips_accents_and_keeps_case() -> None:
    assert strip_accents("Đăng ký VNeID ở Huế") == "Dang ky VNeID o Hue"
