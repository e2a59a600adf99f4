from __future__ import annotations

from pathlib import Path

import pytest

from bot.dialogue.situations import load, tell_apart


def test_one_difference_that_tells_all_apart_is_asked() -> None:
    told = tell_apart(
        ["Cấp thẻ căn cước cho người từ đủ 14 tuổi trở lên", "Cấp lại thẻ căn cước", "Cấp đổi thẻ căn cước"]
    )
    assert told.question == "bạn làm lần đầu, làm lại vì mất, hay thay đổi?"
    assert told.hints == (
        "Khi làm lần đầu.",
        "Khi giấy cũ bị mất hoặc hỏng.",
        "Khi đổi giấy cũ lấy giấy mới.",
    )


def test_the_foreign_element_is_asked_first() -> None:
    told = tell_apart(["Đăng ký khai tử", "Đăng ký khai tử có yếu tố nước ngoài"])
    assert told.question == "trong việc này có người nước ngoài không?"
    assert told.hints[0] == "Khi mọi người đều là công dân Việt Nam."


def test_several_differences_are_hints_without_one_question() -> None:
    told = tell_apart(["Đăng ký kết hôn", "Đăng ký lại kết hôn", "Đăng ký kết hôn có yếu tố nước ngoài"])
    assert told.question is None
    assert told.hints == (
        None,
        "Khi giấy cũ bị mất hoặc hỏng.",
        "Khi có người nước ngoài, hoặc người Việt sống ở nước ngoài.",
    )


def test_different_matters_get_no_question() -> None:
    told = tell_apart(["Cấp lại hộ chiếu phổ thông", "Đăng ký thành lập hộ kinh doanh"])
    assert told.question is None


@pytest.mark.parametrize("names", [[], ["Đăng ký kết hôn"], ["Đăng ký kết hôn", "Đăng ký kết hôn"]])
def test_nothing_to_tell_apart(names: list[str]) -> None:
    assert tell_apart(names).question is None


def test_every_sentence_ends_as_one() -> None:
    for difference in load().root.values():
        assert difference.question.endswith("?")
        assert difference.question[0].islower()  # it follows a colon
        hints = [value.hint for value in difference.values] + [difference.otherwise]
        assert all(hint.endswith(".") for hint in hints if hint)


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "situations.yaml"
    file.write_text("foreign: {question: x}\n")
    with pytest.raises(ValueError, match=r"situations.yaml: foreign"):
        load(file)
