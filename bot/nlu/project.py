"""Where the Rasa project lives, and how its own environment is called."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

CACHE_VARIABLE = "TROLY_CACHE"


class NluError(Exception):
    """Something of the NLU is missing or broken; the message tells the operator what to do."""


@dataclass(frozen=True, slots=True)
class Project:
    """The files of the repository that the NLU is made of; `root` is the repository's folder."""

    root: Path

    @classmethod
    def here(cls) -> Project:
        """Return the project around this file; raises NluError where nlu_data is not beside the package."""
        root = Path(__file__).resolve().parents[2]
        if not (root / "nlu_data" / "config.yml").is_file():
            raise NluError(f"{root / 'nlu_data'} not found: run from a clone of the repository")
        return cls(root)

    @property
    def rasa(self) -> Path:
        """The Rasa project."""
        return self.root / "nlu_data"

    @property
    def lay_names(self) -> Path:
        """The folder of lay procedure names; may be absent."""
        return self.root / "procedures_kb" / "data" / "lay_names"

    @property
    def python(self) -> Path:
        """The interpreter of Rasa's environment; may be absent, see `require_python`."""
        return self.rasa / ".venv" / "bin" / "python"

    def require_python(self) -> Path:
        """Return Rasa's interpreter; raises NluError where its environment is not installed."""
        if not self.python.is_file():
            raise NluError("Rasa's environment (nlu_data/.venv) is not installed: run `make setup`")
        return self.python

    def environment(self) -> dict[str, str]:
        """Return the environment variables for Rasa's process: ours on its path, quiet, no telemetry.

        At WARNING Rasa logs no text of users; one thread, because the bot shares the cores.
        """
        kept = {k: v for k, v in os.environ.items() if k not in {"PYTHONHOME", "VIRTUAL_ENV"}}
        return kept | {
            "PYTHONPATH": os.pathsep.join((str(self.rasa), str(self.root))),
            "PYTHONUTF8": "1",
            "RASA_TELEMETRY_ENABLED": "false",
            "LOG_LEVEL": "WARNING",
            "LOG_LEVEL_LIBRARIES": "ERROR",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "CUDA_VISIBLE_DEVICES": "-1",
            "OMP_NUM_THREADS": "1",
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
            "PYTHONWARNINGS": "ignore",
        }


def cache_directory() -> Path:
    """Return where trained models are kept: $TROLY_CACHE/nlu, or ~/.cache/troly/nlu."""
    base = os.environ.get(CACHE_VARIABLE)
    return (Path(base) if base else Path.home() / ".cache" / "troly") / "nlu"
