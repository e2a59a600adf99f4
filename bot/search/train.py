"""Training of the built-in encoder: a StaticEmbedding over our own features, by contrast of pairs.

`sentence_transformers` (which brings torch), `datasets` and `accelerate` are imported only inside.
"""

from __future__ import annotations

import itertools
import json
import logging
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.search.analysis import analyse_question, features
from bot.search.model_files import MODEL, TOKENIZER, WEIGHTS, write_manifest

logger = logging.getLogger(__name__)
UNKNOWN = "[UNK]"


@dataclass(frozen=True)
class Training:
    """Settings of one training run; the defaults made the shipped model."""

    vocabulary: int = 20_000
    dimensions: int = 256
    nested: tuple[int, ...] = (256, 128, 64)
    batch: int = 1024
    rate: float = 0.02
    epochs: int = 3
    warmup: float = 0.1
    seed: int = 20261122


class TrainingUnavailable(RuntimeError):
    """The libraries that training needs are not installed; the message says how to get them."""


def feature_line(text: str) -> str:
    """Return the features of `text` with a space between: what the model's tokenizer splits."""
    return " ".join(features(analyse_question(text)))


def vocabulary(lines: Iterable[str], size: int) -> dict[str, int]:
    """Return the `size` most frequent features as ids; 0 is the unknown one. Ties go by name."""
    counts = Counter(feature for line in lines for feature in line.split(" "))
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return {UNKNOWN: 0} | {feature: i for i, (feature, _) in enumerate(ranked[: size - 1], start=1)}


def train(pairs: Sequence[tuple[str, str]], out: Path = MODEL, settings: Training | None = None) -> Path:
    """Train on `pairs` of (question, name); write tokenizer, weights (half precision) and manifest to `out`.

    Raises TrainingUnavailable where the libraries are missing.
    """
    settings = settings or Training()
    lines = [(feature_line(a), feature_line(b)) for a, b in pairs]
    ids = vocabulary((line for pair in lines for line in pair), settings.vocabulary)
    logger.info("training on %d pairs, %d features", len(lines), len(ids))
    try:
        weights = _fit(lines, ids, settings)
    except ImportError as error:
        raise TrainingUnavailable(f"{error}: run `pip install -e .[train]`, then train again") from error
    _write(out, ids, weights)
    return out


def _tokenizer(ids: dict[str, int]) -> Any:  # noqa: ANN401 - tokenizers has no types
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import WhitespaceSplit

    tokenizer = Tokenizer(WordLevel(ids, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    return tokenizer


def _fit(lines: Sequence[tuple[str, str]], ids: dict[str, int], settings: Training) -> Any:  # noqa: ANN401
    import datasets
    import torch
    from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer
    from sentence_transformers.sentence_transformer.losses import (
        MatryoshkaLoss,
        MultipleNegativesRankingLoss,
    )

    torch.manual_seed(settings.seed)
    torch.set_num_threads(1)  # the same sums on every machine
    static = _static_embedding(ids, settings.dimensions)
    model = SentenceTransformer(modules=[static], device="cpu")
    data = datasets.Dataset.from_dict({"anchor": [a for a, _ in lines], "positive": [b for _, b in lines]})
    loss = MatryoshkaLoss(model, MultipleNegativesRankingLoss(model), matryoshka_dims=list(settings.nested))
    with tempfile.TemporaryDirectory() as folder:
        arguments = _arguments(settings, len(lines), folder)
        SentenceTransformerTrainer(model=model, args=arguments, train_dataset=data, loss=loss).train()
    return static.embedding.weight.detach().numpy()


def _static_embedding(ids: dict[str, int], dimensions: int) -> Any:  # noqa: ANN401
    import numpy as np
    import torch
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    class QuickStaticEmbedding(StaticEmbedding):
        """The same, reading ids from the dictionary: the tokenizer would take two thirds of the time."""

        def preprocess(self, inputs: Any, prompt: str | None = None, **kwargs: Any) -> dict[str, Any]:  # noqa: ANN401
            rows = [[ids.get(feature, 0) for feature in line.split(" ")] for line in inputs]
            starts = np.cumsum([0, *(len(row) for row in rows[:-1])])
            flat = np.fromiter(itertools.chain.from_iterable(rows), dtype=np.int64)
            return {"input_ids": torch.from_numpy(flat), "offsets": torch.from_numpy(starts)}

    return QuickStaticEmbedding(_tokenizer(ids), embedding_dim=dimensions)


def _arguments(settings: Training, pairs: int, folder: str) -> Any:  # noqa: ANN401
    from sentence_transformers import SentenceTransformerTrainingArguments
    from sentence_transformers.sentence_transformer.training_args import BatchSamplers

    return SentenceTransformerTrainingArguments(
        output_dir=folder,
        num_train_epochs=settings.epochs,
        per_device_train_batch_size=settings.batch,
        learning_rate=settings.rate,
        warmup_steps=int(settings.warmup * settings.epochs * pairs / settings.batch),
        batch_sampler=BatchSamplers.NO_DUPLICATES,
        seed=settings.seed,
        data_seed=settings.seed,
        save_strategy="no",
        logging_steps=50,
        report_to="none",
        use_cpu=True,
    )


def _write(out: Path, ids: dict[str, int], weights: Any) -> None:  # noqa: ANN401
    import numpy as np
    from safetensors.numpy import save_file

    out.mkdir(parents=True, exist_ok=True)
    _tokenizer(ids).save(str(out / TOKENIZER), pretty=False)
    save_file({"embedding.weight": np.asarray(weights, dtype=np.float16)}, str(out / WEIGHTS))
    (out / WEIGHTS).chmod(0o644)  # safetensors writes for its owner alone
    modules = [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.StaticEmbedding"}]
    (out / "modules.json").write_text(json.dumps(modules, indent=1) + "\n", encoding="utf-8")
    write_manifest(out)
