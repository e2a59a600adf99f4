"""Small records for tests: invented facts under real-looking codes."""

from __future__ import annotations

from datetime import date
from typing import Any

from bot.search.types import Hit, Ranking, Verdict
from procedures_kb.catalogue import Catalogue
from procedures_kb.model import Procedure
from vietnamese import fold

SOURCE = {
    "kind": "portal_page",
    "url": "https://dichvucong.gov.vn/thu-tuc-hanh-chinh/0",
    "retrieved": date(2026, 7, 1),
}


def procedure(code: str = "1.000001", name: str = "Đăng ký khai sinh", **values: Any) -> Procedure:
    """Return a valid procedure with those values; everything else is plain."""
    defaults: dict[str, Any] = {
        "short_name": name[:60],
        "family": fold(name),
        "field": "Hộ tịch",
        "ministry": "Bộ Tư pháp",
        "levels": ["commune"],
        "source": SOURCE,
        "detail": "full",
    }
    return Procedure.model_validate({"code": code, "name": name, **defaults, **values})


def birth() -> Procedure:
    """Return a procedure with something to say on every aspect."""
    return procedure(
        online_level="online",
        entries=["portal", "counter", "post"],
        audience=["Công dân Việt Nam"],
        agency="Ủy ban nhân dân cấp xã",
        channels=[
            {
                "how": "online",
                "times": [{"value": 1, "unit": "working_day"}],
                "fees": [{"amount": 4000, "valid_to": "2026-12-31"}],
                "fee_status": "paid",
            },
            {
                "how": "counter",
                "times": [
                    {"value": 1, "unit": "working_day"},
                    {"case": "phải xác minh", "value": 3, "unit": "day"},
                ],
                "fees": [{"amount": 8000}],
                "fee_status": "paid",
            },
        ],
        documents=[
            {
                "items": [
                    {"name": "Tờ khai đăng ký khai sinh", "originals": 1, "form": "Mẫu số 01"},
                    {
                        "name": "Giấy chứng sinh",
                        "originals": 1,
                        "alternatives": ["Văn bản của người làm chứng"],
                    },
                    {"name": "Giấy tờ tùy thân", "originals": 1, "kind": "show"},
                    {"name": "Nộp bản chụp khi làm qua mạng", "kind": "note"},
                ]
            },
            {"case": "Trẻ bị bỏ rơi", "items": [{"name": "Biên bản", "copies": 2}]},
        ],
        conditions=[{"about": "Đi khai sinh cho con", "limit": "trong 60 ngày"}],
        steps=[
            {"actor": "Người yêu cầu", "act": "nộp hồ sơ", "document": "Tờ khai"},
            {"actor": "Công chức", "act": "kiểm tra hồ sơ"},
            {"actor": "Trung tâm", "act": "trả kết quả"},
        ],
        results=[{"name": "Giấy khai sinh"}],
        legal_basis=[{"number": "123/2015/NĐ-CP", "title": "Nghị định về hộ tịch"}],
    )


def catalogue() -> Catalogue:
    """Return six procedures, among them level twins, a bare name and a contradicting fee."""
    return Catalogue(
        (
            birth(),
            procedure("1.000002", "Đăng ký kết hôn", channels=[{"how": "counter", "fee_status": "free"}]),
            procedure(
                "1.000003",
                "Cấp giấy phép biểu diễn (cấp xã)",
                family="cap giay phep bieu dien",
                channels=[{"how": "counter", "times": [{"value": 3, "unit": "working_day"}]}],
            ),
            procedure(
                "1.000004",
                "Cấp giấy phép biểu diễn (cấp tỉnh)",
                family="cap giay phep bieu dien",
                levels=["province"],
                channels=[{"how": "counter", "times": [{"value": 7, "unit": "working_day"}]}],
            ),
            procedure("1.000005", "Cấp thẻ nhà báo", detail="name_only"),
            procedure(
                "1.000006",
                "Cấp lại giấy phép lái xe",
                channels=[{"how": "counter", "fee_status": "free", "fees": [{"note": "tùy tỉnh"}]}],
                flags=["fee_conflict"],
            ),
        )
    )


def ranking(
    *codes: str, verdict: Verdict = Verdict.ANSWER, margin: float = 2.0, sure: float = 0.9
) -> Ranking:
    """Return a ranking of those procedures, best first."""
    found = catalogue()
    hits = []
    for place, code in enumerate(codes):
        family = found.by_code[code].family
        members = tuple(p.code for p in found.families[family])
        hits.append(Hit(family, members, 3.0 - place, 0.9 - place / 10, 0.9 - place / 10))
    return Ranking(tuple(hits), verdict, 0.9, margin, 4, ("lexical", "dense"), sure)
