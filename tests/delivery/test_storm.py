"""Over messages with kills: nothing lost, nothing worked twice, order kept, duplicates only in one window."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.delivery.postgres import Cluster, NoPostgres, cluster
from tests.delivery.storm import Outcome, Storm, run, table


@pytest.fixture(scope="module")
def postgres() -> Iterator[Cluster]:
    try:
        with cluster() as running:
            yield running
    except NoPostgres as error:
        pytest.skip(str(error))


def told(outcome: Outcome, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{table([outcome])}")


@pytest.mark.slow
def test_a_small_storm_on_sqlite(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = run(Storm("SQLite, 1 process", messages=60, kills=2, people=12, port=8471))
    told(outcome, capsys)
    assert not outcome.verdict.faults


@pytest.mark.delivery
@pytest.mark.timeout(1200)
def test_a_storm_on_sqlite_with_one_process(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = run(Storm("SQLite, 1 process", messages=1000, kills=20, people=60, port=8474))
    told(outcome, capsys)
    assert not outcome.verdict.faults


@pytest.mark.delivery
@pytest.mark.timeout(1200)
def test_a_storm_on_postgresql_with_two_processes(
    postgres: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    storm = Storm(
        "PostgreSQL, 2 processes",
        messages=1000,
        kills=20,
        people=60,
        port=8477,
        servers=2,
        database=postgres.database(),
    )
    outcome = run(storm)
    told(outcome, capsys)
    assert not outcome.verdict.faults
