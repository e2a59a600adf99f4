"""Pages in large print, to read, to share and to put on paper: guides, checked dossiers, and drawings.

The pages are made on the server and need no script. A page of another kind is a template that extends
`base.html`, shown by `Pages.page`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Annotated, Protocol
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse, HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from bot.dialogue.guide import AskView, GuideView, Node, StepView
from bot.dialogue.procedure_steps import code_of
from bot.server.parts import PartsFailed, Serving
from connectors.web import page as web_page
from procedures_kb import pictures
from procedures_kb.guides import Ask, Guide, Guides, GuideStep
from procedures_kb.pictures import Picture, Pictures

if TYPE_CHECKING:
    from bot.assistant import Assistant

FILES = web_page.FILES.parent / "print"
HELPING = "nguoi-giup"
_PICTURE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "public, max-age=86400",
}
_CHECK_EACH_TIME = {"Cache-Control": "no-cache"}


class Parts(Protocol):
    """What this needs of the running parts."""

    def serving(self) -> Serving | None:
        """Return what serves now; None while it is loading. Raises PartsFailed where nothing will."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A question, and the answers (their labels) with one of which a step belongs to the way."""

    ask: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PrintedStep:
    """One step on paper: `asks` are the questions to be answered before it, `conditions` all must hold."""

    number: int
    step: GuideStep | StepView
    asks: tuple[Ask, ...]
    conditions: tuple[Condition, ...]
    picture: Picture | None


def printed_steps(guide: Guide, drawings: Pictures) -> tuple[PrintedStep, ...]:
    """Return every step of every way through `guide`, numbered from 1.

    A question stands before the first step that depends on it; one that only leads into other guides stands
    before the first step of all, as in the conversation.
    """
    deciding = {ask_id for step in guide.steps for ask_id in step.when}
    waiting = list(guide.asks)
    steps = []
    for number, step in enumerate(guide.steps, 1):
        now = tuple(ask for ask in waiting if ask.id in step.when or ask.id not in deciding)
        waiting = [ask for ask in waiting if ask not in now]
        picture = drawings.get(step.picture) if step.picture else None
        steps.append(PrintedStep(number, step, now, _conditions(guide, step), picture))
    return tuple(steps)


def _conditions(guide: Guide, step: GuideStep) -> tuple[Condition, ...]:
    conditions = []
    for ask in guide.asks:
        wanted = step.when.get(ask.id)
        staying = [option for option in ask.options if option.go is None]
        if wanted is None or all(option.id in wanted for option in staying):
            continue
        conditions.append(Condition(ask.ask, tuple(o.label for o in staying if o.id in wanted)))
    return tuple(conditions)


def printed_way(nodes: Sequence[Node], drawings: Pictures) -> tuple[PrintedStep, ...]:
    """Return the steps of one way whose questions are answered, numbered from 1."""
    steps = [node for node in nodes if isinstance(node, StepView)]
    return tuple(
        PrintedStep(number, step, (), (), drawings.get(step.picture or ""))
        for number, step in enumerate(steps, 1)
    )


class Pages:
    """The templates of `connectors/web/print`. Everything filled in is escaped."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(FILES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["day"] = _day

    def page(
        self, template: str, status: int = 200, headers: dict[str, str] | None = None, **values: object
    ) -> HTMLResponse:
        """Return the page that `template` makes of `values`.

        Raises jinja2.TemplateNotFound, and jinja2.UndefinedError for a value that is missing.
        """
        return HTMLResponse(self._templates.get_template(template).render(**values), status, headers)

    def template(self, name: str) -> Template:
        """Return a template that is no page. Raises jinja2.TemplateNotFound."""
        return self._templates.get_template(name)

    def missing(self, what: str, guides: Guides | None = None) -> HTMLResponse:
        """Return the page that there is no such `what` ("guide", "picture", "sheet"), with the guides."""
        return self.page("missing.html", 404, what=what, guides=tuple((guides or {}).values()))

    def starting(self) -> HTMLResponse:
        """Return the page that asks to come back in some seconds."""
        return self.page("starting.html", 503, {"Retry-After": "10"})


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")


def printing_router(
    parts: Parts, load_pictures: Callable[[], Pictures] = pictures.load, *, public_url: str | None = None
) -> APIRouter:
    """Build the doors of printed guides, of checked dossiers and of drawings.

    The drawings are read when one is first wanted. `public_url`: the address of this server, for the code on
    a dossier's page; without it the code holds the papers themselves.
    """
    router = APIRouter(include_in_schema=False)
    pages = Pages()
    drawings = cache(load_pictures)
    _add_guides(router, parts, pages, drawings)
    _add_sheets(router, parts, pages, public_url)
    _add_files(router, pages, drawings)
    return router


def _add_guides(router: APIRouter, parts: Parts, pages: Pages, drawings: Callable[[], Pictures]) -> None:
    # Not async: the first ones wait until the catalogue is there, and must not hold up the loop.
    @router.get("/in/huong-dan/{guide_id}")
    def guide(
        guide_id: str, request: Request, helping: Annotated[str, Query(alias=HELPING)] = ""
    ) -> Response:
        assistant = _assistant(parts)
        if assistant is None:
            return pages.starting()
        guides = assistant.reader.known.guides
        if code_of(guide_id) is not None:
            view = assistant.composer.guides.book.view(guide_id)
            return pages.missing("guide", guides) if view is None else _way(pages, view, request, drawings())
        if guide_id not in guides:
            return pages.missing("guide", guides)
        wanted = guides[guide_id]
        return pages.page(
            "guide.html",
            guide=wanted,
            goal=wanted.goal,
            sources=wanted.sources,
            closing=None,
            guides=guides,
            steps=printed_steps(wanted, drawings()),
            beside=drawings().get("helper_beside"),
            helping=helping == "1",
            other=_address(guide_id, {}, helping=helping != "1"),
            answers={},
        )


def _way(pages: Pages, view: GuideView, request: Request, drawings: Pictures) -> Response:
    """Return a procedure's own way, or its first question that the address does not answer."""
    told = request.query_params
    answers = {ask.id: told[ask.id] for ask in view.asks if ask.option(told.get(ask.id)) is not None}
    nodes, helping = view.nodes(answers), told.get(HELPING) == "1"
    last = nodes[-1]
    if isinstance(last, AskView) and last.id not in answers:
        options = [
            (option.label, _address(view.id, {**answers, last.id: option.id}, helping=helping))
            for option in last.options
        ]
        return pages.page("choose.html", guide=view, ask=last, options=options)
    return pages.page(
        "guide.html",
        guide=view,
        goal=view.intro,
        sources=(),
        closing=view.closing,
        guides={},
        steps=printed_way(nodes, drawings),
        beside=drawings.get("helper_beside"),
        helping=helping,
        other=_address(view.id, answers, helping=not helping),
        answers=answers,
    )


def _address(guide_id: str, answers: Mapping[str, str], *, helping: bool) -> str:
    query = urlencode({**answers, **({HELPING: "1"} if helping else {})})
    return f"/in/huong-dan/{guide_id}" + (f"?{query}" if query else "")


def _add_sheets(router: APIRouter, parts: Parts, pages: Pages, public_url: str | None) -> None:
    @router.get("/in/ho-so/{code}")
    def sheet(code: str, request: Request) -> Response:
        from bot.server import sheet_page  # the dialogue is loaded long since where something serves

        assistant = _assistant(parts)
        if assistant is None:
            return pages.starting()
        try:
            position = sheet_page.position_of(code, request)
        except sheet_page.BadAddress:
            return pages.missing("sheet")
        found = assistant.composer.checks.sheet(position)
        if found is None:
            return pages.missing("sheet")
        content = sheet_page.code_content(found, position, pages.template("dossier_code.txt"), public_url)
        return pages.page(
            "dossier.html",
            sheet=found,
            page_url=assistant.reader.known.catalogue.by_code[code].source.url,
            drawn=sheet_page.drawn_code(content),
            by_address=content.startswith("https://"),
        )


def _add_files(router: APIRouter, pages: Pages, drawings: Callable[[], Pictures]) -> None:
    @router.get("/in/print.css")
    async def style() -> FileResponse:
        return FileResponse(FILES / "print.css", headers=_CHECK_EACH_TIME)

    @router.get("/pictures/{picture_id}.svg")
    def picture(picture_id: str, request: Request) -> Response:
        drawing = drawings().get(picture_id)
        if drawing is None:
            return pages.missing("picture")
        return _drawn(drawing, request.headers.get("if-none-match", ""))


def _drawn(drawing: Picture, known: str) -> Response:
    tag = f'"{hashlib.sha256(drawing.svg).hexdigest()[:16]}"'
    headers = {**_PICTURE_HEADERS, "ETag": tag}
    if tag in known:
        return Response(status_code=304, headers=headers)
    return Response(drawing.svg, media_type="image/svg+xml", headers=headers)


def _assistant(parts: Parts) -> Assistant | None:
    from bot.assistant import Assistant  # loaded long since where something serves

    try:
        serving = parts.serving()
    except PartsFailed:
        return None
    if serving is None or not isinstance(serving.assistant, Assistant):
        return None
    return serving.assistant
