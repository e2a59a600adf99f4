"""Where to go: the facts of the centres, and provinces named in a sentence."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from procedures_kb import centres as module
from procedures_kb.centres import BrokenCentres, load
from vietnamese import normalise

ALL = load()


def test_the_covered_province() -> None:
    covered = ALL.covered
    assert (covered.name, covered.communes, covered.procedures) == ("Thanh Hóa", 166, 2272)
    assert (covered.fully_online, covered.partly_online) == (965, 1266)
    assert ALL.covers("Thanh Hóa")
    assert not ALL.covers("Nghệ An")


def test_emergency_numbers() -> None:
    numbers = {e.number: e.what for e in ALL.national.emergency}
    assert set(numbers) == {"112", "113", "114", "115"}
    assert numbers["113"].startswith("Công an")
    assert numbers["115"].startswith("Cấp cứu")


def test_34_provinces_made_of_63() -> None:
    former = [old for p in ALL.provinces for old in p.formerly]
    assert len(ALL.provinces) == 34
    assert len(former) == len(set(former)) == 63
    assert {p.name for p in ALL.provinces if p.city} == {
        "Hà Nội", "Hải Phòng", "Huế", "Đà Nẵng", "Hồ Chí Minh", "Cần Thơ",
    }  # fmt: skip
    assert sum(len(p.formerly) == 1 for p in ALL.provinces) == 11, "eleven stayed as they were"
    assert all(normalise(name) == name for p in ALL.provinces for name in (p.name, *p.formerly))


def test_every_name_is_found_behind_a_cue() -> None:
    for province in ALL.provinces:
        for old in province.formerly:
            assert ALL.province_named(f"tôi ở {old} thì nộp đâu") == province.name
            assert ALL.province_named(f"tỉnh {old.lower()}") == province.name


@pytest.mark.parametrize(
    ("text", "province"),
    [
        ("làm căn cước ở Hà Nội", "Hà Nội"),
        ("toi o ha noi", "Hà Nội"),
        ("em ở tphcm", "Hồ Chí Minh"),
        ("sống ở Sài Gòn", "Hồ Chí Minh"),
        ("quê Nam Định giờ làm ở đâu", "Ninh Bình"),
        ("que nam dinh", "Ninh Bình"),
        ("tỉnh Hà Nam", "Ninh Bình"),
        ("tinh ha nam", "Ninh Bình"),
        ("Bình Dương có làm được không", "Hồ Chí Minh"),
        ("o binh duong", "Hồ Chí Minh"),
        ("an giang", "An Giang"),
        ("Kiên Giang", "An Giang"),
        ("lao cai", "Lào Cai"),
        ("Yên Bái giờ là tỉnh nào", "Lào Cai"),
        ("Bà Rịa - Vũng Tàu", "Hồ Chí Minh"),
        ("bà rịa vũng tàu", "Hồ Chí Minh"),
        ("ở Vũng Tàu", "Hồ Chí Minh"),
        ("ở Đắc Lắc", "Đắk Lắk"),
        ("Thanh Hoá", "Thanh Hóa"),
        ("ở thanh hoa", "Thanh Hóa"),
        ("thanh hoa", "Thanh Hóa"),
        ("tỉnh Quảng Bình", "Quảng Trị"),
        ("tp hue", "Huế"),
        ("ở Thừa Thiên Huế", "Huế"),
        ("tỉnh Cao Bằng", "Cao Bằng"),
        ("thành phố Hải Dương", "Hải Phòng"),
        ("Gia Lai", "Gia Lai"),
    ],
)
def test_a_province_is_named(text: str, province: str) -> None:
    assert ALL.province_named(text) == province


@pytest.mark.parametrize(
    "text",
    [
        "",
        "đăng ký kết hôn cần gì",
        "đánh giá lại đất",
        "danh gia lai dat",
        "nhà hai phòng có phải xin phép không",
        "nha hai phong co phai xin phep khong",
        "xây nhà cao bằng hàng xóm",
        "xay nha cao bang hang xom",
        "diễn biến vụ việc",
        "dien bien vu viec",
        "máy đa năng",
        "may da nang",
        "xin lại cháu",
        "xin lai chau",
        "đường Điện Biên Phủ",
        "phố Hà Nội",
        "xã Quảng Bình làm khai sinh ở đâu",
        "xã Quảng Ninh",
        "trường Quảng Trị",
        "Đoàn Hồ Chí Minh vinh danh",
        "bún bò Huế ngon",
        "giấy tờ bên trẻ em",
        "giay to ben tre em",
        "tranh chấp hòa bình được không",
        "năm định cư thứ hai",
        "người Việt Nam định cư ở nước ngoài",
        "nguoi viet nam dinh cu o nuoc ngoai",
        "hiệp định xuyên Thái Bình Dương",
        "nạo vét luồng hàng hải, đường thủy",
        "nao vet luong hang hai, duong thuy",
        "lâm sản ngoài gỗ",
    ],
)
def test_other_words_are_no_province(text: str) -> None:
    assert ALL.province_named(text) is None


def test_a_mention_keeps_what_was_said() -> None:
    mention = ALL.mention("quê Nam Định")
    assert mention is not None
    assert (mention.said, mention.province) == ("Nam Định", "Ninh Bình")


def test_the_first_of_two_counts() -> None:
    assert ALL.province_named("tôi ở Hà Nội, quê Thanh Hóa") == "Hà Nội"


LOCAL = """
centres:
  - commune: phường Hạc Thành
    address: Số 1 phố Thử Nghiệm
    opening_hours: {text: Sáng thứ Hai, confirmed: true}
    hotlines:
      - name: Quầy tiếp nhận
        number: 0000 000 000
        source: &it {what: thử, url: "https://example.org", checked: 2026-11-22}
    sources: [*it]
"""


class TestSingleCentres:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        folder = Path(shutil.copytree(module.CENTRES, tmp_path / "centres"))
        (folder / "communes" / "thanh_hoa.yaml").write_text(LOCAL, encoding="utf-8")
        return folder

    def test_usual_hours_are_not_confirmed(self) -> None:
        assert "thứ Hai đến thứ Sáu" in ALL.opening_hours().text
        assert not ALL.opening_hours("xã Bát Mọt").confirmed

    def test_a_centre_s_own_facts_come_first(self, folder: Path) -> None:
        centres = load(folder)
        assert centres.opening_hours("phường Hạc Thành").text == "Sáng thứ Hai"
        assert [line.name for line in centres.hotlines("phường Hạc Thành")] == ["Quầy tiếp nhận"]
        assert centres.opening_hours("xã Bát Mọt") == centres.opening_hours()
        assert centres.hotlines("xã Bát Mọt") == centres.hotlines()

    def test_the_province_s_hours_come_before_the_country_s(self, folder: Path) -> None:
        file = folder / "thanh_hoa.yaml"
        hours = "opening_hours: {text: Cả thứ Bảy, confirmed: true}\n"
        file.write_text(file.read_text("utf-8") + hours, encoding="utf-8")
        assert load(folder).opening_hours("xã Bát Mọt").text == "Cả thứ Bảy"

    def test_a_centre_given_twice(self, folder: Path) -> None:
        file = folder / "communes" / "thanh_hoa.yaml"
        file.write_text(LOCAL + LOCAL.split("centres:\n", 1)[1].replace("&it", "&other"), encoding="utf-8")
        with pytest.raises(BrokenCentres, match="given twice: phường Hạc Thành"):
            load(folder)


class TestBrokenFolders:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return Path(shutil.copytree(module.CENTRES, tmp_path / "centres"))

    def edit(self, file: Path, old: str, new: str) -> None:
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")

    def test_a_province_that_is_missing(self, folder: Path) -> None:
        self.edit(folder / "provinces.yaml", "  - {name: Sơn La, formerly: [Sơn La]}\n", "")
        with pytest.raises(BrokenCentres, match=r"provinces\.yaml.*34"):
            load(folder)

    def test_another_spelling_of_nothing(self, folder: Path) -> None:
        self.edit(folder / "provinces.yaml", "[Kontum, Kon Tum]", "[Kontum, Kon Tumm]")
        with pytest.raises(BrokenCentres, match="Kon Tumm"):
            load(folder)

    def test_a_file_that_is_missing(self, folder: Path) -> None:
        (folder / "thanh_hoa.yaml").unlink()
        with pytest.raises(BrokenCentres, match=r"thanh_hoa\.yaml"):
            load(folder)

    def test_facts_without_a_source(self, folder: Path) -> None:
        self.edit(folder / "thanh_hoa.yaml", "checked: 2026-11-22", "")
        with pytest.raises(BrokenCentres, match=r"thanh_hoa\.yaml: sources\.0\.checked"):
            load(folder)
