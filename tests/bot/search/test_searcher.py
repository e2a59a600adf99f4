from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.search.searcher import Searcher
from bot.search.types import Search, Verdict
from procedures_kb.catalogue import Catalogue
from vietnamese import fold

PAIRS = [
    ("làm giấy khai sinh cho con", "1.001193"),
    ("xin đăng ký kết hôn ở đâu", "1.000894"),
    ("mở quán tạp hóa thì đăng ký gì", "1.001612"),
    ("đổi bằng lái xe mất bao lâu", "3.000347"),
    ("bố tôi mất thì đăng ký khai tử thế nào", "1.000656"),
    ("mở phòng hát karaoke cần điều kiện gì", "1.001029"),
]


@pytest.fixture(params=["lexical", "both"])
def searcher(request: pytest.FixtureRequest) -> Searcher:
    found: Searcher = request.getfixturevalue(request.param)
    return found


def test_is_what_dialogue_asks_for(searcher: Searcher) -> None:
    contract: Search = searcher
    assert contract.search("khai sinh").hits


@pytest.mark.parametrize(("text", "code"), PAIRS)
@pytest.mark.parametrize("view", [str, fold, str.upper])
def test_right_family_comes_first(searcher: Searcher, text: str, code: str, view: type[str]) -> None:
    assert searcher.search(view(text)).hits[0].code == code


def test_code_in_the_question_wins(searcher: Searcher) -> None:
    ranking = searcher.search("hộ chiếu hay là 1.004222 vậy")
    assert ranking.hits[0].code == "1.004222"
    assert ranking.verdict is Verdict.ANSWER


@pytest.mark.parametrize("text", ["thủ tục đăng ký khai tử", "đăng ký khai tử", "dang ky khai tu"])
def test_exact_name_answers(searcher: Searcher, text: str) -> None:
    ranking = searcher.search(text)
    assert ranking.verdict is Verdict.ANSWER
    assert (ranking.margin >= 1.0, ranking.sure) == (True, 1.0)


@pytest.mark.parametrize("text", ["làm hộ chiếu", "Lam ho chieu"])
def test_an_exact_name_of_two_content_syllables_asks_back(searcher: Searcher, text: str) -> None:
    ranking = searcher.search(text)
    assert (ranking.verdict, ranking.hits[0].code) == (Verdict.ASK, "1.001456")


def test_two_content_syllables_ask_back(searcher: Searcher) -> None:
    ranking = searcher.search("khai sinh")
    assert ranking.content == 2
    assert ranking.verdict is Verdict.ASK
    assert {hit.code for hit in ranking.hits[:2]} == {"1.001193", "1.004884"}


def test_levels_of_one_procedure_are_one_hit(searcher: Searcher) -> None:
    (hit,) = searcher.search("cấp thẻ căn cước", limit=1).hits
    assert hit.codes == ("2.000200", "1.001247")


@pytest.mark.parametrize("text", ["", "  ", "\n", "!!!", "🙂🙂"])
def test_nothing_asked_is_declined(searcher: Searcher, text: str) -> None:
    ranking = searcher.search(text)
    assert ranking.hits == ()
    assert ranking.verdict is Verdict.DECLINE


@pytest.mark.parametrize(
    "text", ["hôm nay có mưa không", "kể chuyện cười đi", "xyz qwerty", "giá vàng bao nhiêu"]
)
def test_small_talk_is_declined(searcher: Searcher, text: str) -> None:
    assert searcher.search(text).verdict is Verdict.DECLINE


@pytest.mark.parametrize("limit", [1, 3, 10, 100])
def test_limit_is_kept_and_scores_fall(searcher: Searcher, limit: int) -> None:
    hits = searcher.search("đăng ký khai sinh lại", limit).hits
    assert len(hits) == min(limit, len(searcher.corpus))
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(0 <= hit.lexical <= 1 for hit in hits)


def test_parts_say_who_took_part(lexical: Searcher, both: Searcher) -> None:
    assert lexical.search("khai sinh").parts == ("lexical",)
    assert both.search("khai sinh").parts == ("lexical", "dense")
    assert lexical.search("khai sinh").hits[0].dense is None
    assert -1 <= (both.search("khai sinh").hits[0].dense or -2) <= 1


def test_adding_an_encoder_leaves_the_first_searcher_alone(lexical: Searcher, both: Searcher) -> None:
    assert lexical.dense is None
    assert both.dense is not None


def test_threads_get_the_same_answers(both: Searcher) -> None:
    alone = [both.search(text) for text, _ in PAIRS]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(both.search, [text for text, _ in PAIRS * 20]))
    assert together == alone * 20


def test_one_procedure_is_enough(catalogue: Catalogue) -> None:
    single = Searcher.lexical_only(Catalogue(catalogue.procedures[:1]), {})
    assert single.search("khai sinh").hits[0].code == "1.001193"


def test_long_text_is_ranked(searcher: Searcher) -> None:
    text = "tôi có việc này muốn nhờ hướng dẫn giúp ạ " * 3 + "đăng ký kết hôn"
    assert searcher.search(text).hits[0].code == "1.000894"


def test_vectors_are_kept_and_read_again(
    catalogue: Catalogue, both: Searcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert both.dense is not None
    first = Searcher.lexical_only(catalogue, {}, tmp_path).with_encoder(both.dense.encoder)
    monkeypatch.setattr("bot.search.dense._keep", lambda *_: pytest.fail("made again"))
    again = Searcher.lexical_only(catalogue, {}, tmp_path).with_encoder(both.dense.encoder)
    assert first.search("khai sinh cho con") == again.search("khai sinh cho con")
