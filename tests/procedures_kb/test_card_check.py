"""Each kind of problem that the check of cards must find, on a small record and a card that is right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from procedures_kb.card_check import CardReport, check_cards, paper_words, wrongs
from procedures_kb.cards import Card
from procedures_kb.catalogue import Catalogue
from procedures_kb.cli import app
from tests.factories import birth, procedure

FORM = {"say": "Tờ khai đăng ký khai sinh, điền tại nơi nộp.", "paper": "Tờ khai đăng ký khai sinh"}
BIRTH_PAPER = {"say": "Giấy chứng sinh, bản chính.", "paper": "Giấy chứng sinh"}
HOSPITAL = {"id": "hospital", "label": "Sinh ở bệnh viện", "papers": [FORM, BIRTH_PAPER]}
RIGHT: dict[str, Any] = {
    "code": "1.000001",
    "what": "Ghi tên con vào sổ hộ tịch của xã.",
    "who": "Cha mẹ có con mới sinh, nên đi trong 60 ngày.",
    "cases": [HOSPITAL],
    "rest": "Trường hợp khác bạn hỏi nơi nộp.",
    "mistakes": [{"say": "Họ tên mẹ không khớp giấy chứng sinh.", "paper": "Giấy chứng sinh"}],
    "advice": ["Hãy thống nhất tên con trước khi đi."],
}
KNOWN = Catalogue(
    (
        birth(),
        procedure("1.000002", "Đăng ký kết hôn"),
        procedure("1.000005", "Cấp thẻ", detail="name_only"),
        procedure("1.000006", "Cấp thẻ riêng", flags=["local_version"]),
    )
)


def found(**values: Any) -> list[str]:
    card = Card.model_validate(RIGHT | values)
    return [f"{where}: {reason}" for where, reason in wrongs(card, KNOWN)]


def case(**values: Any) -> dict[str, Any]:
    return {"cases": [HOSPITAL | values]}


def written(folder: Path, name: str, text: str) -> Path:
    area = folder / "area"
    area.mkdir(exist_ok=True)
    (area / name).write_text(text, encoding="utf-8")
    return folder


def checked(folder: Path, name: str, values: dict[str, Any]) -> CardReport:
    return check_cards(KNOWN, written(folder, name, yaml.safe_dump(values, allow_unicode=True)))


def test_a_right_card_has_no_problem() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        (
            case(papers=[FORM, BIRTH_PAPER, {"say": "Sổ mẫu của nhà.", "paper": "Sổ mẫu"}]),
            "has no paper 'Sổ mẫu'",
        ),
        (
            case(papers=[FORM, BIRTH_PAPER, {"say": "Giấy tờ của bạn.", "paper": "Giấy"}]),
            "cases.hospital: 'Giấy' fits 2 papers: Giấy chứng sinh; Giấy tờ tùy thân",
        ),
        (case(without=["Sổ mẫu"]), "has no paper 'Sổ mẫu'"),
        (case(papers=[FORM]), "always needs 'Giấy chứng sinh': list it, or name it under `without`"),
        (
            {"mistakes": [{"say": "Viết sai tên con.", "paper": "Sổ mẫu"}]},
            "mistakes.0: the record has no paper",
        ),
        ({"rest": None}, "rest: needed, because no case lists: Giấy tờ tùy thân; Biên bản"),
    ],
    ids=["unknown", "ambiguous", "unknown without", "missing", "mistake", "uncovered"],
)
def test_papers_are_those_of_the_record(values: dict[str, Any], problem: str) -> None:
    assert any(problem in reason for reason in found(**values)), found(**values)


def test_a_paper_under_without_need_not_be_listed() -> None:
    assert found(**case(papers=[FORM], without=["Giấy chứng sinh"])) == []


@pytest.mark.parametrize(
    ("where", "values"),
    [
        ("what", {"what": "Làm xong sau 45 ngày kể từ khi nộp."}),
        ("who", {"who": "Người đủ 18 tuổi trở lên."}),
        ("rest", {"rest": "Trường hợp khác đóng 90.000 đồng."}),
        ("cases.hospital.label", case(label="Con trên 16 tuổi")),
        ("cases.hospital.when", case(when="Con sinh được hơn 90 ngày.")),
        ("cases.hospital.say", case(papers=[FORM, BIRTH_PAPER | {"say": "Giấy chứng sinh, 5 bản chính."}])),
        ("mistakes.0", {"mistakes": [{"say": "Đi sau 70 ngày kể từ khi sinh."}]}),
    ],
)
def test_a_number_stands_in_the_record(where: str, values: dict[str, Any]) -> None:
    reasons = [reason for reason in found(**values) if reason.startswith(f"{where}: ")]
    assert any("stands nowhere in the record" in reason for reason in reasons), found(**values)


@pytest.mark.parametrize(
    "text", ["Nên đi trong sáu ngày.", "Cần chụp bốn ảnh.", "Nộp bốn bộ như nhau.", "Con đủ mười lăm tuổi."]
)
def test_a_number_that_is_spelled_out_counts_too(text: str) -> None:
    assert any("stands nowhere in the record" in reason for reason in found(who=text)), found(who=text)


@pytest.mark.parametrize(
    "text",
    ["Mỗi nhà đi một lần là xong.", "Ba ngày làm việc khi phải xác minh.", "Nộp 8.000 đồng.", "Mẫu số 01."],
)
def test_numbers_of_the_record_may_be_said_in_any_spelling(text: str) -> None:
    assert found(who=text) == []


def test_a_paper_word_that_the_record_lacks_is_found_in_every_sentence() -> None:
    assert "who: 'hợp đồng thuê' stands nowhere in the record: 'Người có hợp đồng thuê nhà.'" in found(
        who="Người có hợp đồng thuê nhà."
    )
    assert any("'sổ đỏ'" in reason for reason in found(what="Làm lại sổ đỏ cho con."))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Mang thêm giấy chứng sinh.", "advice may name no paper (giấy chứng)"),
        ("Mang theo sổ đỏ của nhà.", "advice may name no paper (sổ đỏ)"),
        ("Chuẩn bị 20.000 đồng tiền lẻ.", "advice may name no amount or time limit"),
        ("Nên đi trước hai ngày.", "advice may name no amount or time limit"),
    ],
)
def test_advice_names_no_paper_and_no_number(text: str, problem: str) -> None:
    assert any(reason.startswith("advice.0: ") and problem in reason for reason in found(advice=[text]))


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        (
            {"siblings": [{"code": "1.999999", "when": "Nếu là việc khác."}]},
            "siblings: the catalogue has no 1.999999",
        ),
        ({"siblings": [{"code": "1.000001", "when": "Nếu là việc này."}]}, "not its own sibling"),
        ({"ask": "Bạn làm lần đầu phải không?"}, "ask: a question that tells siblings apart needs siblings"),
        ({"code": "1.999999"}, "code: the catalogue has no 1.999999"),
        ({"code": "1.000005"}, "code: 1.000005 has no facts that may be served"),
        ({"code": "1.000006"}, "code: 1.000006 has no facts that may be served"),
    ],
    ids=["sibling", "itself", "ask", "code", "name only", "local version"],
)
def test_codes_are_known_and_served(values: dict[str, Any], problem: str) -> None:
    assert any(problem in reason for reason in found(**values))


def test_another_provinces_version_is_no_sibling() -> None:
    assert found(siblings=[{"code": "1.000006", "when": "Nếu là việc khác."}]) != []


def test_two_cards_of_one_code_are_found(tmp_path: Path) -> None:
    checked(tmp_path, "1.000001.yaml", RIGHT)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "1.000001.yaml").write_text(yaml.safe_dump(RIGHT, allow_unicode=True), "utf-8")
    report = check_cards(KNOWN, tmp_path)
    assert [(p.where, p.reason) for p in report.problems] == [
        ("code", "1.000001 has a card in area/1.000001.yaml too")
    ]


@pytest.mark.parametrize(
    ("name", "values", "problem"),
    [
        ("1.000001.yaml", RIGHT | {"colour": "red"}, "colour"),
        ("1.000001.yaml", RIGHT | {"cases": []}, "cases"),
        ("1.000001.yaml", RIGHT | {"events": ["party"]}, "not a life event: party"),
        ("1.000001.yaml", RIGHT | {"cases": [HOSPITAL | {"label": "x" * 41}]}, "cases.0.label"),
        ("1.000001.yaml", RIGHT | {"cases": [HOSPITAL, HOSPITAL]}, "two cases have the same id"),
        ("1.000001.yaml", RIGHT | {"what": "x" * 221}, "what"),
        ("1.000002.yaml", RIGHT, "holds 1.000001; name the file 1.000001.yaml"),
    ],
)
def test_a_broken_card_is_named_by_its_file(
    tmp_path: Path, name: str, values: dict[str, Any], problem: str
) -> None:
    report = checked(tmp_path, name, values)
    assert report.cards == ()
    assert report.problems[0].file == f"area/{name}"
    assert name in report.problems[0].reason
    assert problem in report.problems[0].reason


def test_what_is_no_yaml_is_named_by_its_file(tmp_path: Path) -> None:
    report = check_cards(KNOWN, written(tmp_path, "1.000001.yaml", "code: ["))
    assert "1.000001.yaml: not YAML" in report.problems[0].reason


def test_one_bad_card_hides_no_other(tmp_path: Path) -> None:
    checked(tmp_path, "1.000001.yaml", RIGHT)
    report = checked(tmp_path, "1.000002.yaml", {"code": "1.000002"})
    assert [card.code for card in report.cards] == ["1.000001"]
    assert [problem.file for problem in report.problems] == ["area/1.000002.yaml"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Giấy tờ đơn giản, không cần gì.", []),
        ("Mang giấy chứng sinh và sổ đỏ.", ["giấy chứng", "sổ đỏ"]),
        ("Tờ khai để trống, hộ chiếu cũ.", ["tờ khai", "hộ chiếu"]),
    ],
)
def test_the_papers_that_a_sentence_names(text: str, names: list[str]) -> None:
    assert paper_words(text) == names


def test_the_command_names_the_file_and_fails(tmp_path: Path) -> None:
    folder = written(
        tmp_path, "1.999999.yaml", yaml.safe_dump(RIGHT | {"code": "1.999999"}, allow_unicode=True)
    )
    result = CliRunner().invoke(app, ["cards", str(folder)])
    assert result.exit_code == 1
    assert "area/1.999999.yaml code: the catalogue has no 1.999999" in " ".join(result.output.split())
