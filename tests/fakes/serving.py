"""Serves an application on loopback by a real uvicorn in a thread."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI

PORTS = range(8410, 8450)


@contextmanager
def serving(app: FastAPI, ports: range = PORTS, **options: Any) -> Iterator[str]:
    """Yield the address of `app`, on a free port of `ports`, while it is served; `options` are uvicorn's."""
    listening = free_socket(ports)
    # No uvloop and no httptools, which a peer of the tests may have brought: as the server runs it.
    config = uvicorn.Config(app, log_level="critical", lifespan="off", loop="asyncio", http="h11", **options)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    try:
        scheme = "https" if "ssl_certfile" in options else "http"
        yield f"{scheme}://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        server.force_exit = True
        thread.join(5)
        listening.close()


def free_socket(ports: range = PORTS) -> socket.socket:
    """Return a bound socket on a free port of `ports`."""
    for port in ports:
        # The protocol is named, or asyncio leaves Nagle's algorithm on: 40 ms an answer.
        bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind(("127.0.0.1", port))
        except OSError:
            bound.close()
            continue
        return bound
    raise RuntimeError(f"no free port among {ports}")
