"""Every refusal as plain JSON that repeats nothing of what was sent."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException


def add_error_handlers(app: FastAPI) -> None:
    """Answer refused, wrong and failed requests with `{"error": reason}`."""
    app.add_exception_handler(RequestValidationError, _wrong)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RecursionError, _too_deep)
    app.add_exception_handler(Exception, _failed)


async def _wrong(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    # The place may hold a key that the client made up, and the message its input: only our own names pass.
    first = error.errors()[0]
    known = {"body", "sender", "message", "metadata", "conversation_id", "text", "payload"}
    where = ".".join(part for part in first["loc"] if isinstance(part, str) and part in known)
    return JSONResponse({"error": f"wrong request at {where or 'body'}: {first['type']}"}, 422)


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    return JSONResponse({"error": error.detail}, error.status_code, headers=error.headers)


async def _too_deep(_request: Request, _error: Exception) -> JSONResponse:
    return JSONResponse({"error": "the JSON is nested too deeply"}, 400)


async def _failed(_request: Request, _error: Exception) -> JSONResponse:
    return JSONResponse({"error": "the server failed at this request"}, 500)
