from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rank_bm25 import BM25Okapi

from bot.search.analysis import analyse_question
from bot.search.bm25 import Bm25
from bot.search.corpus import Corpus
from bot.search.lexical import LexicalIndex, LexicalWeights
from bot.search.lexical_cache import load_or_build
from bot.search.searcher import Searcher

ROWS = [["a", "b", "b"], ["a", "c"], ["d"], ["e", "f", "g"], ["h"], ["i", "c"]]


def test_scores_follow_the_formula() -> None:
    index = Bm25.build(ROWS, k1=1.5, b=0.75)
    other = BM25Okapi(ROWS, k1=1.5, b=0.75)
    idf = {term: float(index.idf[at]) for term, at in index.vocabulary.items()}
    other.idf = idf  # the library clips idf in another way; everything else must agree
    np.testing.assert_allclose(index.scores({"b": 1.0, "c": 1.0}), other.get_scores(["b", "c"]), rtol=1e-5)


def test_row_that_says_the_query_reaches_the_ideal() -> None:
    index = Bm25.build(ROWS)
    query = {"a": 1.0, "c": 1.0}
    assert index.scores(query)[1] == pytest.approx(index.ideal(query), rel=1e-5)


def test_unknown_terms_and_no_rows_give_no_score() -> None:
    assert not Bm25.build(ROWS).scores({"x": 1.0}).any()
    assert Bm25.build([]).scores({"x": 1.0}).shape == (0,)


def test_normalised_score_is_one_for_a_title_and_falls_with_noise(lexical: Searcher) -> None:
    exact = lexical.lexical.search(analyse_question("đăng ký kết hôn"))
    noisy = lexical.lexical.search(analyse_question("đăng ký kết hôn hoa hồng xanh"))
    assert exact.normalised.max() > 0.95
    assert 0 < noisy.normalised.max() < exact.normalised.max()


def test_cache_gives_the_same_index(lexical: Searcher, tmp_path: Path) -> None:
    weights = LexicalWeights()
    built = load_or_build(lexical.corpus, weights, tmp_path)
    read = load_or_build(lexical.corpus, weights, tmp_path)
    question = analyse_question("mở quán tạp hóa thì đăng ký gì")
    np.testing.assert_array_equal(built.search(question).raw, read.search(question).raw)
    assert read.search(question).normalised.max() == built.search(question).normalised.max()
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("spoiled", [b"", b"PK\x03\x04 not an archive", b"\x93NUMPY"])
def test_spoiled_cache_is_built_again(lexical: Searcher, tmp_path: Path, spoiled: bytes) -> None:
    load_or_build(lexical.corpus, LexicalWeights(), tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_bytes(spoiled)
    index = load_or_build(lexical.corpus, LexicalWeights(), tmp_path)
    assert index.search(analyse_question("kết hôn")).raw.max() > 0


def test_cache_that_cannot_be_written_costs_only_time(lexical: Searcher, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    load_or_build(lexical.corpus, LexicalWeights(), tmp_path / "file")


def test_lay_names_change_the_digest(lexical: Searcher) -> None:
    first, *others = lexical.corpus.families
    assert Corpus((first, *others)).digest == lexical.corpus.digest
    assert Corpus(tuple(others)).digest != lexical.corpus.digest


def test_body_helps_but_the_title_leads(lexical: Searcher) -> None:
    alone = LexicalIndex.build(lexical.corpus, LexicalWeights(body=0.0))
    question = analyse_question("hộ tịch")  # a field, which stands in no title
    assert lexical.lexical.search(question).raw.max() > alone.search(question).raw.max()
