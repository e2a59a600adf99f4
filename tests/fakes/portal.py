"""A national portal on loopback: its two public calls in its own shapes, strict, with faults on demand."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.types import Receive, Scope, Send

from tests.fakes.serving import serving as serving_app

PORTS = range(18300, 18350)
LIST = "/api/v1/submitting/formality/list-all-public-formality-by-citizen"
DETAIL = "/api/v1/configuring/formality/get-formality-by-citizen"
LIST_KEY = "list"
BLOCKED = (
    "<html><head><title>Request Rejected</title></head><body>The requested URL was rejected.</body></html>"
)
_SHARED = Path(os.environ.get("TROLY_SHARED", Path(__file__).parents[3] / "shared"))
GENUINE = _SHARED / "data" / "portal_formats" / "api_v1" / "get-formality-by-citizen_1.000358.json"

Kind = Literal[
    "status",
    "cut",
    "malformed",
    "cut_json",
    "html",
    "slow",
    "wrong_shape",
    "huge",
    "redirect",
    "no",
    "latin1",
]


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one answer."""

    kind: Kind
    status: int = 500
    retry_after: str | None = None
    seconds: float = 1.0
    location: str = ""


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class ListQuery(Strict):
    limit: Annotated[int, Field(ge=1, le=200)]
    lastId: str
    q: str
    categoryId: str
    departmentCode: str


class DetailQuery(Strict):
    id: str


_Q = TypeVar("_Q", bound=Strict)


class Cut(Response):
    """Announces a whole body, sends a half, and drops the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"5000")]
        await send({"type": "http.response.start", "status": 201, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"code":"OK","data":{', "more_body": True})


def invented(number: int, **values: Any) -> dict[str, Any]:
    """Return an invented detail in the portal's shape; `number` makes its id, code and name."""
    record: dict[str, Any] = {
        "id": f"019d0000-0000-7000-8000-{number:012d}",
        "code": f"9.{number:06d}",
        "codeNotation": f"9.{number:06d}",
        "name": f"Cấp giấy phép thả diều số {number}",
        "type": "STANDARD",
        "isWard": True,
        "isProvince": False,
        "isMinistry": False,
        "isOtherAgency": False,
        "executionSteps": [{"name": "", "description": "Nộp đơn tại xã."}],
        "executionMethods": [
            {
                "submissionMethod": "DIRECT",
                "processingTime": 3,
                "processingTimeUnit": "WORKING_DAY",
                "fees": [{"type": "FEE", "value": 20000, "currencyName": "Đồng", "description": ""}],
                "description": "",
            }
        ],
        "executionCases": [
            {
                "name": "",
                "profileComponents": [
                    {
                        "name": "Đơn xin thả diều",
                        "code": "D1",
                        "originalQty": 1,
                        "copyQty": 0,
                        "attachments": [],
                    }
                ],
            }
        ],
        "profileComponents": [],
        "requirementsAndConditions": "",
        "legalBasisesDetails": [{"name": "Nghị định về diều", "code": "01/2026/NĐ-CP"}],
        "resultsDetails": [{"name": "Giấy phép thả diều", "code": "KQ1"}],
        "categoriesDetails": [{"name": "Diều sáo", "code": "L1"}],
        "departmentsExecuting": [{"name": "Ủy ban nhân dân cấp xã", "code": "UBNDCX"}],
        "subjectTypesDetails": [{"name": "Công dân Việt Nam", "code": "ĐT1"}],
        "departmentPromulgateName": "Bộ Diều",
        "updatedAt": 1_775_000_000_000 + number,
    }
    return record | values


@dataclass
class FakePortal:
    """The records in the list's order, what shall go wrong, and what was asked.

    `departments` maps a department's code to the ids of its list. `delay_s` slows every detail.
    """

    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    departments: dict[str, set[str]] = field(default_factory=dict)
    faults: dict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))
    asked: Counter[str] = field(default_factory=Counter)
    moments: list[float] = field(default_factory=list)
    delay_s: float = 0.0
    ends_with_empty_page: bool = True
    announced: int | None = None
    extra_items: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    @classmethod
    def of(cls, count: int) -> FakePortal:
        """Return a portal with that many invented records."""
        portal = cls()
        for number in range(1, count + 1):
            portal.put(invented(number))
        return portal

    def reset(self, count: int) -> None:
        """Become a fresh portal of that many invented records, at the same address."""
        fresh = FakePortal.of(count)
        fresh.url = self.url
        vars(self).update(vars(fresh))

    def put(self, record: dict[str, Any]) -> str:
        """Add or replace a record; return its id."""
        self.records[record["id"]] = deepcopy(record)
        return str(record["id"])

    def fail(self, key: str, fault: Fault, times: int = 1) -> None:
        """Let the next answers for `key` (LIST_KEY or an id) go wrong."""
        self.faults[key].extend([fault] * times)

    @property
    def details_asked(self) -> int:
        """How many details were asked for, again ones too."""
        return self.asked.total() - self.asked[LIST_KEY]

    def app(self) -> FastAPI:
        """Return the portal as an ASGI application."""
        app = FastAPI()

        @app.post(LIST)
        async def list_all(request: Request) -> Response:
            query = await self._checked(request, ListQuery)
            if isinstance(query, Response):
                return query
            return await self._faulty(LIST_KEY) or self._page(query)

        @app.post(DETAIL)
        async def detail(request: Request) -> Response:
            query = await self._checked(request, DetailQuery)
            if isinstance(query, Response):
                return query
            if fault := await self._faulty(query.id):
                return fault
            await asyncio.sleep(self.delay_s)
            if query.id not in self.records:
                return _says("NOT_FOUND", 404)
            return _good(self.records[query.id])

        return app

    async def _checked(self, request: Request, model: type[_Q]) -> _Q | Response:
        self.moments.append(time.monotonic())
        headers = request.headers
        if "Mozilla/5.0" not in headers.get("user-agent", "") or not headers.get("origin"):
            return HTMLResponse(BLOCKED, 403)
        try:
            return model.model_validate(await request.json())
        except (ValidationError, json.JSONDecodeError):
            return _says("BAD_REQUEST", 400)

    async def _faulty(self, key: str) -> Response | None:
        self.asked[key] += 1
        if not self.faults[key]:
            return None
        fault = self.faults[key].popleft()
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
            return None
        return _FAULTY[fault.kind](fault)

    def _page(self, query: ListQuery) -> Response:
        chosen = (
            self.departments.get(query.departmentCode, set()) if query.departmentCode else set(self.records)
        )
        items = [_item(record) for id_, record in self.records.items() if id_ in chosen] + self.extra_items
        ids = [item.get("id") for item in items]
        start = ids.index(query.lastId) + 1 if query.lastId else 0
        page = items[start : start + query.limit]
        ended = start + query.limit >= len(items) and not self.ends_with_empty_page
        last = None if ended or not page else page[-1].get("id")
        total = len(items) if self.announced is None else self.announced
        return _good({"items": page, "lastId": last, "total": total})


def _item(record: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": record["id"],
        "code": record["code"],
        "name": record["name"],
        "type": record.get("type", "STANDARD"),
        "categories": [one["name"] for one in record.get("categoriesDetails", [])],
        "departments": [one["name"] for one in record.get("departmentsExecuting", [])],
        "departmentPromulgate": record.get("departmentPromulgateName", ""),
    }


def _good(data: dict[str, Any]) -> Response:
    return JSONResponse({"code": "OK", "data": data}, 201)


def _says(code: str, status: int) -> Response:
    return JSONResponse({"code": code, "message": code.lower()}, status)


def _status(fault: Fault) -> Response:
    headers = {"Retry-After": fault.retry_after} if fault.retry_after else None
    return JSONResponse({"code": "ERROR"}, fault.status, headers=headers)


_FAULTY: dict[Kind, Callable[[Fault], Response]] = {
    "status": _status,
    "cut": lambda _: Cut(),
    "malformed": lambda _: Response('{"code": "OK", "data": {"id": ,}}', 201, media_type="application/json"),
    "cut_json": lambda _: Response('{"code": "OK", "data": {"id": "01', 201, media_type="application/json"),
    "latin1": lambda _: Response('{"code": "OK", "name": "é"}'.encode("latin-1"), 201),
    "html": lambda _: HTMLResponse(BLOCKED, 200),
    "wrong_shape": lambda _: _good({"rows": [], "id": 7}),
    "huge": lambda _: Response(b'{"code":"OK","data":"' + b" " * 6_000_000 + b'"}', 201),
    "redirect": lambda fault: Response(status_code=fault.status, headers={"Location": fault.location}),
    "no": lambda _: JSONResponse({"code": "SYSTEM_ERROR", "data": None}, 201),
}


@contextmanager
def serving(portal: FakePortal, **options: Any) -> Iterator[FakePortal]:
    """Serve `portal` by a real uvicorn in a thread; its `url` is set meanwhile."""
    with serving_app(portal.app(), PORTS, **options) as url:
        portal.url = url
        yield portal
