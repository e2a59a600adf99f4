from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bot.search.encoder import BUILT_IN, BuiltInEncoder, load_encoder
from bot.search.model_files import FILES, MANIFEST, MODEL, BrokenModel
from bot.search.train import feature_line

TEXTS = ["làm giấy khai sinh", "lam giay khai sinh", "đổi bằng lái xe", "thời tiết hôm nay"]


def test_vectors_have_length_one_and_likeness_is_sensible(built_in: BuiltInEncoder) -> None:
    vectors = built_in.encode(TEXTS)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, rtol=1e-5)
    likeness = vectors @ vectors.T
    assert likeness[0, 1] > likeness[0, 2] > likeness[0, 3] - 0.2


def test_empty_text_gives_zeros(built_in: BuiltInEncoder) -> None:
    assert not built_in.encode([""]).any()
    assert built_in.encode([]).shape[0] == 0


def test_shipped_model_is_small() -> None:
    assert sum((MODEL / name).stat().st_size for name in FILES) < 12_000_000


@pytest.mark.parametrize("name", FILES)
def test_changed_or_missing_file_is_refused(copied_model: Path, name: str) -> None:
    file = copied_model / name
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    with pytest.raises(BrokenModel, match=name):
        load_encoder(None, copied_model)
    file.unlink()
    with pytest.raises(BrokenModel, match="missing"):
        load_encoder(None, copied_model)


def test_missing_manifest_is_refused(copied_model: Path) -> None:
    (copied_model / MANIFEST).unlink()
    with pytest.raises(BrokenModel, match="troly search train"):
        BuiltInEncoder.load(copied_model)


@pytest.mark.parametrize("model", [None, "", BUILT_IN])
def test_built_in_by_every_name(model: str | None) -> None:
    assert load_encoder(model).name == BUILT_IN


def test_serving_the_built_in_model_brings_no_torch() -> None:
    program = (
        "import sys; from bot.search.searcher import Searcher; from bot.search.encoder import load_encoder; "
        "load_encoder(None).encode(['khai sinh']); "
        "sys.exit(bool({'torch', 'sentence_transformers', 'tokenizers'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.slow
def test_sentence_transformers_gives_the_same_vectors(built_in: BuiltInEncoder) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(MODEL), device="cpu")
    theirs = model.encode([feature_line(text) for text in TEXTS], normalize_embeddings=True)
    np.testing.assert_allclose(built_in.encode(TEXTS), theirs, atol=2e-3)


@pytest.mark.slow
def test_model_that_cannot_be_had_falls_back_with_a_message(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "huggingface_hub.constants.HF_HUB_OFFLINE", True
    )  # the variable is read once, at import
    with caplog.at_level(logging.WARNING):
        assert load_encoder("nobody/no-such-model").name == BUILT_IN
    assert "nobody/no-such-model" in caplog.text
    assert "built-in" in caplog.text
