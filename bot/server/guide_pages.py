"""The pages of docs/guides: each guide with its diagram and sources, the engine, and an index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.dialogue.guide import GuideView
from bot.server.diagrams import engine_diagram, engine_rows, guide_diagram, ways
from procedures_kb.guides import Guide, Guides

WRITTEN = "<!-- Written by `make docs`: change the guide's data, not this page. -->"
_ENGINE_TEXT = """\
Drawn from `walk` in `bot/dialogue/guide.py`: every move at every place of a small guide with one question and
an option that leads into another guide. A move that stays in its state changes the place or repeats it; only
the table has those. "Any other question" is answered by the rest of the dialogue, which leaves the position
alone; so the conversation may go on days later, in another process, or after the guide's text has changed."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How long a guide is: steps of its shortest and its longest way, and how many questions decide it."""

    shortest: int
    longest: int
    questions: int

    @classmethod
    def of(cls, guide: GuideView) -> Extent:
        """Measure `guide` along every way through it."""
        lengths = [way.steps for way in ways(guide)]
        return cls(min(lengths), max(lengths), len(guide.asks))

    @property
    def steps(self) -> str:
        """Return "7", or "6–9" where the ways differ."""
        if self.shortest == self.longest:
            return str(self.longest)
        return f"{self.shortest}–{self.longest}"


def pages(guides: Guides, views: Mapping[str, GuideView]) -> dict[str, str]:
    """Return the text of every page by file name; `views` are the same guides as they are walked."""
    titles = {guide.id: guide.title for guide in guides.values()}
    written = {f"{guide.id}.md": _written(guide, views[guide.id], titles) for guide in guides.values()}
    return {"README.md": _index(guides, views), "engine.md": _engine(), **written}


def procedure_page(view: GuideView) -> str:
    """Return the page of a procedure's own way, which is composed and has no file in docs."""
    closing = [view.closing] if view.closing else []
    return _joined([f"# {view.title}", _fenced(guide_diagram(view, {})), *closing])


def write(folder: Path, texts: Mapping[str, str]) -> None:
    """Write the pages into `folder`, and remove those written before that are no page any more."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("*.md"):
        if file.name not in texts and WRITTEN in file.read_text(encoding="utf-8"):
            file.unlink()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


def page_name(guide_id: str) -> str:
    """Return the name of a guide's page; a procedure's own way has a colon in its id."""
    return f"{guide_id.replace(':', '-')}.md"


def _written(guide: Guide, view: GuideView, titles: Mapping[str, str]) -> str:
    sources = [f"- {s.what}, checked {s.checked.isoformat()}: <{s.url}>" for s in guide.sources]
    extent = Extent.of(view)
    about = f"{guide.goal} {extent.steps} steps, {_counted(extent.questions)}."
    if guide.next:
        linked = ", ".join(f"[{titles[other]}]({other}.md)" for other in guide.next)
        about = f"{about}\n\nOffered next: {linked}"
    diagram = _fenced(guide_diagram(view, titles))
    return _joined([f"# {guide.title}", WRITTEN, about, diagram, "## Sources", "\n".join(sources)])


def _counted(questions: int) -> str:
    return {0: "no question", 1: "one question"}.get(questions, f"{questions} questions")


def _index(guides: Guides, views: Mapping[str, GuideView]) -> str:
    rows = ["| guide | title | steps | questions | sources | checked |", "|---|---|---|---|---|---|"]
    for guide in guides.values():
        extent = Extent.of(views[guide.id])
        rows.append(
            f"| [{guide.id}]({guide.id}.md) | {guide.title} | {extent.steps} | {extent.questions} "
            f"| {len(guide.sources)} | {oldest(guide)} |"
        )
    about = (
        "Every written guide as a state diagram, drawn from the engine itself. Steps: the shortest and the "
        "longest way.\nChecked: the oldest day on which one of its sources was compared. How to add one: "
        "[../guides.md](../guides.md); the engine's own states: [engine.md](engine.md)."
    )
    return _joined(["# Guides", WRITTEN, about, "\n".join(rows)])


def oldest(guide: Guide) -> str:
    """Return the oldest day (ISO) on which a source of `guide` was compared."""
    return min(source.checked for source in guide.sources).isoformat()


def _engine() -> str:
    rows = [f"| {start} | {', '.join(moves)} | {end} |" for start, end, moves in engine_rows()]
    table = "\n".join(["| state | moves | leads to |", "|---|---|---|", *rows])
    return _joined(["# The guide engine", WRITTEN, _ENGINE_TEXT, _fenced(engine_diagram()), table])


def _fenced(diagram: str) -> str:
    return f"```mermaid\n{diagram}\n```"


def _joined(parts: list[str]) -> str:
    return "\n\n".join(parts) + "\n"
