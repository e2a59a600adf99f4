from __future__ import annotations

import numpy as np
import pytest

from bot.search.analysis import analyse_question
from bot.search.bm25 import Bm25
from bot.search.corpus import Corpus, FamilyText
from bot.search.evidence import Evidence, Witness


def family(name: str, *names: str) -> FamilyText:
    return FamilyText(name, (name,), (name,), names, ("giấy tờ",), (), local=True, citizen=True)


CORPUS = Corpus(
    (family("cấp hộ chiếu", "làm passport"), family("cấp thẻ căn cước"), family("đăng ký tạm trú"))
)


@pytest.fixture(scope="module")
def witness() -> Witness:
    rows = [name.split() for name in ("cap ho chieu", "lam passport", "cap the can cuoc", "dang ky tam tru")]
    return Witness(CORPUS, Bm25.build(rows))


def evidence(witness: Witness, text: str, fused: list[float]) -> Evidence:
    scores = np.asarray(fused, dtype=np.float32)
    return witness.of(analyse_question(text), int(scores.argmax()), scores, scores / 10, scores / 10)


def test_what_the_family_does_not_hold_is_unexplained(witness: Witness) -> None:
    plain = evidence(witness, "cấp hộ chiếu", [5, 1, 0])
    strange = evidence(witness, "cấp hộ chiếu hỏa tinh", [5, 1, 0])
    assert plain.unexplained == plain.rarest == 0
    assert plain.unsaid == pytest.approx(0)
    assert strange.unexplained > 0.4
    assert strange.rarest == 1.0  # no record has it


def test_what_the_name_says_more_is_unsaid(witness: Witness) -> None:
    assert 0 < evidence(witness, "hộ chiếu ạ", [5, 1, 0]).unsaid < 1
    # The name that fits best counts.
    assert evidence(witness, "passport làm", [5, 1, 0]).unsaid == pytest.approx(0)


def test_leads_and_competitors(witness: Witness) -> None:
    seen = evidence(witness, "cấp hộ chiếu", [5, 4.5, 0])
    assert seen.margin == pytest.approx(0.5)
    assert seen.gap_dense == pytest.approx(0.05)
    assert seen.close == 1
    assert evidence(witness, "cấp hộ chiếu", [5, 1, 0]).close == 0


def test_the_lexical_half_alone_has_no_dense_inputs(witness: Witness) -> None:
    scores = np.asarray([5, 1, 0], dtype=np.float32)
    values = witness.of(analyse_question("cấp hộ chiếu"), 0, scores, scores, None).values()
    assert not {"dense", "gap_dense"} & values.keys()
