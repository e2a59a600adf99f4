"""The trained model, served once: sentences that are in no training file, with and without accents."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.nlu.client import RasaClient
from bot.nlu.corpus import load_corpus
from bot.nlu.project import Project
from bot.nlu.serving import serving
from tests.nlu_data.conftest import PORT
from vietnamese import fold

PROJECT = Project.here()
pytestmark = [
    pytest.mark.rasa,
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not PROJECT.python.is_file(), reason="nlu_data/.venv is absent: run `make setup`"),
]

HELD_OUT = [
    ("tôi cần làm giấy khai sinh cho cháu ngoại", "find_procedure"),
    ("muốn xin giấy phép mở tiệm cắt tóc", "find_procedure"),
    ("nhà em muốn nhận nuôi một bé trai", "find_procedure"),
    ("xin cấp lại bằng lái xe bị thất lạc", "find_procedure"),
    ("đăng ký sang tên mảnh đất cha mẹ cho", "find_procedure"),
    ("cho mình hỏi cần chuẩn bị giấy tờ gì vậy", "ask_documents"),
    ("xin trợ cấp nuôi con nhỏ thì hồ sơ gồm những gì", "ask_documents"),
    ("lệ phí hết bao nhiêu vậy bạn", "ask_fee"),
    ("đăng ký kinh doanh tốn bao nhiêu tiền hả em", "ask_fee"),
    ("vậy mấy ngày mới có kết quả", "ask_time"),
    ("cấp lại sổ đỏ mất khoảng bao lâu", "ask_time"),
    ("thế nộp hồ sơ ở chỗ nào", "ask_place"),
    ("cấp giấy phép bán thuốc lá thì đến cơ quan nào", "ask_place"),
    ("thủ tục này nộp qua mạng được không em", "ask_online"),
    ("đăng ký khai tử có làm online được không", "ask_online"),
    ("cho chị xin mẫu tờ khai với", "ask_form"),
    ("đơn xin tách thửa viết theo mẫu nào vậy", "ask_form"),
    ("làm xong thì được cấp giấy gì hả bạn", "ask_result"),
    ("những ai được hưởng chế độ này", "ask_conditions"),
    ("điều kiện để xin cấp phép xây nhà là gì", "ask_conditions"),
    ("việc này căn cứ theo nghị định nào vậy", "ask_legal_basis"),
    ("cho hỏi các bước làm hộ chiếu ra sao", "ask_steps"),
    ("chỉ tôi cách cài đặt vneid trên máy với", "guide_request"),
    ("tôi quên mất mật khẩu vneid rồi làm sao đây", "guide_request"),
    ("xong rồi, bước tiếp theo là gì", "guide_next"),
    ("cho tôi quay lại bước trước đó", "guide_previous"),
    ("nhắc lại giúp tôi bước này", "guide_repeat"),
    ("thôi dừng hướng dẫn ở đây", "guide_stop"),
    ("tôi muốn làm tiếp hướng dẫn hồi sáng", "guide_resume"),
    ("bấm hoài mà không được", "guide_stuck"),
    ("thôi cho bác làm lại từ đầu nghe cháu", "guide_restart"),
    ("cái bước này bỏ qua giùm tôi đi", "guide_skip"),
    ("nhìn giúp tôi xem giấy tờ đã đủ chưa", "check_dossier"),
    ("hồ sơ sang tên xe của tôi có thiếu giấy gì không", "check_dossier"),
    ("tôi đang ngồi giúp một ông cụ trong xóm", "helper_mode"),
    ("em là tình nguyện viên đi hỗ trợ các bác lớn tuổi", "helper_mode"),
    ("giúp bà ngoại kích hoạt vneid mức 2", "guide_request"),
    ("xin chào bạn nhé", "greet"),
    ("cảm ơn bạn rất nhiều", "thanks"),
    ("tạm biệt bạn nhé", "bye"),
    ("cho tôi gặp cán bộ phụ trách", "human"),
    ("cán bộ bắt nộp thêm giấy tờ ngoài quy định", "complaint_extra_papers"),
    ("trung tâm phục vụ hành chính công mở cửa lúc mấy giờ", "ask_centre"),
    ("hồ sơ của tôi giải quyết đến đâu rồi", "track_dossier"),
    ("có người gọi tự xưng công an đòi mã otp", "scam_check"),
    ("cứu với có người bị đuối nước", "emergency"),
    ("nhà hàng xóm đang bốc cháy", "emergency"),
    ("xóa hết dữ liệu của tôi đi", "delete_data"),
    ("ngày mai trời có mưa to không", "out_of_scope"),
    ("dạy tôi nấu món bò kho", "out_of_scope"),
    ("tỉ số trận bóng tối qua", "out_of_scope"),
    ("thiếu tờ giấy cưới thì sao, có nộp được không", "ask_documents"),
    ("tôi bị điếc một tai có đi bộ đội không", "ask_conditions"),
    ("quý hóa quá", "thanks"),
    ("đưa phong bì mới chịu đóng dấu", "complaint_extra_papers"),
    ("thằng bé tím ngắt rồi làm sao giờ", "emergency"),
    ("hồ sơ xin thẻ xanh gồm giấy gì", "out_of_scope"),
    ("thế tôi cầm những gì ra đấy", "ask_documents"),
    ("cái tờ phải ghi ấy, lấy ở đâu", "ask_form"),
    ("điền ô số mười hai thế nào", "ask_form"),
    ("tôi ấn vào rồi đấy", "guide_next"),
    ("khoan, cái bước ban nãy ấy", "guide_previous"),
    ("thôi mỏi mắt quá, để hôm nào", "guide_stop"),
    ("mất mấy lít", "ask_fee"),
    ("trưa nay chạy ra xã còn ai không", "ask_centre"),
    ("đăng ký học lái mô tô nước ở phú quốc bao nhiêu tiền", "out_of_scope"),
    ("bảo hiểm nhân thọ chi trả mất bao lâu", "out_of_scope"),
]


def test_held_out_sentences_are_held_out() -> None:
    trained_on = {fold(example.text) for example in load_corpus(PROJECT).examples}
    assert [text for text, _ in HELD_OUT if fold(text) in trained_on] == []


@pytest.mark.parametrize("bare", [False, True], ids=["accents", "no accents"])
def test_held_out(rasa: RasaClient, bare: bool) -> None:
    wrong = []
    for text, intent in HELD_OUT:
        understood = rasa.understand(fold(text) if bare else text)
        got = understood.intent if understood else None
        if got != intent:
            wrong.append((text, intent, got))
    assert len(wrong) <= 0.1 * len(HELD_OUT), wrong


def test_entities(rasa: RasaClient) -> None:
    text = "hồ sơ 000.00.17.H56-251120-0001 về hộ chiếu ở xã Thọ Xuân, mã 1.001193"
    understood = rasa.understand(text)
    assert understood is not None
    found = {(entity.kind, text[entity.start : entity.end]) for entity in understood.entities}
    assert ("dossier_code", "000.00.17.H56-251120-0001") in found
    assert ("commune", "Thọ Xuân") in found
    assert ("procedure", "1.001193") in found


def test_only_loopback_is_served() -> None:
    assert Path(serving(PORT).command[0]).is_file()
    assert "127.0.0.1" in serving(PORT).command
