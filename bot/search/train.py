"""Training of the built-in encoder: a StaticEmbedding over our own features, by contrast of pairs.

The loss is that of multiple negatives (Henderson et al. 2017) at several nested lengths (Matryoshka), with
one change: other names of the same procedure are no negatives, and each pair brings a name of a sibling, the
negative that matters most. The files are those of a sentence-transformers model; only torch is needed.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bot.search.analysis import analyse_question, features
from bot.search.model_files import MODEL, TOKENIZER, WEIGHTS, write_manifest
from bot.search.pairs import Pair

if TYPE_CHECKING:
    import torch

logger = logging.getLogger(__name__)
UNKNOWN = "[UNK]"
_REPORT = 50  # steps

Ints = NDArray[np.int64]


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
    scale: float = 20.0  # of cosines, before the softmax
    spread: float = 0.1  # deviation of the first weights
    averaged: float = (
        0.3  # the last part of the steps, whose weights are averaged: less noise than the last ones
    )
    seed: int = 20261122


class TrainingUnavailable(RuntimeError):
    """The libraries that training needs are not installed; the message says how to get them."""


@dataclass(frozen=True)
class Bags:
    """Texts as feature ids, end to end: text `i` is `flat[starts[i] : starts[i + 1]]`."""

    flat: Ints
    starts: Ints

    @classmethod
    def of(cls, lines: Sequence[Sequence[str]], ids: dict[str, int]) -> Bags:
        """Look up the features of each text; unknown ones have id 0."""
        sizes = np.fromiter(map(len, lines), dtype=np.int64, count=len(lines))
        flat = np.fromiter((ids.get(f, 0) for line in lines for f in line), dtype=np.int64)
        return cls(flat, np.concatenate([[0], np.cumsum(sizes)]))

    def take(self, rows: Ints) -> tuple[Ints, Ints]:
        """Return the ids of these texts end to end, and where each begins."""
        first, last = self.starts[rows], self.starts[rows + 1]
        offsets = np.concatenate([[0], np.cumsum(last - first)[:-1]])
        return np.concatenate([self.flat[a:b] for a, b in zip(first, last, strict=True)]), offsets


@dataclass(frozen=True)
class Batchable:
    """The pairs as numbers: rows of `questions` and `names` for each pair, and the families of both names."""

    questions: Bags
    names: Bags
    name: Ints
    sibling: Ints
    family: Ints
    sibling_family: Ints


def feature_list(text: str) -> list[str]:
    """Return the features of `text`, as the encoder will see them."""
    return features(analyse_question(text))


def feature_line(text: str) -> str:
    """Return the features of `text` with a space between: what the model's tokenizer splits."""
    return " ".join(feature_list(text))


def vocabulary(lines: Iterable[Sequence[str]], size: int) -> dict[str, int]:
    """Return the `size` most frequent features as ids; 0 is the unknown one. Ties go by name."""
    counts = Counter(feature for line in lines for feature in line)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return {UNKNOWN: 0} | {feature: i for i, (feature, _) in enumerate(ranked[: size - 1], start=1)}


def train(pairs: Sequence[Pair], out: Path = MODEL, settings: Training | None = None) -> Path:
    """Train on `pairs`; write tokenizer, weights (half precision) and manifest to `out`.

    Raises TrainingUnavailable where torch is missing.
    """
    settings = settings or Training()
    questions = [feature_list(pair.question) for pair in pairs]
    place = {text: at for at, text in enumerate(dict.fromkeys(t for p in pairs for t in (p.name, p.sibling)))}
    names = [feature_list(text) for text in place]
    ids = vocabulary((*questions, *(names[place[pair.name]] for pair in pairs)), settings.vocabulary)
    logger.info("training on %d pairs, %d features", len(pairs), len(ids))
    numbers = Batchable(
        Bags.of(questions, ids),
        Bags.of(names, ids),
        np.array([place[pair.name] for pair in pairs]),
        np.array([place[pair.sibling] for pair in pairs]),
        np.array([pair.family for pair in pairs]),
        np.array([pair.sibling_family for pair in pairs]),
    )
    try:
        weights = _fit(numbers, len(ids), settings)
    except ImportError as error:
        raise TrainingUnavailable(f"{error}: run `pip install -e .`, then train again") from error
    _write(out, ids, weights)
    return out


def _fit(data: Batchable, size: int, settings: Training) -> NDArray[np.float32]:
    import torch

    torch.manual_seed(settings.seed)
    torch.set_num_threads(1)  # the same sums on every machine
    table = torch.nn.EmbeddingBag(size, settings.dimensions, mode="mean")
    torch.nn.init.normal_(table.weight, std=settings.spread)
    optimizer = torch.optim.AdamW(table.parameters(), lr=settings.rate, weight_decay=0.0)
    batches = list(_batches(len(data.name), settings))
    rise = max(1, int(settings.warmup * len(batches)))
    total = 0.0
    mean, kept = torch.zeros_like(table.weight), 0
    for step, rows in enumerate(batches):
        share = step / rise if step < rise else (len(batches) - step) / (len(batches) - rise)
        optimizer.param_groups[0]["lr"] = settings.rate * share
        optimizer.zero_grad()
        loss = _loss(table, data, rows, settings)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        total += loss.item()
        if step >= (1 - settings.averaged) * len(batches):
            kept += 1
            mean += (table.weight.detach() - mean) / kept
        if (step + 1) % _REPORT == 0:
            logger.info("step %d of %d, loss %.3f", step + 1, len(batches), total / _REPORT)
            total = 0.0
    found: NDArray[np.float32] = (mean if kept else table.weight.detach()).numpy()
    return found


def _batches(pairs: int, settings: Training) -> Iterator[Ints]:
    rng = np.random.default_rng(settings.seed)
    for _ in range(settings.epochs):
        order = rng.permutation(pairs)
        for at in range(0, max(1, pairs - settings.batch + 1), settings.batch):
            yield order[at : at + settings.batch]


def _loss(table: torch.nn.EmbeddingBag, data: Batchable, rows: Ints, settings: Training) -> torch.Tensor:
    import torch

    def vectors(bags: Bags, wanted: Ints) -> torch.Tensor:
        flat, offsets = bags.take(wanted)
        found: torch.Tensor = table(torch.from_numpy(flat), torch.from_numpy(offsets))
        return found

    candidates = np.concatenate([data.name[rows], data.sibling[rows]])
    families = np.concatenate([data.family[rows], data.sibling_family[rows]])
    same = (data.family[rows][:, None] == families) | (data.name[rows][:, None] == candidates)
    np.fill_diagonal(same, False)
    mask, goal = torch.from_numpy(same), torch.arange(len(rows))
    questions, names = vectors(data.questions, rows), vectors(data.names, candidates)
    losses = []
    for length in settings.nested:
        a = torch.nn.functional.normalize(questions[:, :length])
        b = torch.nn.functional.normalize(names[:, :length])
        scores = (settings.scale * a @ b.T).masked_fill(mask, -torch.inf)
        losses.append(torch.nn.functional.cross_entropy(scores, goal))
    return torch.stack(losses).sum()


def _tokenizer(ids: dict[str, int]) -> Any:  # noqa: ANN401 - tokenizers has no types
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import WhitespaceSplit

    tokenizer = Tokenizer(WordLevel(ids, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    return tokenizer


def _write(out: Path, ids: dict[str, int], weights: NDArray[np.float32]) -> None:
    from safetensors.numpy import save_file

    out.mkdir(parents=True, exist_ok=True)
    _tokenizer(ids).save(str(out / TOKENIZER), pretty=False)
    save_file({"embedding.weight": weights.astype(np.float16)}, str(out / WEIGHTS))
    (out / WEIGHTS).chmod(0o644)  # safetensors writes for its owner alone
    modules = [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.StaticEmbedding"}]
    (out / "modules.json").write_text(json.dumps(modules, indent=1) + "\n", encoding="utf-8")
    write_manifest(out)
