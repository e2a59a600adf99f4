"""Trains the NLU model in Rasa's environment, and keeps it by the digest of all that it is made of."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from bot.nlu.augmentation import Names, training_set, write_rasa
from bot.nlu.corpus import load_corpus, load_lay_names
from bot.nlu.keyword_data import load_data
from bot.nlu.project import NluError, Project, cache_directory

logger = logging.getLogger(__name__)

DATA_FILE = "nlu.yml"
LOG_LINES = 30
KEYWORDS = Path(__file__).with_name("keywords.yaml")
_MADE_OF = (
    ("nlu_data", "data/*.yml"),
    ("bot/nlu", "phrases.py"),
    ("nlu_data", "config.yml"),
    ("nlu_data", "word_classes.yaml"),
    ("nlu_data", "domain.yml"),
    ("nlu_data", "uv.lock"),
    ("nlu_data", "components/*.py"),
    ("vietnamese", "**/*.py"),
    ("vietnamese", "**/*.tsv"),
    ("procedures_kb/data/lay_names", "*.yaml"),
    ("bot/nlu", "augmentation.py"),
    ("bot/nlu", "corpus.py"),
    ("bot/nlu", "keywords.yaml"),
    ("bot/search/model", "manifest.json"),
)


def prepare(out: Path, project: Project | None = None) -> Path:
    """Write the training data, with twins and lookups, into the folder `out`; return the file.

    Raises NluError where the data is not valid.
    """
    project = project or Project.here()
    corpus = load_corpus(project)
    names = Names(corpus.procedure_names(), load_lay_names(project))
    out.mkdir(parents=True, exist_ok=True)
    write_rasa(out / DATA_FILE, training_set(corpus.examples, names, load_data(KEYWORDS)), corpus, names)
    return out / DATA_FILE


def digest(project: Project | None = None) -> str:
    """Return the SHA-256 of all that the model is made of: data, configuration, components, lexicon, lock."""
    project = project or Project.here()
    total = hashlib.sha256()
    for folder, pattern in _MADE_OF:
        for path in sorted((project.root / folder).glob(pattern)):
            name = path.relative_to(project.root).as_posix()
            total.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def model_path(cache_dir: Path | None = None, project: Project | None = None) -> Path:
    """Return where the model of the present data is kept, whether it is trained or not."""
    return (cache_dir or cache_directory()) / f"nlu-{digest(project)[:16]}.tar.gz"


def best_model(cache_dir: Path | None = None, project: Project | None = None) -> Path:
    """Return the model of the present data; while that is not trained yet, the newest one of older data.

    An older model understands nearly as well; none at all would leave NLU down until somebody trains.
    """
    present = model_path(cache_dir, project)
    if present.is_file():
        return present
    older = sorted(present.parent.glob("nlu-*.tar.gz"), key=lambda file: file.stat().st_mtime)
    if not older:
        return present
    logger.warning("the NLU data changed since %s was trained: run `troly nlu train`", older[-1].name)
    return older[-1]


def verify(model: Path) -> None:
    """Check `model` against the digest beside it; raises NluError where either is missing or they differ."""
    beside = _digest_file(model)
    if not model.is_file() or not beside.is_file():
        raise NluError(f"no trained model at {model}: run `troly nlu train`")
    if beside.read_text(encoding="ascii").strip() != _file_digest(model):
        raise NluError(f"{model} is not the model that was trained: delete it and run `troly nlu train`")


def train(cache_dir: Path | None = None, project: Project | None = None) -> Path:
    """Return the trained model of the present data, training it first where the cache has none.

    Raises NluError where Rasa's environment is missing, training fails (with Rasa's last words), or the
    cached file is not the one that was trained.
    """
    project = project or Project.here()
    model = model_path(cache_dir, project)
    if model.exists():
        verify(model)
        return model
    python = project.require_python()
    model.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="troly-nlu-") as folder:
        work = Path(folder)
        prepare(work / "data", project)
        logger.info("training the NLU model; this takes a few minutes")
        trained = _run_rasa(python, project, work)
        _store(trained, model)
    return model


def _run_rasa(python: Path, project: Project, work: Path) -> Path:
    """Run `rasa train nlu` with its many warnings in a log, shown only where it fails."""
    arguments = ["--config", str(project.rasa / "config.yml"), "--domain", str(project.rasa / "domain.yml")]
    arguments += ["--nlu", str(work / "data"), "--out", str(work / "models"), "--fixed-model-name", "nlu"]
    log = work / "train.log"
    # A folder of its own: Rasa reuses `.rasa/cache` of the working folder, even across versions of Python.
    with log.open("w", encoding="utf-8") as output:
        done = subprocess.run(  # noqa: S603
            [str(python), "-m", "rasa", "train", "nlu", *arguments],
            cwd=work,
            env=project.environment(),
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    trained = work / "models" / "nlu.tar.gz"
    if done.returncode != 0 or not trained.is_file():
        last = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:])
        raise NluError(f"Rasa could not train (exit {done.returncode}); its last words:\n{last}")
    return trained


def _store(trained: Path, model: Path) -> None:
    """Put the digest there first and the model last, whole: a reader never sees half a model."""
    incoming = model.with_name(f".{model.name}.{os.getpid()}")
    shutil.copyfile(trained, incoming)
    _digest_file(model).write_text(_file_digest(incoming) + "\n", encoding="ascii")
    incoming.replace(model)


def _digest_file(model: Path) -> Path:
    return model.with_name(f"{model.name}.sha256")


def _file_digest(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
