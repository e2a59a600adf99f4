"""The load figures of the channels: what is written, and what is made of the vendors' report."""

from __future__ import annotations

import pytest

from evaluation import delivery_bench
from evaluation.bench import read_budgets
from evaluation.delivery_bench import Got, Taken, Told, figures, messages
from tests.delivery.plan import Play, Report
from tests.delivery.vendors import SECRET
from tests.fakes import telegram, zalo_bot


def test_messages_are_even_and_each_of_somebody_else() -> None:
    written = messages(["a", "b", "c"], [1, 10], 4)
    assert [sum(one.wave == wave for one in written) for wave in range(5)] == [60, 20, 4, 40, 0]
    assert [one.at_s for one in written[80:84]] == [0, 1, 2, 3]
    assert written[85].at_s == pytest.approx(0.1)
    assert len({one.person for one in written}) == len({one.number for one in written}) == 124
    assert {one.channel for one in written} == {"telegram", "zalo_bot"}
    assert {one.code for one in written} == {"a", "b", "c"}


def test_the_vendors_understand_what_is_to_be_written() -> None:
    written = messages(["a"], [2], 1)
    play = Play.model_validate({"messages": [one.model_dump() for one in written], "servers": ["http://x"]})
    assert [one.number for one in play.messages] == list(range(82))
    assert (delivery_bench.SECRET, delivery_bench.ZALO_BOT_TOKEN) == (SECRET, zalo_bot.TOKEN)
    assert delivery_bench.TELEGRAM_TOKEN == telegram.TOKEN
    assert set(Told.model_fields) <= set(Report.model_fields)


def test_figures_by_rate() -> None:
    written = messages(["a"], [1, 2], 2)
    first = next(one.number for one in written if one.wave == 2)
    taken = tuple(
        Taken(number=one.number, tried_at=100, took_ms=10 * (one.number - first)) for one in written
    )
    got = tuple(Got(person=one.person, at=98.5 + one.wave) for one in written[:-1])
    late = (Got(person=written[first].person, at=900),)
    found = figures(written, Told(delivered=taken, got=got + late), [1, 2])
    assert found["delivery.ack_p99_ms.1"] == pytest.approx(10, abs=0.2)
    assert found["delivery.answer_p50_ms.1"] == pytest.approx(500)
    assert found["delivery.answer_p95_ms.2"] == pytest.approx(1500)
    assert (found["delivery.unanswered.1"], found["delivery.unanswered.2"]) == (0, 1)


def test_where_nothing_was_taken_nothing_is_told_but_that() -> None:
    written = messages(["a"], [1], 1)
    unanswered = {"delivery.unanswered.1": 1.0, "delivery.unanswered.loading": 60.0}
    assert figures(written, Told(delivered=(), got=()), [1]) == unanswered


def test_the_acknowledgement_has_its_budget_at_each_rate() -> None:
    bounds = {budget.key: budget.at_most for budget in read_budgets()}
    rates = ("loading", *delivery_bench.RATES)
    assert [bounds[f"delivery.ack_p99_ms.{rate}"] for rate in rates] == [50, 50, 50, 50]


def test_without_the_vendors_nothing_is_measured(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    said: list[str] = []
    monkeypatch.setattr(delivery_bench, "ROOT", tmp_path)
    assert delivery_bench.measure_delivery(said.append) == {}
    assert "not measured" in said[0]
