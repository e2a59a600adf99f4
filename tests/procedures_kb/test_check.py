"""The whole check: records, traps, short names, cards, life events, communes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from procedures_kb import whole_check
from procedures_kb.cards import card_files
from procedures_kb.catalogue import Catalogue, load
from procedures_kb.centres import CENTRES
from procedures_kb.check import check
from procedures_kb.cli import app
from procedures_kb.life_events import LIFE_EVENTS
from procedures_kb.model import Procedure
from procedures_kb.whole_check import MIN_CARDS, MIN_EVENTS, BesideReport, Folders, check_beside
from tests.factories import SOURCE, procedure

RUNNER = CliRunner()


def record(code: str, name: str, **values: Any) -> Procedure:
    source = {**SOURCE, "url": f"https://dichvucong.gov.vn/thu-tuc-hanh-chinh/{code}"}
    channels = [{"how": "counter", "fee_status": "paid", "fees": [{"amount": 8000}]}]
    return procedure(code, name, **{"source": source, "channels": channels, **values})


def written(folder: Path, *records: Procedure) -> Path:
    lines = [json.dumps(r.model_dump(mode="json"), ensure_ascii=False) + "\n" for r in records]
    (folder / "a.jsonl").write_text("".join(lines), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return load()


@pytest.fixture(scope="module")
def beside(shipped: Catalogue) -> BesideReport:
    return check_beside(shipped)


# ---- records -----------------------------------------------------------------------------------------------


def test_good_records_have_no_problem_and_are_counted(tmp_path: Path) -> None:
    good = (record("1.000001", "Đăng ký khai sinh"), record("1.000002", "Đăng ký kết hôn"))
    report = check(written(tmp_path, *good))
    assert (report.problems, report.ok, report.procedures) == ((), True, 2)
    assert report.records == good
    assert [count.trap.number for count in report.traps] == list(range(1, 11))


def test_a_trap_without_its_flag_is_a_problem_with_its_place(tmp_path: Path) -> None:
    bad = record("1.000002", "Đăng ký kết hôn", agency="Ủy ban nhân dân cấp huyện")
    report = check(written(tmp_path, record("1.000001", "Đăng ký khai sinh"), bad))
    assert [(p.where, p.code) for p in report.problems] == [("a.jsonl:2", "1.000002")]
    assert "trap 6, district_level" in report.problems[0].reason
    assert not report.ok


def test_a_short_name_of_two_records_is_a_problem_inside_a_family_and_outside(tmp_path: Path) -> None:
    both = {"short_name": "Cấp thẻ mẫu", "flags": ["level_twin"]}
    report = check(
        written(
            tmp_path,
            record("1.000001", "Cấp thẻ một", family="a", **both),
            record("1.000002", "Cấp thẻ hai", family="a", **{**both, "short_name": "CẤP thẻ mẫu"}),
            record("1.000003", "Cấp thẻ ba", short_name="Cấp thẻ mẫu"),
            record("1.000004", "Cấp thẻ bốn", short_name="Cấp thẻ mẫu", flags=["local_version"]),
        )
    )
    reasons = {p.code: p.reason for p in report.problems}
    assert reasons.keys() == {"1.000002", "1.000003"}
    assert reasons["1.000002"].startswith("short_name: inside the family, 1.000001")
    assert reasons["1.000003"].startswith("short_name: 1.000001")


def test_an_empty_folder_is_not_ok(tmp_path: Path) -> None:
    assert not check(tmp_path).ok


def test_the_shipped_short_names_are_unique_among_what_is_served(shipped: Catalogue) -> None:
    served = [p for members in shipped.families.values() for p in members]
    assert len({p.short_name.casefold() for p in served}) == len(served)


def test_the_shipped_short_names_fit_a_button(shipped: Catalogue) -> None:
    assert max(len(p.short_name) for p in shipped) <= 60


# ---- beside the records ------------------------------------------------------------------------------------


def test_the_shipped_data_hold(beside: BesideReport) -> None:
    assert beside.problems == ()
    assert beside.cards >= MIN_CARDS == 150
    assert beside.beyond >= 120
    assert beside.events >= MIN_EVENTS == 11
    assert beside.communes == 166


def reasons_of(tmp_path: Path, shipped: Catalogue, **folders: Path) -> list[str]:
    """Return the problems of those folders; the shipped cards are left out, for they take seconds."""
    found = check_beside(shipped, Folders(**{"cards": tmp_path / "none", **folders})).problems
    return [f"{p.where}: {p.reason}" for p in found]


def test_too_few_cards_are_a_problem(shipped: Catalogue, tmp_path: Path) -> None:
    area = tmp_path / "cards" / "area"
    area.mkdir(parents=True)
    shutil.copy(card_files()[0], area)
    assert "cards: 1 cards, at least 150 needed" in reasons_of(tmp_path, shipped, cards=tmp_path / "cards")


def test_a_card_of_a_record_that_is_not_there_is_a_problem(beside: BesideReport) -> None:
    report = check_beside(Catalogue((procedure(),)))
    assert len([p for p in report.problems if "the catalogue has no" in p.reason]) >= beside.cards


def test_a_missing_and_a_broken_life_event_are_problems(shipped: Catalogue, tmp_path: Path) -> None:
    events = tmp_path / "life_events"
    shutil.copytree(LIFE_EVENTS, events)
    (events / "birth.yaml").unlink()
    found = reasons_of(tmp_path, shipped, events=events)
    assert "life_events: birth: has no file" in found
    assert "life_events: 10 life events, 11 needed" in found
    (events / "birth.yaml").write_text("id: birth", encoding="utf-8")
    assert any("birth.yaml" in reason for reason in reasons_of(tmp_path, shipped, events=events))


def test_a_commune_less_or_a_centre_of_none_is_a_problem(shipped: Catalogue, tmp_path: Path) -> None:
    folder = tmp_path / "centres"
    shutil.copytree(CENTRES, folder)
    file = folder / "communes" / "units" / "thanh_hoa.tsv"
    lines = file.read_text("utf-8").splitlines(keepends=True)
    new = slice(5, 7)
    gone = lines[-1].split("\t")[new]
    file.write_text("".join(line for line in lines if line.split("\t")[new] != gone), "utf-8")
    found = reasons_of(tmp_path, shipped, centres=folder, communes=folder / "communes")
    assert any("165 communes of Thanh Hóa, exactly 166 needed" in reason for reason in found)
    (folder / "thanh_hoa.yaml").unlink()
    assert any(
        "thanh_hoa.yaml" in r
        for r in reasons_of(tmp_path, shipped, centres=folder, communes=folder / "communes")
    )


# ---- the command -------------------------------------------------------------------------------------------


@pytest.fixture
def no_data_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command's counts of what stands beside the records be told, without the time to check it."""
    told = BesideReport(cards=187, events=11, communes=166, beyond=152, problems=())
    monkeypatch.setattr("procedures_kb.cli.check_beside", lambda catalogue: told)


@pytest.mark.usefixtures("no_data_beside")
def test_the_command_prints_the_traps_and_the_counts(tmp_path: Path) -> None:
    agency = "Ủy ban nhân dân cấp huyện"
    flagged = record("1.000001", "Đăng ký khai sinh", agency=agency, flags=["district_level"])
    result = RUNNER.invoke(app, ["check", str(written(tmp_path, flagged))])
    assert result.exit_code == 0, result.output
    assert "unflagged" in result.output
    assert "cards 187, life events 11, communes 166, beyond 152" in result.output
    row = next(line for line in result.output.splitlines() if "district_level" in line and "6" in line)
    assert [cell.strip() for cell in row.strip("│").split("│")] == ["6", "district_level", "1", "1", "0"]


@pytest.mark.usefixtures("no_data_beside")
def test_the_command_names_the_trap_and_fails(tmp_path: Path) -> None:
    bad = record("1.000001", "Đăng ký khai sinh", agency="Ủy ban nhân dân [cấp huyện]")
    result = RUNNER.invoke(app, ["check", str(written(tmp_path, bad))])
    assert result.exit_code == 1
    assert "1.000001 a.jsonl:1: trap 6, district_level" in result.output
    assert "[cấp huyện]" in " ".join(result.output.split())


def test_the_command_fails_for_a_problem_beside_the_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = whole_check.Problem("life_events", "", "birth: has no file")
    told = BesideReport(cards=187, events=10, communes=166, beyond=152, problems=(problem,))
    monkeypatch.setattr("procedures_kb.cli.check_beside", lambda catalogue: told)
    result = RUNNER.invoke(app, ["check", str(written(tmp_path, record("1.000001", "Đăng ký khai sinh")))])
    assert result.exit_code == 1
    assert "birth: has no file" in result.output
