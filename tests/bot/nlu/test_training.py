from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.nlu import training
from bot.nlu.corpus import Example
from bot.nlu.crossval import Judged, score, split, trusted_from
from bot.nlu.project import NluError, Project, cache_directory
from bot.nlu.serving import serving

HERE = Project.here()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A copy of what the digest covers, with no environment for Rasa."""
    for folder, pattern in training._MADE_OF:
        for path in (HERE.root / folder).glob(pattern):
            copy = tmp_path / path.relative_to(HERE.root)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
    return Project(tmp_path)


def test_digest_changes_with_the_data_only(project: Project) -> None:
    before = training.digest(project)
    assert before == training.digest(HERE)
    (project.root / "README.md").write_text("x", encoding="utf-8")
    assert training.digest(project) == before
    with (project.rasa / "domain.yml").open("a", encoding="utf-8") as domain:
        domain.write("# changed\n")
    assert training.digest(project) != before


def test_without_an_environment_the_operator_is_told(project: Project, tmp_path: Path) -> None:
    with pytest.raises(NluError, match="make setup"):
        training.train(tmp_path / "cache", project)


def _cached(project: Project, cache: Path, content: bytes = b"model") -> Path:
    model = training.model_path(cache, project)
    trained = cache.parent / "trained.tar.gz"
    trained.write_bytes(content)
    cache.mkdir(exist_ok=True)
    training._store(trained, model)
    return model


def test_a_cached_model_is_returned_at_once(project: Project, tmp_path: Path) -> None:
    model = _cached(project, tmp_path / "cache")
    assert training.train(tmp_path / "cache", project) == model


def test_another_file_in_its_place_is_refused(project: Project, tmp_path: Path) -> None:
    model = _cached(project, tmp_path / "cache")
    model.write_bytes(b"poison")
    with pytest.raises(NluError, match="not the model that was trained"):
        training.train(tmp_path / "cache", project)
    with pytest.raises(NluError, match="not the model that was trained"):
        training.verify(model)


def test_a_model_without_digest_is_refused(project: Project, tmp_path: Path) -> None:
    model = _cached(project, tmp_path / "cache")
    model.with_name(f"{model.name}.sha256").unlink()
    with pytest.raises(NluError, match="troly nlu train"):
        training.train(tmp_path / "cache", project)


def test_prepare_writes_twins(tmp_path: Path) -> None:
    written = training.prepare(tmp_path).read_text(encoding="utf-8")
    assert "thế lệ phí bao nhiêu vậy ạ" in written
    assert "the le phi bao nhieu vay a" in written


def test_serving_checks_and_binds_to_loopback(project: Project, tmp_path: Path) -> None:
    project.python.parent.mkdir(parents=True)
    project.python.touch()
    with pytest.raises(NluError, match="no trained model"):
        serving(5601, tmp_path / "cache", project)
    model = _cached(project, tmp_path / "cache")
    plan = serving(5601, tmp_path / "cache", project)
    assert plan.command[-4:] == ("--port", "5601", "--model", str(model))
    assert plan.command[plan.command.index("--interface") + 1] == "127.0.0.1"
    assert plan.environment["RASA_TELEMETRY_ENABLED"] == "false"
    assert plan.url == "http://127.0.0.1:5601"


def test_a_model_of_older_data_serves_until_the_new_one_is_trained(project: Project, tmp_path: Path) -> None:
    older = _cached(project, tmp_path / "cache")
    (project.rasa / "config.yml").write_text("recipe: changed")
    assert training.model_path(tmp_path / "cache", project) != older
    assert training.best_model(tmp_path / "cache", project) == older
    newer = _cached(project, tmp_path / "cache")
    assert training.best_model(tmp_path / "cache", project) == newer


def test_cache_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TROLY_CACHE", str(tmp_path))
    assert cache_directory() == tmp_path / "nlu"


def test_twins_stand_on_one_side_of_a_split() -> None:
    examples = [Example("greet", text) for text in ("xin chào", "Xin chao", "alo", "hello", "chào bạn", "hi")]
    parts = split(examples, 3)
    assert sorted(e.text for part in parts for e in part) == sorted(e.text for e in examples)
    assert sum({"xin chào", "Xin chao"} <= {e.text for e in part} for part in parts) == 1
    assert parts == split(examples, 3)


def test_strict_folds_keep_sentences_of_different_procedures_together() -> None:
    asked = [
        Example("ask_fee", f"lệ phí [{name}](procedure)") for name in ("khai sinh", "kết hôn", "khai tử")
    ]
    assert sorted(map(len, split(asked, 3))) == [1, 1, 1]
    assert sorted(map(len, split(asked, 3, strict=True))) == [0, 0, 3]


def test_confidence_from_which_an_intent_is_trusted() -> None:
    said = [("a", 0.9), ("a", 0.8), ("b", 0.8), ("a", 0.7), ("a", 0.6)]
    judged = [Judged("", wanted, "a", sure) for wanted, sure in said]
    assert trusted_from(judged, "a", 0.97) == 0.9
    assert trusted_from(judged, "a", 0.75) == 0.6
    assert trusted_from(judged, "b", 0.5) is None


def test_scores() -> None:
    judged = [
        Judged("", "a", "a", 1),
        Judged("", "a", "b", 1),
        Judged("", "b", "b", 1),
        Judged("", "c", "b", 1),
    ]
    scores = score(judged)
    assert scores.accuracy == 0.5
    assert scores.macro_f1 == pytest.approx((2 / 3 + 0.5 + 0) / 3, abs=1e-3)
    assert set(scores.confusions) == {("a", "b", 1), ("c", "b", 1)}
