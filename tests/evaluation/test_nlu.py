import sys
from dataclasses import dataclass

import httpx
import pytest

from bot.nlu.understanding import Understanding
from evaluation.nlu import Client, Launch, NluUnavailable, Witness, free_port, nlu


@dataclass
class FakeClient:
    up: bool = True
    answers: bool = True

    def ready(self) -> bool:
        return self.up

    def understand(self, text: str) -> Understanding | None:
        return Understanding("greet", 0.9) if self.answers else None


@dataclass
class HttpClient(FakeClient):
    url: str = ""

    def ready(self) -> bool:
        try:
            return httpx.get(self.url, timeout=1).is_success
        except httpx.HTTPError:
            return False


def server(port: int) -> Launch:
    command = (sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1")
    return Launch(command, {}, f"http://127.0.0.1:{port}")


def never() -> Launch | None:
    raise AssertionError("nothing was to be started")


def down(url: str) -> Client:
    return FakeClient(up=False)


def test_off_takes_nothing() -> None:
    with nlu("off", "http://x", down, never) as part:
        assert part.witness is None
        assert part.note == "off, as asked"


def test_auto_takes_a_server_that_is_up() -> None:
    with nlu("auto", "http://x", lambda url: FakeClient(), never) as part:
        assert part.witness is not None
        assert (part.url, part.pid) == ("http://x", None)


def test_auto_goes_without_where_nothing_is_installed() -> None:
    with nlu("auto", "http://x", down, lambda: None) as part:
        assert part.witness is None
        assert "not installed" in part.note


@pytest.mark.parametrize(
    ("option", "said"), [("http://y", "no NLU answers at http://y"), ("start", "make setup")]
)
def test_what_was_asked_for_must_be_had(option: str, said: str) -> None:
    with pytest.raises(NluUnavailable, match=said), nlu(option, "http://x", down, lambda: None):
        pass


def test_starts_a_server_waits_for_it_and_ends_it() -> None:
    plan = server(free_port())
    with nlu("start", "http://x", lambda url: HttpClient(url=url), lambda: plan) as part:
        assert part.pid is not None
        assert part.start_s is not None
        assert HttpClient(url=plan.url).ready()
    assert not HttpClient(url=plan.url).ready()


def test_auto_goes_on_without_a_server_that_cannot_start() -> None:
    plan = Launch((sys.executable, "-c", "raise SystemExit(3)"), {}, "http://127.0.0.1:9")
    with nlu("auto", "", down, lambda: plan) as part:
        assert part.witness is None
        assert part.note == "absent: Rasa ended with status 3: run `troly nlu train`"


def test_a_server_that_ends_at_once_is_reported() -> None:
    plan = Launch((sys.executable, "-c", "raise SystemExit(3)"), {}, "http://127.0.0.1:9")
    said = "ended with status 3"
    with pytest.raises(NluUnavailable, match=said), nlu("start", "", down, lambda: plan):
        pass


def test_the_witness_counts_answers_and_silences() -> None:
    client = FakeClient()
    witness = Witness(client)
    witness.understand("a")
    client.answers = False
    assert witness.understand("b") is None
    assert (witness.asked, witness.answered, len(witness.took_ms)) == (2, 0.5, 1)
    assert Witness(client).answered == 0.0
