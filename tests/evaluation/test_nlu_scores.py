import json
from pathlib import Path

import numpy as np
import pytest

from bot.nlu.crossval import Judged, Report, score, write_report
from evaluation.nlu_scores import BrokenScores, CrossValidation, confusion_table, read_scores

SAID = [("fee", "fee")] * 8 + [("fee", "time")] * 2 + [("time", "time")] * 9 + [("time", "chat")]


def written(folder: Path, said: list[tuple[str, str]] = SAID) -> Path:
    """Write what `troly nlu test --report` would write."""
    scores = score([Judged("x", wanted, got, 0.9) for wanted, got in said])
    write_report(Report(5, len(said), scores, scores, ()), folder / "nlu.json")
    return folder / "nlu.json"


def read(folder: Path) -> CrossValidation:
    found = read_scores(written(folder))
    assert found is not None
    return found


def test_reads_what_the_test_of_nlu_writes(tmp_path: Path) -> None:
    found = read(tmp_path)
    assert (found.folds, found.sentences) == (5, 20)
    assert found.with_accents.confusions == (("fee", "time", 2), ("time", "chat", 1))


def test_the_table_of_confusions_is_rebuilt(tmp_path: Path) -> None:
    table = confusion_table(read(tmp_path).with_accents)
    assert np.array_equal(table, [[8, 2, 0], [0, 9, 1]])  # the last column: an intent that nobody wanted


def test_figures_have_intervals_around_them(tmp_path: Path) -> None:
    figures = read(tmp_path).figures()
    assert list(figures) == [
        "intent.accuracy", "intent.macro_f1", "intent_folded.accuracy", "intent_folded.macro_f1"
    ]  # fmt: skip
    accuracy, f1 = figures["intent.accuracy"], figures["intent.macro_f1"]
    assert (accuracy.value, accuracy.n) == (0.85, 20)
    # 17 of 20 right, k ~ Bin(20, .85): P(k <= 13) = .022 < .025, P(k = 20) = .039 > .025.
    assert (accuracy.low, accuracy.high) == (pytest.approx(0.7), 1.0)
    assert f1.value == pytest.approx((16 / 18 + 18 / 21) / 2, abs=1e-3)
    assert f1.low < f1.value < f1.high


def test_the_most_frequent_confusions_come_first_in_a_stable_order(tmp_path: Path) -> None:
    said = [("b", "c"), ("a", "c"), ("a", "b"), ("c", "a"), ("c", "a")]
    found = read_scores(written(tmp_path, said))
    assert found is not None
    assert found.shortened(3).with_accents.confusions == (("c", "a", 2), ("a", "b", 1), ("a", "c", 1))


def test_none_where_nothing_was_measured(tmp_path: Path) -> None:
    assert read_scores(tmp_path / "nlu.json") is None


def test_a_broken_file_names_the_command(tmp_path: Path) -> None:
    file = tmp_path / "nlu.json"
    file.write_text(json.dumps({"folds": 5}), encoding="utf-8")
    with pytest.raises(BrokenScores, match=r"nlu\.json: sentences.*troly nlu test --report"):
        read_scores(file)
