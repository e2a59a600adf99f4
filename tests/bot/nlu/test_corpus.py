from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

from bot.nlu.augmentation import Names, keyword_examples, training_set, variants, write_rasa
from bot.nlu.corpus import Corpus, Example, load_corpus, load_lay_names
from bot.nlu.keyword_data import load_data
from bot.nlu.keywords import DATA_FILE
from bot.nlu.project import NluError, Project
from vietnamese import fold

PROJECT = Project.here()
CORPUS = load_corpus(PROJECT)
DOMAIN = yaml.safe_load((PROJECT.rasa / "domain.yml").read_text(encoding="utf-8"))
SIXTY = {"find_procedure", "guide_request"}
# Keywords only: a yes or a no but while a dossier is checked, so no model can tell them.
OF_THE_DOSSIER_CHECK = {"have_paper", "lack_paper"}


def test_data_and_domain_name_the_same_intents() -> None:
    assert {example.intent for example in CORPUS.examples} == set(DOMAIN["intents"])
    assert set(load_data(DATA_FILE).intents) - OF_THE_DOSSIER_CHECK <= set(DOMAIN["intents"])


def test_enough_examples() -> None:
    count = Counter(example.intent for example in CORPUS.examples)
    few = {intent: n for intent, n in count.items() if n < (60 if _wants_sixty(intent) else 40)}
    assert few == {}
    assert count["out_of_scope"] >= 250


def _wants_sixty(intent: str) -> bool:
    return intent in SIXTY or (intent.startswith("ask_") and intent != "ask_centre")


def test_aspects_are_asked_both_bare_and_of_procedures() -> None:
    for intent in filter(lambda name: _wants_sixty(name) and name.startswith("ask_"), DOMAIN["intents"]):
        named = [bool(example.names("procedure")) for example in CORPUS.examples if example.intent == intent]
        assert sum(named) >= 20, intent
        assert named.count(False) >= 20, intent


def test_marks() -> None:
    example = Example("ask_fee", "lệ phí [cấp hộ chiếu](procedure) ở [Thọ Xuân](commune)")
    assert example.text == "lệ phí cấp hộ chiếu ở Thọ Xuân"
    assert example.names("procedure") == ("cấp hộ chiếu",)
    assert example.swap("procedure", "khai tử").text == "lệ phí khai tử ở Thọ Xuân"


def test_variants_bring_twins_and_other_procedures() -> None:
    example = Example("ask_fee", "lệ phí [cấp hộ chiếu](procedure)")
    grown = variants(example, ("khai tử", "tách thửa", "cấp hộ chiếu"))
    assert example in grown
    assert Example("ask_fee", "le phi [cap ho chieu](procedure)") in grown
    assert len({variant.text for variant in grown}) >= 4
    assert grown == variants(example, ("khai tử", "tách thửa", "cấp hộ chiếu"))


def test_training_set_says_each_text_once() -> None:
    names = Names(CORPUS.procedure_names(), ("làm giấy khai sinh",))
    grown = training_set(CORPUS.examples, names, load_data(DATA_FILE))
    texts = [example.text.lower() for example in grown]
    assert len(texts) == len(set(texts))
    assert {fold(example.text) for example in CORPUS.examples} <= {fold(text) for text in texts}
    assert Example("find_procedure", "làm giấy khai sinh") in grown


def test_phrases_with_choices_or_holes_are_no_sentences() -> None:
    taught = keyword_examples(load_data(DATA_FILE), ["cấp hộ chiếu"])
    assert len(taught) > 500
    assert [example.text for example in taught if set(example.text) & set("()|*#")] == []


def test_written_data_reads_back(tmp_path: Path) -> None:
    corpus = Corpus((Example("greet", "xin chào"),), (("dossier_code", ("[A-Z]",)),), ())
    write_rasa(tmp_path / "nlu.yml", corpus.examples, corpus, Names(("cấp hộ chiếu",), ()))
    blocks = yaml.safe_load((tmp_path / "nlu.yml").read_text(encoding="utf-8"))["nlu"]
    assert blocks == [
        {"intent": "greet", "examples": "- xin chào\n"},
        {"regex": "dossier_code", "examples": "- [A-Z]\n"},
        {"lookup": "procedure", "examples": "- cấp hộ chiếu\n"},
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("nlu: 3", "not valid training data"),
        ("version: '3.1'\nnlu:\n- {intent: a, examples: 'x'}", "starts with '- '"),
        (
            "version: '3.1'\nnlu:\n- {intent: a, examples: '- x'}\n- {intent: b, examples: '- X'}",
            "given twice",
        ),
    ],
)
def test_wrong_data_is_named(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "nlu_data" / "data").mkdir(parents=True)
    (tmp_path / "nlu_data" / "data" / "x.yml").write_text(content, encoding="utf-8")
    with pytest.raises(NluError, match=message):
        load_corpus(Project(tmp_path))


def test_lay_names_may_be_absent_or_wrong(tmp_path: Path) -> None:
    project = Project(tmp_path)
    assert load_lay_names(project) == ()
    project.lay_names.mkdir(parents=True)
    file = project.lay_names / "justice.yaml"
    file.write_text("- {code: '1.001193', names: [làm giấy khai sinh, 'xin (lại)']}", encoding="utf-8")
    assert load_lay_names(project) == ("làm giấy khai sinh",)
    file.write_text("- 3", encoding="utf-8")
    with pytest.raises(NluError, match=r"justice.yaml"):
        load_lay_names(project)
