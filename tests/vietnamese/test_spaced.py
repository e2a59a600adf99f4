from __future__ import annotations

import pytest

from vietnamese import spaced


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Cấp lại: thẻ", " cấp lại thẻ "), ("mã 1.001193!", " mã 1.001193 "), ("", "  "), ("…", "  ")],
)
def test_spaced(text: str, expected: str) -> None:
    assert spaced(text) == expected
    assert " phi " not in spaced("phim ảnh")
