"""Trains config.yml's pipeline on each fold and writes what it says of the fold's held-out sentences.

Run in Rasa's environment by `bot.nlu.crossval`: python predict_folds.py CONFIG FOLDS OUT
FOLDS holds fold-*/train/nlu.yml and fold-*/test.json, a list of texts.
OUT gets {fold: [[intent, confidence]]}.
"""

from __future__ import annotations

import copy
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.importers.utils import training_data_from_paths
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData


def train_pipeline(config: dict[str, Any], data: TrainingData, folder: Path) -> list[Any]:
    """Return the trained components of `config`'s pipeline, in order."""
    storage = LocalModelStorage.create(folder)
    components = []
    for number, entry in enumerate(config["pipeline"]):
        options = copy.deepcopy(entry)
        name = options.pop("name")
        registered = DefaultV1Recipe._from_registry(name)
        kind = registered.clazz
        context = ExecutionContext(GraphSchema({}), node_name=f"component_{number}")
        options = {**kind.get_default_config(), **options}
        component = kind.create(options, storage, Resource(f"component_{number}"), context)
        if registered.is_trainable:
            component.train(data)
        if hasattr(component, "process_training_data"):
            component.process_training_data(data)
        components.append(component)
    return components


def predict(components: list[Any], text: str) -> tuple[str, float]:
    """Return the intent of `text` and its confidence."""
    messages = [Message(data={TEXT: text})]
    for component in components:
        messages = component.process(messages)
    intent = messages[0].get(INTENT)
    return intent["name"], round(float(intent["confidence"]), 4)


def main(config_file: str, folds: str, out: str) -> None:
    """Go through the folds; one line a fold on standard error."""
    config = yaml.safe_load(Path(config_file).read_text(encoding="utf-8"))
    results: dict[str, list[tuple[str, float]]] = {}
    for fold in sorted(Path(folds).glob("fold-*")):
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            data = training_data_from_paths([str(fold / "train" / "nlu.yml")], language="vi")
            components = train_pipeline(config, data, Path(folder))
            texts = json.loads((fold / "test.json").read_text(encoding="utf-8"))
            results[fold.name] = [predict(components, text) for text in texts]
        sys.stderr.write(f"{fold.name}: {len(texts)} texts, {time.monotonic() - started:.0f} s\n")
    Path(out).write_text(json.dumps(results), encoding="utf-8")


if __name__ == "__main__":
    import components.accent_folding_featurizer
    import components.lookup_extractor
    import components.network_classifier
    import components.vietnamese_tokenizer  # noqa: F401  registers the classes that config.yml names

    main(*sys.argv[1:])
