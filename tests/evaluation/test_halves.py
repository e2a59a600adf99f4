from dataclasses import dataclass

import numpy as np
import pytest

from bot.search.searcher import Searcher
from evaluation.halves import halves, search_times
from evaluation.questions import Kind, Question
from tests.evaluation.fakes import catalogue, ranking


@dataclass(frozen=True)
class Letters:
    """An encoder that knows letters only."""

    name: str = "letters"
    dim: int = 26

    def encode(self, texts: list[str]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        rows = [[float(text.lower().count(chr(97 + at))) + 1e-3 for at in range(self.dim)] for text in texts]
        table = np.asarray(rows, dtype=np.float32)
        return table / np.linalg.norm(table, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def searcher() -> Searcher:
    lexical = Searcher.lexical_only(catalogue(), {})
    return lexical.with_encoder(Letters())  # type: ignore[arg-type]


def test_each_half_ranks_alone(searcher: Searcher) -> None:
    lexical, dense = halves(searcher)
    assert (lexical.name, dense.name) == ("ours_lexical", "ours_dense")
    assert lexical.search("nuôi chim cảnh")[0] == ("1.000001", "1.000002")
    order = np.argsort(-searcher.scores("zzz").dense, kind="stable")  # type: ignore[operator]
    assert dense.search("zzz") == [searcher.corpus.families[at].codes for at in order]


def test_one_half_is_no_two(searcher: Searcher) -> None:
    assert halves(Searcher.lexical_only(catalogue(), {})) == ()


def test_times_of_search_are_figures() -> None:
    asked: list[str] = []

    class Counting:
        def search(self, text: str, limit: int = 10) -> object:
            asked.append(text)
            return ranking()

    questions = [Question(id=str(at), text=str(at), kind=Kind.ABSENT) for at in range(3)]
    figures = search_times(Counting(), questions)  # type: ignore[arg-type]
    assert asked == ["0", "1", "2"] * 4
    assert figures["search.p50_ms"].n == 3
    assert 0 <= figures["search.p50_ms"].low <= figures["search.p95_ms"].high < 50
