"""A portal for one test and a quick client of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from procedures_kb.portal import PortalClient
from tests.fakes.portal import FakePortal, serving
from tests.procedures_kb.portal.helpers import quick

MakeClient = Callable[..., PortalClient]


@pytest.fixture(scope="session")
def served() -> Iterator[FakePortal]:
    """One server for all tests: starting and stopping it takes longer than a test."""
    with serving(FakePortal()) as portal:
        yield portal


@pytest.fixture
def portal(served: FakePortal) -> FakePortal:
    """Twelve invented records, served, nothing asked yet and nothing wrong."""
    served.reset(12)
    return served


@pytest.fixture
def slept() -> list[float]:
    """The waits of a client, which does not wait."""
    return []


@pytest.fixture
def make_client(portal: FakePortal, slept: list[float]) -> Iterator[MakeClient]:
    """A quick client of the served portal."""
    made: list[PortalClient] = []

    def make(**values: Any) -> PortalClient:
        # Plain HTTP here, and reading the certificates of the world takes 70 ms a client.
        transport = httpx.HTTPTransport(verify=False)
        client = PortalClient(quick(portal.url, **values), sleep=slept.append, transport=transport)
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()
