"""Communes before and after the merger: the units, and the ones that a sentence names."""

from __future__ import annotations

import json
import shutil
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from procedures_kb import centres
from procedures_kb.build import communes as deriver
from procedures_kb.commune_units import COMMUNES, BrokenCommunes, load_units, province_file
from procedures_kb.commune_words import load_words
from procedures_kb.communes import Commune, Communes, Found
from vietnamese import fold, normalise

HERE = Path(__file__).parent
SENTENCES = yaml.safe_load((HERE / "commune_sentences.yaml").read_text("utf-8"))
CENTRES = centres.load()
HOME = "Thanh Hóa"


@pytest.fixture(scope="module")
def communes() -> Communes:
    return Communes.load()


def described(found: Found | None, shown: int) -> dict[str, Any] | None:
    """Return what the sentence file says of a sentence, with what is usual left out."""
    if found is None:
        return None
    told = {
        "said": found.said,
        "era": found.era.value,
        "communes": [commune.full for commune in found.candidates[:shown]],
        "count": len(found.candidates) if len(found.candidates) > shown else None,
        "also": [commune.full for commune in found.also],
        "district": found.district.full if found.district else None,
        "divided": found.divided,
        "ambiguous": found.ambiguous,
        "ask": list(found.districts_to_ask),
        "exact": None if found.exact else False,
    }
    return {key: value for key, value in told.items() if value or (key == "exact" and value is False)}


def sentences(part: str) -> list[Any]:
    return [pytest.param(one, id=one["text"]) for one in SENTENCES[part]]


class TestSentences:
    @pytest.mark.parametrize("expected", sentences("home"))
    def test_at_home(self, communes: Communes, expected: dict[str, Any]) -> None:
        found = communes.find(expected["text"])
        assert described(found, len(expected["communes"])) == {
            k: expected[k] for k in expected if k != "text"
        }

    @pytest.mark.parametrize("expected", sentences("country"))
    def test_in_the_country(self, communes: Communes, expected: dict[str, Any]) -> None:
        found = communes.find(expected["text"], None)
        assert described(found, len(expected["communes"])) == {
            k: expected[k] for k in expected if k != "text"
        }

    @pytest.mark.parametrize("expected", sentences("answers"))
    def test_as_an_answer(self, communes: Communes, expected: dict[str, Any]) -> None:
        found = communes.find(expected["text"], asked=True)
        assert described(found, len(expected["communes"])) == {
            k: expected[k] for k in expected if k != "text"
        }

    @pytest.mark.parametrize("text", SENTENCES["none"])
    def test_ordinary_questions_name_none(self, communes: Communes, text: str) -> None:
        assert communes.find(text) is None
        assert communes.find(text, None) is None

    def test_no_procedure_names_a_commune(self, communes: Communes) -> None:
        lines = [
            json.loads(line)
            for file in sorted((COMMUNES.parent.parent / "catalogue").glob("*.jsonl"))
            for line in file.read_text("utf-8").splitlines()
        ]
        names = sorted({record["short_name"] for record in lines})
        assert len(names) > 2000
        assert [name for name in names if communes.find(name)] == []
        assert [name for name in names[::3] if communes.find(fold(name))] == []
        assert [name for name in names[::3] if communes.find(name, None)] == []

    def test_the_bare_answer_counts_only_when_asked(self, communes: Communes) -> None:
        assert communes.find("Trung Thành") is None
        assert communes.find("Thọ Hải") is None

    def test_the_span_is_the_place_in_the_sentence(self, communes: Communes) -> None:
        found = communes.find("tôi ở xã Thọ Hải cũ, ra đâu làm giấy tờ")
        assert found is not None
        assert found.span == (2, 6)

    @pytest.mark.parametrize("text", ["", "   ", "🙂", "xã", "xã ,", "huyện", "o", "\u0000", "xã " * 300])
    def test_odd_texts(self, communes: Communes, text: str) -> None:
        assert communes.find(text) is None
        assert communes.find(text, None) is None


class TestEveryName:
    def test_each_present_commune_is_found(self, communes: Communes) -> None:
        for commune in communes.of(HOME):
            for text in (f"tôi ở {commune.full}", f"toi o {fold(commune.full)} thi ra dau"):
                found = communes.find(text)
                assert found is not None
                assert commune in (*found.candidates, *found.also), text

    def test_each_old_unit_is_found_with_its_district(self, communes: Communes) -> None:
        for unit in communes.units(HOME).old:
            found = communes.find(f"trước đây tôi ở {unit.full} cũ, {unit.district_full}")
            assert found is not None
            assert found.candidates == unit.became, unit.full
            assert found.divided == unit.divided
            assert not found.ambiguous

    def test_each_former_district_is_found(self, communes: Communes) -> None:
        for district in communes.units(HOME).districts:
            found = communes.find(f"nhà tôi ở {district.full}")
            assert found is not None
            assert found.candidates == district.communes

    def test_present_communes_of_the_country_are_found_in_their_province(self, communes: Communes) -> None:
        missed = [
            commune.full
            for commune in communes.country.present[::7]
            if commune
            not in (f.candidates if (f := communes.find(f"tôi ở {commune.full}", commune.province)) else ())
        ]
        assert missed == []


class TestAnywhere:
    def test_home_comes_first(self, communes: Communes) -> None:
        found = communes.anywhere("tôi ở xã Tân Thành", CENTRES)
        assert found is not None
        assert {commune.province for commune in found.candidates} == {HOME}

    def test_a_province_that_is_named_comes_before_home(self, communes: Communes) -> None:
        found = communes.anywhere("xã Tân Thành tỉnh Cà Mau", CENTRES)
        assert found is not None
        assert {commune.province for commune in found.candidates} == {"Cà Mau"}

    def test_what_home_lacks_is_looked_for_in_the_country(self, communes: Communes) -> None:
        found = communes.anywhere("phường Bến Nghé", CENTRES)
        assert found is not None
        assert found.candidates[0].province == "Hồ Chí Minh"

    def test_other_accents_and_another_kind_are_not_taken_for_home_s(self, communes: Communes) -> None:
        assert communes.find("phường Vinh Hưng") is None, "at home there was a xã Vĩnh Hưng"
        found = communes.anywhere("phường Vinh Hưng", CENTRES)
        assert found is not None
        assert found.candidates[0].province == "Nghệ An"

    def test_a_name_of_several_provinces_asks_for_the_province(self, communes: Communes) -> None:
        found = communes.find("xã Tân Thành", None)
        assert found is not None
        assert found.ambiguous
        assert len(found.provinces_to_ask) > 1


class TestUnits:
    def test_thanh_hoa_has_166(self, communes: Communes) -> None:
        kinds = Counter(commune.kind for commune in communes.of(HOME))
        assert kinds == {"xã": 147, "phường": 19}
        assert len(communes.of(HOME)) == CENTRES.covered.communes == 166

    def test_the_country_has_3321_in_34_provinces(self, communes: Communes) -> None:
        country = communes.country
        assert len(country.present) == len({(c.kind, c.name, c.province) for c in country.present}) == 3321
        assert Counter(c.kind for c in country.present) == {"xã": 2621, "phường": 687, "đặc khu": 13}
        assert {c.province for c in country.present} == {p.name for p in CENTRES.provinces}
        assert len(country.old) == 10040

    def test_each_old_province_is_a_part_of_the_right_one(self, communes: Communes) -> None:
        merged = {(unit.province, new.province) for unit in communes.country.old for new in unit.became}
        parts = {(old, p.name) for p in CENTRES.provinces for old in p.formerly}
        # the city's own name in the half year before the communes were merged
        assert merged == parts - {("Thừa Thiên Huế", "Huế")} | {("Huế", "Huế")}

    def test_names_are_in_their_one_spelling(self, communes: Communes) -> None:
        for unit in (*communes.country.present, *communes.country.old):
            assert unit.name == normalise(unit.name)

    def test_each_commune_was_formed_from_something(self, communes: Communes) -> None:
        assert all(communes.formed_from(commune) for commune in communes.of(HOME))

    def test_what_a_commune_was_formed_from(self, communes: Communes) -> None:
        there = {commune.full: commune for commune in communes.of(HOME)}
        formed = communes.formed_from(there["xã Luận Thành"])
        assert {(unit.full, unit.divided) for unit in formed} >= {
            ("xã Luận Khê", True),
            ("xã Luận Thành", False),
        }

    def test_the_centre(self, communes: Communes) -> None:
        office = CENTRES.national.centre_name
        assert all(commune.centre == f"{office} {commune.full}" for commune in communes.country.present)
        assert communes.of(HOME)[0].centre.startswith("Trung tâm Phục vụ hành chính công phường ")

    def test_the_words_know_all_provinces(self) -> None:
        names = {name for p in CENTRES.provinces for name in (p.name, *p.formerly)}
        assert set(load_words().provinces) == names

    def test_homographs_are_names_of_home(self, communes: Communes) -> None:
        units = communes.units(HOME)
        names = {unit.name for unit in (*units.present, *units.old, *units.districts)}
        words = load_words()
        assert set(words.homographs_unaccented) - names == set()
        assert set(words.homographs) - names == set()
        assert not set(words.homographs) & set(words.homographs_unaccented)

    def test_centres_that_are_described_exist(self, communes: Communes) -> None:
        assert communes.unknown(centre.commune for centre in CENTRES.local) == ()
        assert communes.unknown(["xã Thọ Hải", "xã Bát Mọt"]) == ("xã Thọ Hải",)

    def test_files_are_small(self) -> None:
        assert all(file.stat().st_size < 2_000_000 for file in COMMUNES.rglob("*.tsv"))

    def test_it_is_quick(self, communes: Communes) -> None:
        """Ten times what is measured on a quiet machine, so that only a blunder fails."""
        start = time.perf_counter()
        for text in SENTENCES["none"]:
            communes.find(text)
        assert (time.perf_counter() - start) / len(SENTENCES["none"]) < 0.01


class TestBrokenFiles:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return Path(shutil.copytree(COMMUNES, tmp_path / "communes"))

    def test_a_province_without_a_file(self, communes: Communes) -> None:
        with pytest.raises(BrokenCommunes, match=r"bac_ha\.tsv.*git"):
            communes.of("Bắc Hà")

    def test_a_line_that_is_cut(self, folder: Path) -> None:
        file = province_file(HOME, folder)
        file.write_text(file.read_text("utf-8")[:-20], "utf-8")
        with pytest.raises(BrokenCommunes, match=r"thanh_hoa\.tsv:\d+: needs nine values"):
            Communes.load(folder)

    def test_a_file_without_its_columns(self, folder: Path) -> None:
        province_file(HOME, folder).write_text("# nothing\n", "utf-8")
        with pytest.raises(BrokenCommunes, match="no line of columns"):
            Communes.load(folder)

    def test_another_encoding(self, folder: Path) -> None:
        file = province_file(HOME, folder)
        file.write_bytes(file.read_text("utf-8").encode("utf-16"))
        with pytest.raises(BrokenCommunes, match=r"thanh_hoa\.tsv: cannot be read"):
            Communes.load(folder)

    def test_an_older_district_with_a_unit_that_never_was(self, folder: Path) -> None:
        file = folder / "older_districts.tsv"
        file.write_text(file.read_text("utf-8").replace("Đông Khê", "Đông Kê"), "utf-8")
        with pytest.raises(BrokenCommunes, match="huyện Đông Sơn"):
            Communes.load(folder)

    def test_words_without_a_list(self, folder: Path) -> None:
        file = folder / "words.yaml"
        file.write_text(file.read_text("utf-8").replace("between:", "betwixt:"), "utf-8")
        with pytest.raises(BrokenCommunes, match=r"words\.yaml"):
            Communes.load(folder)


class TestDeriver:
    @pytest.fixture
    def mapping(self) -> deriver.Mapping:
        try:
            return deriver.read_mapping()[0]
        except deriver.MappingMissing as missing:
            pytest.skip(str(missing))

    def test_the_files_are_what_the_package_gives(self, mapping: deriver.Mapping, tmp_path: Path) -> None:
        header = deriver.header_of(mapping, deriver.read_mapping()[1])
        first = (COMMUNES / "units" / "thanh_hoa.tsv").read_text("utf-8")
        if not first.startswith(header):
            pytest.skip("another version of underthesea is installed")
        assert deriver.main(["--out", str(tmp_path)]) == 0
        made = {file.name: file.read_bytes() for file in (tmp_path / "units").iterdir()}
        assert made == {file.name: file.read_bytes() for file in (COMMUNES / "units").iterdir()}

    def test_a_unit_without_a_name(self, mapping: deriver.Mapping) -> None:
        with pytest.raises(deriver.BadMapping, match=r"unnamed\.tsv"):
            deriver.derive(mapping, load_words(), {})

    def test_every_reviewed_name_spells_its_key(self, mapping: deriver.Mapping) -> None:
        names = deriver.read_unnamed()
        assert len(names) == 60
        assert all(name.lower().replace(" ", "") == key for (_, key), name in names.items())
        keys = {(u.old_province_key, u.old_ward_key) for u in mapping.ward_mapping if not u.old_ward}
        keys |= {(u.new_province_key, u.new_ward_key) for u in mapping.ward_mapping if not u.new_ward}
        assert {key for key in keys if key[1]} == set(names)

    def test_a_package_that_is_missing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(deriver, "PACKAGE", "no_such_package")
        with pytest.raises(deriver.MappingMissing, match="pip install"):
            deriver.read_mapping()

    def test_underthesea_agrees(self, communes: Communes) -> None:
        convert = pytest.importorskip("underthesea.address").convert_address
        unnamed = set(deriver.read_unnamed().values())
        home = communes.units(HOME).old
        asked = [
            unit for unit in (*home, *communes.country.old[::23]) if unit.full.capitalize() not in unnamed
        ]
        wrong, compared = [], 0
        for unit in asked:
            result = convert(f"{unit.full}, {unit.district_full}, {unit.province}")
            province, ward = result.new.province.lower(), result.new.ward.lower()
            first: Commune = unit.became[0]
            if unit.kind in load_words().district_kinds or not ward:
                continue  # the island districts, and what underthesea has no name for
            compared += 1
            if ward != first.full.lower() or not province.endswith(first.province.lower()):
                wrong.append((unit.full, unit.district_full, ward, first.full))
        assert compared > 900
        assert wrong == []


def test_units_load_from_one_file() -> None:
    units = load_units([province_file(HOME)], "X")
    assert units.present[0].centre.startswith("X phường")
    assert len(units.districts) == 26
