"""How the trained model is served: the exact command, environment and folder for a supervisor."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from bot.nlu.project import NluError, Project
from bot.nlu.training import best_model, verify

INTERFACE = "127.0.0.1"
DEFAULT_PORT = 5005


@dataclass(frozen=True, slots=True)
class Serving:
    """A command to run, its whole environment, the folder to run it in, and the address it serves."""

    command: tuple[str, ...]
    environment: dict[str, str]
    folder: Path
    url: str


def serving(
    port: int = DEFAULT_PORT, cache_dir: Path | None = None, project: Project | None = None
) -> Serving:
    """Return how to serve the best model at hand on 127.0.0.1:`port`.

    The model's digest is checked first. Raises NluError where Rasa's environment or the model is missing, or
    the model is not the one that was trained.
    """
    project = project or Project.here()
    python = project.require_python()
    model = best_model(cache_dir, project)
    verify(model)
    folder = model.parent / "serving"  # empty: no endpoints or credentials are picked up from it
    folder.mkdir(exist_ok=True)
    command = (str(python), "-m", "rasa", "run", "--enable-api", "--interface", INTERFACE)
    return Serving(
        command=(*command, "--port", str(port), "--model", str(model)),
        environment=project.environment() | {"SANIC_WORKERS": "1"},
        folder=folder,
        url=f"http://{INTERFACE}:{port}",
    )


def replace_process(plan: Serving) -> None:
    """Become the Rasa server: a supervisor that started this process then signals Rasa itself.

    Raises NluError where the command cannot be run.
    """
    try:
        os.chdir(plan.folder)
        os.execve(plan.command[0], plan.command, plan.environment)  # noqa: S606
    except OSError as error:
        raise NluError(f"cannot run {plan.command[0]}: {error.strerror}; run `make setup`") from error
