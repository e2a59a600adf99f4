from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import numpy as np
import pytest

from bot.search.corpus import bare
from bot.search.extra import QUESTIONS, TEXTS, NoExtraText, held_out, read_extra
from bot.search.gate import exemplars
from bot.search.noise import beside, drop_words, moved, noised, respell, slip, telex, wrong_tone
from bot.search.pairs import Extra, Recipe, circumstances, make_pairs, siblings, templates, windows
from bot.search.searcher import Searcher
from bot.search.train import Bags, Training, train, vocabulary
from procedures_kb.catalogue import Catalogue
from vietnamese import fold

SMALL = Recipe(per_title=3, per_lay_name=2, windows=2, per_exemplar=1)


@pytest.mark.parametrize(
    ("word", "keys"),
    [("đăng", "ddawng"), ("giấy", "giaays"), ("người", "nguwowif"), ("ký", "kys"), ("con", "con")],
)
def test_telex(word: str, keys: str) -> None:
    assert telex(word) == keys


def test_each_noise_changes_little() -> None:
    rng = random.Random(1)
    for _ in range(50):
        assert fold(wrong_tone("giấy", rng)) == "giay"
        assert wrong_tone("giấy", rng) != "giấy"
        assert abs(len(slip("khai", rng)) - 4) <= 1
        assert slip("ở", rng) == "ở"
        assert drop_words(["a", "b"], rng, share=1.0) in (["a"], ["b"])
        assert respell("xyz", rng)[0] in "xs"
        assert beside("khai", rng) not in {"khai", "ở"}
        assert len(beside("khai", rng)) == 4
        assert beside("ở", rng) == "ở"
        assert sorted(moved(["a", "b", "c"], rng)) == ["a", "b", "c"]


def test_noise_is_the_same_for_the_same_seed() -> None:
    text = "làm giấy khai sinh cho con ở đâu"
    assert [noised(text, random.Random(7)) for _ in range(2)] == [noised(text, random.Random(7))] * 2
    assert len({noised(text, random.Random(seed)) for seed in range(40)}) > 20
    assert noised("", random.Random(0)) == ""


def test_templates_wrap_a_name() -> None:
    assert len(templates()) >= 40
    assert all(line.count("{}") == 1 for line in templates())


def test_circumstances_are_many_and_name_nothing() -> None:
    assert len(set(circumstances())) == len(circumstances()) >= 50
    assert not any("{}" in line for line in circumstances())


def test_siblings_are_the_nearest_other_families(lexical: Searcher) -> None:
    near = siblings(lexical.corpus, 2)
    titles = [text.titles[0] for text in lexical.corpus.families]
    assert titles[near[titles.index("đăng ký khai sinh")][0]] == "đăng ký lại khai sinh"
    assert all(at not in others for at, others in enumerate(near))


def test_each_pair_brings_a_name_of_another_family(lexical: Searcher) -> None:
    families = lexical.corpus.families
    for pair in make_pairs(lexical.corpus, SMALL):
        assert pair.sibling_family != pair.family
        assert pair.sibling in {name.lower() for name in families[pair.sibling_family].names}


def test_bags_give_back_the_ids_of_each_text() -> None:
    bags = Bags.of([["a"], ["b", "?"], ["a", "b"]], {"[UNK]": 0, "a": 1, "b": 2})
    ids, offsets = bags.take(np.array([2, 1]))
    assert ids.tolist() == [1, 2, 2, 0]
    assert offsets.tolist() == [0, 2]


def test_bare_name() -> None:
    assert bare("Thủ tục Đăng ký khai sinh.") == "Đăng ký khai sinh"


def test_windows_stay_inside() -> None:
    text = " ".join(map(str, range(30)))
    found = list(windows(text, 10, 4, random.Random(0)))
    assert len(found) == 4
    assert all(part in text and len(part.split()) == 10 for part in found)
    assert list(windows("a b", 10, 4, random.Random(0))) == ["a b"]
    assert list(windows("", 10, 4, random.Random(0))) == []


def test_pairs_are_reproducible_and_cover_every_family(lexical: Searcher) -> None:
    pairs = make_pairs(lexical.corpus, SMALL)
    assert pairs == make_pairs(lexical.corpus, SMALL)
    names = {pair.name for pair in pairs}
    for text in lexical.corpus.families:
        assert {title.lower() for title in text.names} & names
    assert {line.lower() for line in exemplars()} <= names


def test_questions_and_texts_enter_only_when_given(lexical: Searcher) -> None:
    family = lexical.corpus.families[0].family
    extra = Extra(
        texts={family: ("một câu chỉ có trong văn bản chính thức " * 6,)},
        questions={family: ("câu hỏi thật duy nhất",)},
    )
    with_extra = {pair.question for pair in make_pairs(lexical.corpus, Recipe(), extra)}
    assert any("văn bản chính thức" in question for question in with_extra)
    assert not any("duy nhất" in pair.question for pair in make_pairs(lexical.corpus, SMALL))


def test_extra_text_leaves_held_out_questions_out(catalogue: Catalogue, tmp_path: Path) -> None:
    questions = [f"câu hỏi số {number}" for number in range(20)]
    assert {held_out(question) for question in questions} == {True, False}
    (tmp_path / QUESTIONS).parent.mkdir()
    (tmp_path / QUESTIONS).write_text(
        "\n".join(json.dumps({"question": q, "expected_codes": ["1.001193", "9.999999"]}) for q in questions)
    )
    (tmp_path / TEXTS).parent.mkdir()
    with gzip.open(tmp_path / TEXTS, "wt", encoding="utf-8") as file:
        file.write(json.dumps({"code": "1.001193", "steps": "Bước 1", "conditions": None}) + "\n")
    extra = read_extra(tmp_path, catalogue)
    family = catalogue.by_code["1.001193"].family
    assert set(extra.questions[family]) == {question for question in questions if not held_out(question)}
    assert extra.texts == {family: ("Bước 1",)}


def test_folder_without_data_is_named(catalogue: Catalogue, tmp_path: Path) -> None:
    with pytest.raises(NoExtraText, match="merged_procedures"):
        read_extra(tmp_path, catalogue)


def test_vocabulary_is_ranked_and_stable() -> None:
    ids = vocabulary([["b", "a"], ["b", "c"]], 3)
    assert ids == {"[UNK]": 0, "b": 1, "a": 2}


def test_small_talk_and_calibration_do_not_overlap() -> None:
    folder = Path(__file__).parents[3] / "evaluation" / "calibration"
    used = {fold(line) for line in exemplars()}
    for name in ("search_dev.jsonl", "gate_fit.jsonl"):
        for line in (folder / name).read_text(encoding="utf-8").splitlines():
            assert fold(json.loads(line)["question"]) not in used


@pytest.mark.slow
def test_training_writes_a_model_that_loads_and_knows_its_names(lexical: Searcher, tmp_path: Path) -> None:
    from bot.search.encoder import BuiltInEncoder

    pairs = make_pairs(lexical.corpus, Recipe(per_title=20, per_lay_name=10, per_exemplar=1))
    settings = Training(vocabulary=2000, dimensions=64, nested=(64, 32), batch=64, epochs=2)
    train(pairs, tmp_path, settings)
    searcher = lexical.with_encoder(BuiltInEncoder.load(tmp_path))
    assert searcher.search("lam giay khai sinh").hits[0].code == "1.001193"
