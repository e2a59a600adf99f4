"""A procedure's own steps as a guide: from its record, or the plain four that every procedure has."""

from __future__ import annotations

from dataclasses import dataclass

from bot.replies.renderer import Replies
from procedures_kb.model import Procedure

PREFIX = "procedure:"


@dataclass(frozen=True, slots=True)
class StepText:
    """One step: who does what, with which paper."""

    actor: str
    act: str
    document: str | None = None


def steps_of(procedure: Procedure, replies: Replies) -> tuple[StepText, ...]:
    """Return the record's steps; where it has none, prepare, submit, pay, receive."""
    if procedure.steps:
        return tuple(StepText(step.actor, step.act, step.document) for step in procedure.steps)
    citizen, office = replies.render("actor_citizen"), replies.render("actor_office")
    return (
        StepText(citizen, replies.render("step_prepare")),
        StepText(citizen, replies.render("step_submit")),
        StepText(citizen, replies.render("step_pay")),
        StepText(office, replies.render("step_receive")),
    )


def guide_id(code: str) -> str:
    """Return the guide id under which a procedure's own steps run."""
    return PREFIX + code


def code_of(guide: str) -> str | None:
    """Return the procedure's code of such an id, None for the id of a written guide."""
    return guide.removeprefix(PREFIX) if guide.startswith(PREFIX) else None
