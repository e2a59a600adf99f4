"""What the catalogue does not have: what starts a subject, what does not, and that no name of ours does."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from procedures_kb import catalogue, lay_names
from procedures_kb.beyond import BEYOND, Beyond, BeyondWords, BrokenBeyond, Theme, load
from procedures_kb.beyond_check import BeyondCounts, names, wrongs
from procedures_kb.beyond_phrases import GAP
from procedures_kb.catalogue import Catalogue
from procedures_kb.lay_names import LayName
from tests import factories
from vietnamese import fold, normalise

ALL = load()
FILLER = "ấy"  # what stands in a gap
SLOWEST = 0.001  # seconds a match; 0.0002 on two busy cores
LONGEST_LOAD = 0.5  # seconds; 0.06 to 0.1 on two busy cores

# Ordinary questions for procedures of ours that use the words of some subject.
OURS = """
làm hộ chiếu đi Nhật cần giấy tờ gì
làm hộ chiếu cho con 3 tuổi
hộ chiếu hết hạn xin cấp lại ở đâu
mất hộ chiếu thì báo ai
xin visa cho người nước ngoài vào Việt Nam
xin visa cho chồng người Hàn ở lại Việt Nam
gia hạn tạm trú cho người Trung Quốc
thẻ tạm trú cho vợ người Nhật
giấy miễn thị thực 5 năm cho Việt kiều Mỹ
giấy thông hành sang Lào
kết hôn với người Lào cần giấy tờ gì
kết hôn với người Đài Loan làm ở xã được không
xin giấy độc thân để kết hôn ở Nhật
đã kết hôn ở Hàn Quốc rồi về ghi chú ở Việt Nam
ghi chú ly hôn ở nước ngoài
thôi quốc tịch Việt Nam để nhập quốc tịch Đức
xin trở lại quốc tịch Việt Nam
đổi bằng lái Hàn Quốc sang Việt Nam
xin bằng lái quốc tế để lái xe ở Mỹ
giấy phép lao động cho người Ấn Độ
hỗ trợ đi xuất khẩu lao động cho hộ nghèo
rút bảo hiểm xã hội một lần khi định cư Mỹ
lý lịch tư pháp để đi du học Hàn Quốc
công chứng bằng tốt nghiệp đi du học
chứng thực bản sao học bạ
xin nhận con nuôi ở nước ngoài
công nhận bằng cấp ba học ở Mỹ
đăng ký thế chấp sổ đỏ để vay ngân hàng
xóa thế chấp sau khi trả nợ ngân hàng
xác nhận thông tin cư trú để vay ngân hàng
đổi nhận lương hưu qua thẻ ngân hàng
đổi tiền rách ở ngân hàng
trúng số nộp thuế thế nào
mua nhà ở xã hội được vay vốn không
mất bằng bảo hộ nhãn hiệu xin cấp lại
làm lại thẻ bảo hiểm y tế bị mất
mua bảo hiểm y tế hộ gia đình
rút bảo hiểm xã hội một lần
đóng bảo hiểm xã hội tự nguyện
hưởng trợ cấp thất nghiệp
mất điện thoại muốn khóa VNeID
làm định danh mức 2 ở đâu
VNeID mức 1 và mức 2 khác gì
đăng ký VNeID mức 2 cho ông bà
căn cước cho trẻ dưới 14 tuổi
đổi thẻ căn cước hết hạn
tích hợp giấy phép lái xe vào VNeID
tách hộ để tính tiền điện riêng
lắp điện mặt trời mái nhà
giấy phép hoạt động điện lực hết hạn
xin phép đào đường lắp nước
khoan giếng lấy nước sinh hoạt có phải đăng ký
xin giấy phép xây dựng nhà ở
sang tên sổ đỏ cho con
đăng ký tạm trú ở nhà trọ
thay đổi địa chỉ nhà trong cơ sở dữ liệu cư trú
xin cấp phù hiệu chạy xe hợp đồng
giấy phép kinh doanh vận tải bằng ô tô
cấp lại cà vẹt xe bị mất
sang tên xe máy cũ
đăng kiểm ô tô hết hạn
đổi giấy phép lái xe hết hạn
nộp phạt vi phạm giao thông ở kho bạc
kiểm tra kiến thức để phục hồi điểm bằng lái
xin sử dụng vỉa hè làm đám cưới
mở phòng khám tư nhân cần giấy gì
mở điểm tiêm chủng
con bị tai biến sau tiêm chủng xin bồi thường
thanh toán tiền khám chữa bệnh bảo hiểm y tế
đổi nơi khám bệnh bảo hiểm y tế ban đầu
có giấy chứng sinh rồi đăng ký khai sinh cho con
giấy xác nhận khuyết tật
hưởng chế độ ốm đau nộp giấy ra viện
cấp lại bằng tốt nghiệp cấp ba
bản sao bằng tốt nghiệp từ sổ gốc
phúc khảo bài thi tốt nghiệp
tuyển sinh lớp 10
tuyển sinh lớp 6
miễn giảm học phí cho con hộ nghèo
hỗ trợ ăn trưa cho trẻ mẫu giáo
mở trung tâm tiếng Anh
thi chứng chỉ ứng dụng công nghệ thông tin
thi tuyển công chức
nộp đơn ly hôn trực tuyến cho tòa án
gửi đơn khởi kiện đòi nợ
xin sao bản án ly hôn
xin luật sư miễn phí cho người nghèo
đăng ký giám hộ cho cháu mồ côi
đăng ký nghĩa vụ quân sự lần đầu
đăng ký nghĩa vụ quân sự tạm vắng
miễn học phí cho con bộ đội đang đi nghĩa vụ
mai táng phí cựu chiến binh
hỗ trợ mai táng người cao tuổi
kiểm dịch chó mèo đi máy bay
kê khai hoạt động chăn nuôi
mở tiệm bán thuốc thú y
đăng ký khai thác thủy sản
giấy phép khai thác thủy sản cho tàu cá
mở quán karaoke cần giấy gì
đăng ký kết hôn
đăng ký khai sinh cho con
trích lục khai tử
đăng ký hộ kinh doanh bán hàng online
đăng ký mã số thuế cá nhân
xác nhận tình trạng hôn nhân
chứng thực chữ ký
chứng thực hợp đồng mua bán xe
hòa giải tranh chấp đất với hàng xóm
công nhận hộ nghèo
""".strip().splitlines()

# How people ask for what is not ours; none is a phrase of the list.
SAID = [
    ("tôi muốn xin visa sang Nhật thăm con thì làm ở đâu", "foreign_visa"),
    ("làm visa đi Hàn Quốc lao động cần giấy tờ gì", "foreign_visa"),
    ("passport Úc của con tôi hết hạn", "foreign_passport"),
    ("em đang ở Đài Loan bị rơi mất hộ chiếu thì làm lại ở mô", "passport_made_abroad"),
    ("chồng tôi ở Mỹ muốn bảo lãnh tôi sang Mỹ", "foreign_residence"),
    ("thi bằng lái bên Nhật có khó không", "foreign_driving_licence"),
    ("cho cháu đi du học Hàn Quốc cần chuẩn bị hồ sơ gì", "study_abroad"),
    ("muốn đi xuất khẩu lao động Đài Loan thì đăng ký ở đâu", "labour_export"),
    ("hợp pháp hóa lãnh sự bằng đại học ở chỗ nào", "consular_legalisation"),
    ("đăng ký độc quyền logo cho quán trà sữa", "trademark"),
    ("mở tài khoản Vietcombank cần gì", "bank_account"),
    ("bị nuốt thẻ ATM phải làm sao", "bank_card"),
    ("muốn vay tiền ngân hàng Agribank để nuôi bò", "bank_loan"),
    ("vay vốn hộ nghèo ngân hàng chính sách cần gì", "policy_bank_loan"),
    ("ví momo của em bị khóa", "e_wallet"),
    ("hủy hợp đồng bảo hiểm nhân thọ Prudential", "life_insurance"),
    ("sim của tôi bị khóa hai chiều", "sim_card"),
    ("lắp wifi Viettel cho nhà trọ", "internet_line"),
    ("facebook của tôi bị hack lấy lại sao", "social_account"),
    ("nhà em muốn lắp công tơ điện riêng", "power_line"),
    ("dong tien dien o dau", "power_bill"),
    ("xin cấp số nhà cho nhà mới xây", "house_number"),
    ("chủ trọ không trả tiền cọc", "rental"),
    ("trẻ em 2 tuổi đi máy bay cần giấy tờ gì", "plane_ticket"),
    ("mất vé gửi xe", "parking"),
    ("khám sức khỏe xin việc ở đâu", "health_check"),
    ("lịch tiêm phòng cho bé 9 tháng", "vaccination"),
    ("xin tóm tắt bệnh án", "hospital_records"),
    ("rút học bạ của con", "school_record"),
    ("xin chuyển trường cho cháu từ Bình Dương về", "school_transfer"),
    ("tuyển sinh lớp 1 năm nay nộp hồ sơ khi nào", "school_enrolment"),
    ("thi IELTS ở Thanh Hóa", "language_certificate"),
    ("công ty nợ lương 3 tháng", "wage_dispute"),
    ("đi thăm phạm nhân ở trại giam cần giấy gì", "prison_visit"),
    ("xin tạm hoãn nghĩa vụ quân sự vì đang học đại học", "military_deferral"),
    ("chuyển sinh hoạt đảng về địa phương", "party_member"),
    ("đăng ký nuôi chó với phường", "pets"),
    ("xin giấy phép câu cá ở hồ", "fishing_rod_permit"),
    ("nâng VNeID lên mức 3", "vneid_levels"),
    ("làm giấy khai sinh cho chó", "pet_civil_papers"),
    ("làm bằng lái xe đạp", "bicycle_licence"),
    ("đất trên mặt trăng mua ở đâu", "moon_land"),
]


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    if not any(catalogue.CATALOGUE.glob("*.jsonl")):
        pytest.skip("the catalogue is not built: run `troly kb build --from DIR`")
    return catalogue.load()


def started(text: str, beyond: Beyond = ALL) -> str | None:
    match = beyond.match(text)
    return match.subject.id if match else None


def filled(phrase: str) -> str:
    """`phrase` with the first word of each slot in it, and a word in each gap."""
    words = {name: words[0] for name, words in ALL.words.slots.items()}
    return phrase.format_map(words).replace(GAP, FILLER)


# ---- what starts a subject ---------------------------------------------------------------------------------


@pytest.mark.parametrize("subject", ALL.by_id)
def test_every_phrase_starts_its_own_subject(subject: str) -> None:
    phrases = ALL.by_id[subject].phrases
    assert [(p, started(filled(p))) for p in phrases] == [(p, subject) for p in phrases]
    assert [(p, started(fold(filled(p)).upper())) for p in phrases] == [(p, subject) for p in phrases]


@pytest.mark.parametrize(("text", "subject"), SAID)
def test_what_people_say_starts_the_subject(text: str, subject: str) -> None:
    assert started(text) == subject
    assert started(fold(text)) == subject


def test_a_match_tells_what_was_said_and_where() -> None:
    match = ALL.match("Cho tôi hỏi VISA đi Nhật Bản thì làm sao")
    assert match is not None
    assert match.said == ("visa", "di", "nhat", "ban")
    assert match.span == (3, 7)


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("đổi sim", "sim_card"),
        ("doi sim", "sim_card"),
        ("đòi sim", None),  # one wrong accent is another word
        ("đăng ký nuôi chó", "pets"),
        ("dang ky nuoi cho", "pets"),
        ("đăng ký cho con", None),
        ("visa đi mỹ", "foreign_visa"),
        ("visa di my", "foreign_visa"),
    ],
)
def test_accents_count_where_the_sentence_has_them(text: str, subject: str | None) -> None:
    assert started(text) == subject


# ---- what does not -----------------------------------------------------------------------------------------


def test_there_are_enough_ordinary_questions() -> None:
    assert len(set(OURS)) >= 100


@pytest.mark.parametrize("text", OURS)
def test_ordinary_questions_start_none(text: str) -> None:
    assert started(text) is None
    assert started(fold(text)) is None


def test_the_list_is_right_and_no_name_of_ours_starts_a_subject(shipped: Catalogue) -> None:
    assert list(wrongs(ALL, shipped, lay_names.load())) == []


@pytest.mark.parametrize("text", ["", "   ", "???", "👍", "1", "visa", "a" * 2000])
def test_nothing_to_match_matches_nothing(text: str) -> None:
    assert ALL.match(text) is None


# ---- costs -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["visa đi " * 500, "thẻ " * 1000, "visa du học " * 300])
def test_words_without_end_are_read_in_time(text: str) -> None:
    begun = time.process_time()
    ALL.match(text)
    assert time.process_time() - begun < 1


def test_a_match_takes_less_than_a_millisecond() -> None:
    texts = [text for text, _ in SAID] + OURS
    rounds = []
    for _ in range(3):
        begun = time.process_time()
        for text in texts:
            ALL.match(text)
        rounds.append((time.process_time() - begun) / len(texts))
    assert min(rounds) < SLOWEST


def test_loading_is_quick() -> None:
    begun = time.process_time()
    load()
    assert time.process_time() - begun < LONGEST_LOAD


# ---- the texts ---------------------------------------------------------------------------------------------


def test_texts_are_spelled_canonically_and_fit_into_a_sentence() -> None:
    shown = [text for s in ALL.by_id.values() for text in (s.subject, s.who) if text]
    assert [text for text in shown if normalise(text) != text] == []
    offices = ("Cục", "Bộ", "Ủy", "Ban", "Ngân", "SIM")  # names keep their capital
    assert [text for text in shown if ";" in text] == []
    assert [text for text in shown if text[0].isupper() and not text.startswith(offices)] == []


def test_there_is_somebody_to_ask_but_for_what_is_invented() -> None:
    without = {name for name, theme in ALL.themes.items() for s in theme.subjects if s.who is None}
    assert without == {"invented"}
    assert all(subject.who is None for subject in ALL.themes["invented"].subjects)


def test_every_slot_is_used() -> None:
    texts = " ".join(text for s in ALL.by_id.values() for text in (*s.phrases, *s.unless))
    assert [name for name in ALL.words.slots if f"{{{name}}}" not in texts] == []


def test_counts() -> None:
    counts = BeyondCounts.of(ALL)
    assert counts.subjects >= 120
    assert counts.phrases >= 10 * counts.subjects


# ---- the check ---------------------------------------------------------------------------------------------


def small_subject(**changes: object) -> dict[str, Any]:
    subject = {
        "id": "small_thing",
        "subject": "việc nhỏ",
        "who": "người lớn",
        "phrases": ["việc nhỏ một", "việc nhỏ {number}", "việc * nhỏ"],
    }
    return {name: value for name, value in (subject | changes).items() if value is not None}


def small(*subjects: dict[str, Any], unless: list[str] | None = None) -> Beyond:
    words = BeyondWords.model_validate({"slots": {"number": ["hai", "ba mươi"]}, "unless": unless or []})
    return Beyond({"small": Theme.model_validate({"subjects": subjects})}, words)


def found(beyond: Beyond, *lay: LayName) -> dict[str, str]:
    return dict(wrongs(beyond, Catalogue((factories.birth(),)), lay))


def test_a_phrase_that_stands_in_a_name_of_ours_is_named() -> None:
    lay = LayName(code="1.000001", names=("làm khai sinh cho bé",))
    broken = small(small_subject(phrases=["sinh cho bé", "mưa to", "gió lớn"]))
    assert "'sinh cho be' stands in a name of 1.000001" in found(broken, lay)["small_thing.phrases"]
    kept = small(small_subject(phrases=["sinh cho bé", "mưa to", "gió lớn"], unless=["khai sinh"]))
    assert found(kept, lay) == {}


def test_a_name_is_found_without_accents_too() -> None:
    broken = small(small_subject(phrases=["đăng kỳ khai", "mưa to", "gió lớn"]))
    assert "dang ky khai" in found(broken)["small_thing.phrases"]


def test_a_code_that_cannot_be_served_is_named() -> None:
    assert "9.999999" in found(small(small_subject(near=["9.999999"])))["small_thing.near"]


def test_a_phrase_of_two_subjects_is_named() -> None:
    assert (
        "stands in small_thing too"
        in found(small(small_subject(), small_subject(id="other")))["other.phrases"]
    )


def test_a_phrase_that_is_not_written_as_it_is_read_is_named() -> None:
    for phrase in ("Việc lớn", "việc 4g", "khoá cửa", "việc, lớn"):
        broken = small(small_subject(phrases=[phrase, "mưa to", "gió lớn"]))
        assert "write it so" in found(broken)["small_thing.phrases"], phrase


def test_names_of_ours_come_once_with_their_code() -> None:
    lay = LayName(code="1.000001", names=("làm khai sinh cho bé",))
    listed = list(names(Catalogue((factories.birth(),)), [lay, lay]))
    assert ("1.000001", "làm khai sinh cho bé") in listed
    assert len(listed) == len(set(listed))


# ---- the machine -------------------------------------------------------------------------------------------


def test_slots_and_gaps() -> None:
    beyond = small(small_subject())
    for text in ("việc nhỏ ba mươi", "việc nhỏ HAI nhé", "việc này rất là nhỏ", "viec nho hai"):
        assert started(text, beyond) == "small_thing", text
    for text in ("việc này rất là nhiều nhỏ", "việc nhớ hai", "nhỏ việc"):
        assert started(text, beyond) is None, text


def test_any_unless_keeps_a_subject_away() -> None:
    assert started("việc nhỏ hai khai sinh", small(small_subject(unless=["khai sinh"]))) is None
    assert started("việc nhỏ hai kinh doanh", small(small_subject(), unless=["kinh doanh"])) is None
    assert started("việc nhỏ hai số ba mươi", small(small_subject(unless=["số {number}"]))) is None


def test_the_phrase_that_says_most_wins() -> None:
    longer = small_subject(id="longer", phrases=["việc nhỏ một hai", "mưa to", "gió lớn"])
    assert started("việc nhỏ một hai", small(small_subject(), longer)) == "longer"


# ---- the schema --------------------------------------------------------------------------------------------


def written(folder: Path, **changes: object) -> Path:
    theme = {"subjects": [small_subject(**changes)]}
    words = {"slots": {"number": ["hai"]}}
    (folder / "small.yaml").write_text(yaml.safe_dump(theme, allow_unicode=True), encoding="utf-8")
    (folder / "_words.yaml").write_text(yaml.safe_dump(words, allow_unicode=True), encoding="utf-8")
    return folder


def test_a_small_folder_loads(tmp_path: Path) -> None:
    assert list(load(written(tmp_path)).by_id) == ["small_thing"]
    assert load(written(tmp_path, who=None)).by_id["small_thing"].who is None


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({"subject": None}, ["small.yaml", "subject"]),
        ({"subject": "a" * 91}, ["small.yaml", "subject"]),
        ({"who": "người lớn."}, ["small.yaml", "who"]),
        ({"id": "Bad Id"}, ["small.yaml", "id"]),
        ({"id": "small"}, ["small.yaml", "the name of a file"]),
        ({"phrases": ["a b", "b c"]}, ["small.yaml", "phrases"]),
        ({"phrases": [f"a{n} b" for n in range(16)]}, ["small.yaml", "phrases"]),
        ({"phrases": ["một", "mưa to", "gió lớn"]}, ["small_thing", "says too little"]),
        ({"phrases": ["* một", "mưa to", "gió lớn"]}, ["small_thing", "says too little"]),
        ({"phrases": ["a b *", "mưa to", "gió lớn"]}, ["small_thing", "a gap stands between"]),
        ({"phrases": ["a {nobody}", "mưa to", "gió lớn"]}, ["small_thing", "no slot", "number"]),
        ({"near": ["1.1"]}, ["small.yaml", "near"]),
        ({"near": ["1.000001"] * 4}, ["small.yaml", "near"]),
        ({"frases": []}, ["small.yaml", "frases"]),
    ],
)
def test_what_is_wrong_in_a_file_is_named(
    tmp_path: Path, changes: dict[str, object], reasons: list[str]
) -> None:
    with pytest.raises(BrokenBeyond) as error:
        load(written(tmp_path, **changes))
    for reason in reasons:
        assert reason in str(error.value)


def test_an_id_that_stands_twice_is_named(tmp_path: Path) -> None:
    written(tmp_path)
    (tmp_path / "second.yaml").write_text((tmp_path / "small.yaml").read_text("utf-8"), encoding="utf-8")
    with pytest.raises(BrokenBeyond, match=r"small\.yaml: small_thing is second\.yaml too"):
        load(tmp_path)


def test_missing_and_broken_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(BrokenBeyond, match=r"_words\.yaml: missing"):
        load(tmp_path)
    written(tmp_path)
    (tmp_path / "small.yaml").write_text("subjects: [", encoding="utf-8")
    with pytest.raises(BrokenBeyond, match=r"small\.yaml: not YAML"):
        load(tmp_path)


def test_the_shipped_files_are_where_they_are_looked_for() -> None:
    assert {file.stem for file in BEYOND.glob("*.yaml")} == {"_words", *ALL.themes}
