"""A small catalogue of invented records, with and without lay names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.search.encoder import BuiltInEncoder
from bot.search.model_files import MODEL
from bot.search.searcher import Searcher
from procedures_kb.catalogue import Catalogue
from tests.factories import procedure

NAMES = {
    "1.001193": "Thủ tục đăng ký khai sinh",
    "1.004884": "Thủ tục đăng ký lại khai sinh",
    "1.000894": "Thủ tục đăng ký kết hôn",
    "1.000656": "Thủ tục đăng ký khai tử",
    "1.004222": "Đăng ký thường trú",
    "1.004194": "Đăng ký tạm trú",
    "1.001612": "Đăng ký thành lập hộ kinh doanh",
    "1.001456": "Cấp hộ chiếu phổ thông ở trong nước",
    "3.000347": "Đổi giấy phép lái xe",
    "1.001029": "Cấp giấy phép đủ điều kiện kinh doanh dịch vụ karaoke",
}
TWIN = "Cấp thẻ căn cước"


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    one_level = [procedure(code, name) for code, name in NAMES.items()]
    twins = [
        procedure("2.000200", f"{TWIN} (cấp tỉnh)", family="cap the can cuoc", levels=["province"]),
        procedure("1.001247", f"{TWIN} (cấp trung ương)", family="cap the can cuoc", levels=["ministry"]),
    ]
    return Catalogue((*one_level, *twins))


@pytest.fixture(scope="session")
def lay_names(catalogue: Catalogue) -> Mapping[str, tuple[str, ...]]:
    def family(code: str) -> str:
        return catalogue.by_code[code].family

    return {
        family("1.001193"): ("làm giấy khai sinh cho con", "khai sinh cho em bé"),
        family("1.001612"): ("mở quán tạp hóa",),
        family("1.001456"): ("làm hộ chiếu", "làm passport"),
        family("3.000347"): ("đổi bằng lái xe",),
    }


@pytest.fixture(scope="session")
def lexical(catalogue: Catalogue, lay_names: Mapping[str, tuple[str, ...]]) -> Searcher:
    return Searcher.lexical_only(catalogue, lay_names)


@pytest.fixture(scope="session")
def built_in() -> BuiltInEncoder:
    return BuiltInEncoder.load(MODEL)


@pytest.fixture(scope="session")
def both(lexical: Searcher, built_in: BuiltInEncoder) -> Searcher:
    return lexical.with_encoder(built_in)


@pytest.fixture
def copied_model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    for file in MODEL.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder
