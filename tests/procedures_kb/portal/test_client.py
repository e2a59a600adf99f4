"""The client against a portal that misbehaves in every way that we know."""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from procedures_kb.portal import PortalBroken, PortalClient, PortalRefused, PortalSettings, PortalUnreachable
from procedures_kb.portal.answers import canonical, read_detail, read_page
from procedures_kb.portal.errors import retry_after_s
from tests.fakes.portal import GENUINE, LIST_KEY, FakePortal, Fault, invented, serving
from tests.procedures_kb.portal.conftest import MakeClient
from tests.procedures_kb.portal.helpers import quick

FIRST = invented(1)["id"]


def test_it_reads_the_list_to_its_end(portal: FakePortal, make_client: MakeClient) -> None:
    pages = list(make_client().pages())
    assert [len(page.items) for page in pages] == [5, 5, 2]
    assert [item.code for page in pages for item in page.items] == [f"9.{n:06d}" for n in range(1, 13)]
    assert pages[0].total == 12
    assert portal.asked[LIST_KEY] == 4, "the empty page is the end"


def test_a_list_may_end_without_an_empty_page(portal: FakePortal, make_client: MakeClient) -> None:
    portal.ends_with_empty_page = False
    assert sum(len(page.items) for page in make_client().pages()) == 12
    assert portal.asked[LIST_KEY] == 3


def test_it_reads_one_department(portal: FakePortal, make_client: MakeClient) -> None:
    portal.departments["H56"] = {FIRST}
    assert [i.id for page in make_client().pages(department="H56") for i in page.items] == [FIRST]


def test_a_page_is_never_larger_than_the_portal_allows() -> None:
    with pytest.raises(ValueError, match="page_size"):
        PortalSettings(page_size=201)


@pytest.mark.parametrize("url", ["http://dichvucong.gov.vn", "ftp://127.0.0.1", "https://x.vn/path", "x.vn"])
def test_an_address_that_is_not_taken(url: str) -> None:
    with pytest.raises(ValueError, match="base_url"):
        PortalSettings(base_url=url)


def test_a_detail_keeps_the_answer_as_received(make_client: MakeClient) -> None:
    detail = make_client().detail(FIRST)
    assert json.loads(detail.raw) == {"code": "OK", "data": invented(1)}
    assert (detail.id, detail.code) == (FIRST, "9.000001")
    assert detail.updated == datetime.fromtimestamp(1_775_000_000.001, UTC)


def test_the_genuine_detail_passes(portal: FakePortal, make_client: MakeClient) -> None:
    if not GENUINE.is_file():
        pytest.skip(f"no genuine sample at {GENUINE}")
    record = json.loads(GENUINE.read_text("utf-8"))
    detail = make_client().detail(portal.put(record))
    assert (detail.code, detail.updated) == ("1.000358", datetime.fromtimestamp(1775836631.278, UTC))
    assert read_detail(GENUINE.read_bytes()).code == "1.000358", "a bare record is read as well"


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(
    portal: FakePortal, make_client: MakeClient, slept: list[float], status: int
) -> None:
    portal.fail(FIRST, Fault("status", status=status), times=3)
    assert make_client().detail(FIRST).id == FIRST
    assert portal.asked[FIRST] == 4
    assert [1 <= wait <= 2 for wait in slept[:1]] == [True]
    assert 2 <= slept[1] <= 3 and 4 <= slept[2] <= 5, "waits double, with jitter"


def test_cut_connections_are_tried_again(portal: FakePortal, make_client: MakeClient) -> None:
    portal.fail(FIRST, Fault("cut"), times=2)
    portal.fail(LIST_KEY, Fault("cut"))
    client = make_client()
    assert client.detail(FIRST).id == FIRST
    assert len(list(client.pages())) == 3


def test_it_waits_as_long_as_the_portal_asks(
    portal: FakePortal, make_client: MakeClient, slept: list[float]
) -> None:
    portal.fail(FIRST, Fault("status", status=429, retry_after="7"))
    portal.fail(FIRST, Fault("status", status=503, retry_after="Wed, 21 Oct 2015 07:28:00 GMT"))
    make_client().detail(FIRST)
    assert slept == [7, 0]


def test_asked_to_wait_too_long_it_stops(
    portal: FakePortal, make_client: MakeClient, slept: list[float]
) -> None:
    portal.fail(FIRST, Fault("status", status=429, retry_after="4000"))
    with pytest.raises(PortalRefused, match=r"429 \(it asks to wait 4000 s\): too many requests") as refused:
        make_client().detail(FIRST)
    assert (refused.value.status, refused.value.retry_after_s, slept) == (429, 4000, [])


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_clear_no_is_not_asked_twice(portal: FakePortal, make_client: MakeClient, status: int) -> None:
    portal.fail(FIRST, Fault("status", status=status))
    with pytest.raises(PortalRefused, match=str(status)):
        make_client().detail(FIRST)
    assert portal.asked[FIRST] == 1


def test_it_gives_up_after_its_attempts(portal: FakePortal, make_client: MakeClient) -> None:
    portal.fail(FIRST, Fault("status", status=500), times=9)
    with pytest.raises(PortalRefused, match="500: the portal is in trouble"):
        make_client().detail(FIRST)
    assert portal.asked[FIRST] == 5


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("malformed", "malformed or cut JSON"),
        ("cut_json", "malformed or cut JSON"),
        ("html", "a web page instead of data"),
        ("wrong_shape", "another shape"),
        ("huge", "larger than 5,000,000 bytes"),
        ("no", "SYSTEM_ERROR"),
        ("latin1", "not UTF-8"),
    ],
)
def test_a_broken_answer_is_named(
    portal: FakePortal, make_client: MakeClient, kind: str, reason: str
) -> None:
    for key in (FIRST, LIST_KEY):
        portal.fail(key, Fault(kind), times=2)  # type: ignore[arg-type]
    client = make_client()
    with pytest.raises(PortalBroken, match=reason):
        client.detail(FIRST)
    with pytest.raises(PortalBroken, match=reason):
        list(client.pages())
    assert portal.asked[FIRST] == 2, "a malformed answer gets one more chance, not five"


def test_a_slow_answer_is_not_waited_for(portal: FakePortal, make_client: MakeClient) -> None:
    portal.fail(FIRST, Fault("slow", seconds=0.6))
    assert make_client(read_timeout_s=0.2).detail(FIRST).id == FIRST
    assert portal.asked[FIRST] == 2


def test_nobody_at_home() -> None:
    slept: list[float] = []
    with (
        PortalClient(quick("http://127.0.0.1:9"), sleep=slept.append) as client,
        pytest.raises(PortalUnreachable, match="check the network"),
    ):
        client.detail(FIRST)
    assert len(slept) == 4


def test_redirects_stay_at_home(portal: FakePortal, make_client: MakeClient) -> None:
    path = "/api/v1/configuring/formality/get-formality-by-citizen"
    portal.fail(FIRST, Fault("redirect", status=307, location=path))
    client = make_client()
    assert client.detail(FIRST).id == FIRST
    elsewhere = portal.url.replace("127.0.0.1", "localhost") + path
    for status, location, reason in (
        (308, elsewhere, "another host: localhost"),
        (302, path, "redirects away"),
    ):
        portal.fail(FIRST, Fault("redirect", status=status, location=location))
        with pytest.raises(PortalRefused, match=reason):
            client.detail(FIRST)
    portal.fail(FIRST, Fault("redirect", status=307, location=path), times=20)
    with pytest.raises(PortalBroken, match="more than 3 redirects"):
        client.detail(FIRST)


def test_it_is_polite(portal: FakePortal, make_client: MakeClient) -> None:
    client = make_client(requests_per_second=20)
    portal.fail(FIRST, Fault("status", status=500))
    for record in itertools.islice(portal.records, 3):
        client.detail(record)
    first, *_, last = portal.moments
    assert len(portal.moments) == 4
    assert last - first > 0.1, "three waits of 50 ms, less what arrived late; a repeated request waits too"


def test_a_list_that_goes_in_circles(portal: FakePortal, make_client: MakeClient) -> None:
    first = next(iter(portal.records.values()))
    portal.extra_items = [{"id": first["id"], "code": first["code"], "name": first["name"]}] * 3
    with pytest.raises(PortalBroken, match="circles"):
        list(make_client().pages())


def test_an_endless_drip_ends(portal: FakePortal, make_client: MakeClient) -> None:
    started = time.monotonic()
    with pytest.raises(PortalUnreachable, match="longer than"):
        make_client(request_limit_s=0.000001, attempts=1).detail(FIRST)
    assert time.monotonic() - started < 2


def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1"]
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    with (
        serving(FakePortal.of(1), ssl_keyfile=key, ssl_certfile=certificate) as portal,
        PortalClient(quick(portal.url, attempts=1)) as client,
        pytest.raises(PortalUnreachable, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        client.detail(FIRST)
    assert not portal.asked


def test_the_portal_refuses_what_is_no_browser_and_too_large_a_page(portal: FakePortal) -> None:
    import httpx

    from procedures_kb.portal.settings import BROWSER_HEADERS, LIST_PATH

    query = {"limit": 201, "lastId": "", "q": "", "categoryId": "", "departmentCode": ""}
    url = portal.url + LIST_PATH
    assert httpx.post(url, json=query, trust_env=False).status_code == 403
    headers = BROWSER_HEADERS | {"Origin": portal.url}
    assert httpx.post(url, json=query, headers=headers, trust_env=False).status_code == 400


@pytest.mark.parametrize("header", [None, "", "soon", "-1", "99999999999999", "1.5"])
def test_a_retry_after_that_says_nothing(header: str | None) -> None:
    assert retry_after_s(header) is None


def test_retry_after_as_a_date() -> None:
    now = datetime(2026, 11, 22, 8, tzinfo=UTC)
    assert retry_after_s("Sun, 22 Nov 2026 08:01:30 GMT", now) == 90
    assert retry_after_s("Sun, 22 Nov 2026 08:01:30 -0000", now) == 90
    assert retry_after_s("120", now) == 120


def test_deep_json_is_broken() -> None:
    with pytest.raises(PortalBroken):
        read_page(b'{"code":"OK","data":' + b"[" * 200_000)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "malformed or cut JSON"),
        (b"[]", "no object but list"),
        (b"{}", "JSON without `data`"),
        (b'{"code":"OK","data":null}', "nothing in it"),
        (b'{"code":"OK","data":[]}', "another shape: data"),
        (b'{"data":{}}', "another shape: code"),
        (b"\xef\xbb\xbf{}", "malformed or cut JSON"),
        (b'{"code":"OK","data":{"id":"1","code":"9","name":"x"}}', "another shape: executionMethods"),
    ],
)
def test_a_body_that_is_no_detail(body: bytes, reason: str) -> None:
    with pytest.raises(PortalBroken, match=reason):
        read_detail(body)


def test_unusable_items_are_counted() -> None:
    good = {"id": "1", "code": "9.000001", "name": "Thả diều"}
    bad = [
        {"code": "9.000002"},
        {"id": "../x", "code": "9", "name": "x"},
        {"id": 3, "code": "9", "name": "x"},
    ]
    data = {"items": [good, *bad], "lastId": "1", "total": 4}
    page = read_page(json.dumps({"code": "OK", "data": data}).encode())
    assert (len(page.items), page.unreadable) == (1, 3)
    with pytest.raises(PortalBroken, match="its shape has changed"):
        read_page(json.dumps({"code": "OK", "data": {"items": bad}}).encode())


def test_canonical_text_forgets_order() -> None:
    assert canonical({"b": [2, {"y": 1, "x": None}], "a": 1}) == canonical(
        {"a": 1, "b": [{"x": None, "y": 1}, 2]}
    )
    assert canonical({"a": [1]}) != canonical({"a": [1, 1]})
