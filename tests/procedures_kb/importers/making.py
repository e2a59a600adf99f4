"""Small samples of every format, of invented procedures: made by code, to be broken on purpose."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook

CODE = "9.000001"
NAME = "Thủ tục đăng ký nuôi mèo"
UPDATED_MS = 1775836631278  # 2026-04-10 in Vietnam

Api = dict[str, object]


def api(code: str = CODE, **changes: object) -> Api:
    """A record of the detail API."""
    return {
        "id": "019d2bf7-0000-75ce-b319-7b31d19fb35f",
        "code": code,
        "codeNotation": code,
        "name": NAME,
        "decisionNo": "01/QĐ-MEO",
        "type": "STANDARD",
        "isWard": True,
        "isProvince": False,
        "isMinistry": False,
        "isOtherAgency": False,
        "executionSteps": [{"name": "Bước 1", "description": "Chủ mèo nộp hồ sơ."}],
        "executionMethods": [
            {
                "submissionMethod": "ONLINE",
                "processingTime": 3,
                "processingTimeUnit": "WORKING_DAY",
                "fees": [{"type": "FEE", "value": 0, "description": "10.000 đồng/con"}],
                "description": "Nộp trên Cổng.",
            },
            {"submissionMethod": "DIRECT", "processingTime": 5, "processingTimeUnit": "OTHER", "fees": None},
        ],
        "executionCases": [
            {
                "name": "Lần đầu",
                "profileComponents": [
                    {
                        "name": "Đơn đăng ký nuôi mèo",
                        "originalQty": 1,
                        "copyQty": 0,
                        "attachments": [{"fileName": "mau-01.docx"}],
                    },
                    {"name": "Ảnh của mèo", "originalQty": 0, "copyQty": 2, "attachments": []},
                ],
            }
        ],
        "profileComponents": [],
        "requirementsAndConditions": "Mèo đã tiêm phòng.",
        "legalBasisesDetails": [
            {"name": "Luật Mèo", "code": "01/2024/QH15"},
            {"name": "Luật Mèo", "code": "01/2024/QH15"},
        ],
        "resultsDetails": [{"name": "Giấy chứng nhận nuôi mèo", "code": "KQ.X01.000001"}],
        "categoriesDetails": [{"name": "Vật nuôi", "code": "X01"}],
        "departmentsExecuting": [{"name": "Ủy ban nhân dân cấp xã", "code": "UBND"}],
        "subjectTypesDetails": [{"name": "Công dân Việt Nam", "code": "1"}],
        "departmentPromulgateName": "Bộ Vật nuôi",
        "updatedAt": UPDATED_MS,
        **changes,
    }


def envelope(record: object, code: str = "OK") -> Api:
    """The API's envelope."""
    return {"code": code, "data": record}


def lgsp(code: str = f"{CODE}.000.00.00.H56", **changes: object) -> dict[str, object]:
    """An answer of the integration service with one procedure."""
    record = {
        "MATTHC": code,
        "TENTTHC": NAME,
        "CAPTHUCHIEN": [{"CAPTHUCHIEN": "2", "TENCAP": "Cấp Xã"}],
        "LINHVUCTHUCHIEN": [{"TENLINHVUC": "Vật nuôi"}],
        "COQUANTHUCHIEN": [{"TENDONVI": "Ủy ban nhân dân cấp xã"}],
        "TRINHTUTHUCHIEN": [{"TRUONGHOP": "", "TRINHTU": [{"TENTRINHTU": "Chủ mèo nộp hồ sơ."}]}],
        "CACHTHUCTHUCHIEN": [
            {
                "KENH": "1",
                "THOIGIAN": [
                    {
                        "THOIGIANGIAIQUYET": "3",
                        "DONVITINH": "Ngày làm việc",
                        "MOTA": "",
                        "PHILEPHI": [{"SOTIEN": "10.000", "DONVI": "Đồng", "MOTA": "mỗi con"}],
                    }
                ],
            }
        ],
        "THANHPHANHOSO": [
            {
                "TRUONGHOP": "",
                "GIAYTO": [{"TENGIAYTO": "Đơn đăng ký nuôi mèo", "SOBANCHINH": "1", "SOBANSAO": 0}],
            }
        ],
        "KETQUATHUCHIEN": [{"TENKETQUA": "Giấy chứng nhận nuôi mèo", "MAKETQUA": "KQ.1"}],
        "CANCUPHAPLY": [{"SOVANBAN": "01/2024/QH15", "TENVANBAN": "Luật Mèo"}],
        "YEUCAU": "Không",
        **changes,
    }
    return {"result": [record], "error_code": "0"}


def page(code: str = CODE) -> str:
    """The text of a procedure's page: nothing stands between its parts."""
    return (
        f"{NAME}Tên thủ tục{NAME}Mã thủ tục{code}Số quyết định01/QĐ-MEOCấp thực hiệnCấp tỉnh, Cấp xã"
        "Loại thủ tụcTTHC tiêu chuẩnLĩnh vựcVật nuôiĐối tượng thực hiệnCông dân Việt Nam, Doanh nghiệp"
        "Cơ quan có thẩm quyềnĐịa chỉ tiếp nhận HSCơ quan được ủy quyềnCơ quan phối hợp"
        "Thủ tục hành chính liên quanKhông có thông tin"
        "Trình Tự Thực Hiện Chủ mèo nộp hồ sơ.\nCán bộ trả kết quả."
        "Cách Thức Thực HiệnHình thức nộpThời gianPhí, lệ phíMô tả"
        "Trực tiếp3 Ngày làm việc10,000 Việt Nam Đồng(10.000 đồng/con)Nộp trực tiếp tại xã."
        "Trực tuyến1Miễn phí(Miễn (một phần) 5.000 đồng)Dịch vụ bưu chính2 NgàyKhông có thông tin"
        "Thành phần hồ sơLần đầuTên giấy tờMẫu đơn, tờ khaiSố lượng"
        "Đơn đăng ký nuôi mèo theo Mẫu số 011 bản chínhẢnh của mèoanh-meo.docx0 bản chính,2 bản sao"
        "Tờ khai theo Nghị định số 1/2024/NĐ-CPMẫu tờ khai.docx1 bản chính"
        "Bị mấtTên giấy tờMẫu đơn, tờ khaiSố lượng- Đơn xin cấp lại;1 bản chính"
        "Căn cứ pháp lýTên văn bản pháp lýMã văn bảnLuật Mèo số 01/2024/QH1501/2024/QH15"
        "quy định chi tiết Luật Mèo2/2025/NĐ-CPLuật Vật nuôi 202068/2020/QH14"
        "Cơ quan thực hiệnỦy ban nhân dân cấp xãYêu cầu, điều kiện thực hiệnMèo đã tiêm phòng."
        "Kết quả xử lýGiấy chứng nhận nuôi mèoMã: KQ.X01.000001Từ khóaKhông có thông tin"
    )


def page_json(code: str = CODE, asked: str | None = None) -> dict[str, str]:
    """A page kept as JSON."""
    return {
        "ma_thu_tuc": asked or code,
        "detail_url": "https://dichvucong.gov.vn/thu-tuc-hanh-chinh/019d2bf7-0000-75ce-b319-7b31d19fb35f",
        "raw_text": page(code),
    }


HEADER = ("Mã số", "Tên", "Cơ quan ban hành", "Cơ quan thực hiện", "Lĩnh vực")


def excel(file: Path, rows: Sequence[Sequence[object]], header: Sequence[str] = HEADER) -> Path:
    """An Excel list with the portal's banner."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["DANH SÁCH THỦ TỤC HÀNH CHÍNH"])
    sheet.append(list(header))
    for row in rows:
        sheet.append(list(row))
    book.save(file)
    return file


def written(file: Path, value: object) -> Path:
    """`value` as JSON in `file`."""
    file.write_text(json.dumps(value, ensure_ascii=False), "utf-8")
    return file


class Pdf:
    """A PDF of the portal's kind: headings, lines, tables; one font whose codes a ToUnicode map explains."""

    def __init__(self) -> None:
        self.letters: dict[str, int] = {}
        self.pages: list[list[str]] = []
        self.y = 0.0
        self.page()

    def page(self) -> None:
        """Begin a page."""
        self.pages.append([])
        self.y = 780.0

    def text(self, x: float, text: str, size: float = 12) -> None:
        """Draw one line; the same letter has the same code everywhere."""
        codes = "".join(f"{self.letters.setdefault(char, len(self.letters) + 33):02x}" for char in text)
        self.pages[-1].append(f"BT /F1 {size} Tf 1 0 0 1 {x} {self.y} Tm <{codes}> Tj ET")

    def heading(self, text: str) -> None:
        """A heading of a section."""
        self.y -= 30
        self.text(50, text, 14)

    def line(self, text: str) -> None:
        """A line of text."""
        self.y -= 16
        self.text(50, text)

    def row(self, *cells: str, widths: Sequence[float] = ()) -> None:
        """A row of a table; a line break in a cell begins a new line there."""
        widths = widths or [500 / len(cells)] * len(cells)
        lines = max(cell.count("\n") + 1 for cell in cells)
        top, height = self.y - 4, 16 * lines + 8
        x = 50.0
        for cell, width in zip(cells, widths, strict=True):
            self.pages[-1].append(f"{x} {top - height} {width} {height} re S")
            for number, part in enumerate(cell.split("\n")):
                self.y = top - 16 * (number + 1)
                self.text(x + 4, part)
            x += width
        self.y = top - height + 4

    def save(self, file: Path, created: str = "D:20260717090339Z") -> Path:
        """Write the file."""
        objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", "", ""]
        kids = []
        for content in self.pages:
            body = "\n".join(content).encode("latin-1")
            objects.append(_stream(body))
            kids.append(len(objects) + 1)
            objects.append(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
                f"/Resources << /Font << /F1 3 0 R >> >> /Contents {len(objects)} 0 R >>"
            )
        refs = " ".join(f"{number} 0 R" for number in kids)
        objects[1] = f"<< /Type /Pages /Kids [{refs}] /Count {len(kids)} >>"
        widths = " ".join(["500"] * 223)
        objects[2] = (
            "<< /Type /Font /Subtype /TrueType /BaseFont /Invented /FirstChar 33 /LastChar 255 "
            f"/Widths [{widths}] /ToUnicode 4 0 R >>"
        )
        objects[3] = _stream(self._to_unicode())
        objects.append(f"<< /CreationDate ({created}) >>")
        file.write_bytes(_assembled(objects))
        return file

    def _to_unicode(self) -> bytes:
        maps = "\n".join(
            f"<{code:02x}> <{char.encode('utf-16-be').hex()}>" for char, code in self.letters.items()
        )
        return (
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
            "1 begincodespacerange <00> <ff> endcodespacerange\n"
            f"{len(self.letters)} beginbfchar\n{maps}\nendbfchar\nendcmap end end"
        ).encode()


def _stream(body: bytes) -> str:
    packed = zlib.compress(body)
    return (
        f"<< /Length {len(packed)} /Filter /FlateDecode >>\nstream\n"
        + packed.decode("latin-1")
        + "\nendstream"
    )


def _assembled(objects: Sequence[str]) -> bytes:
    out = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    trailer = f"<< /Size {len(objects) + 1} /Root 1 0 R /Info {len(objects)} 0 R >>"
    return out + f"trailer\n{trailer}\nstartxref\n{start}\n%%EOF\n".encode()


def pdf(file: Path, code: str = CODE, *, whole: bool = True) -> Path:
    """The PDF of the procedure: a row split over two pages, a spanning case title, a blank quantity."""
    made = Pdf()
    made.text(50, "CHI TIẾT THỦ TỤC HÀNH CHÍNH", 18)
    made.row("Tên thủ tục", NAME)
    made.row("Mã thủ tục", code)
    made.row("Số quyết định", "01/QĐ-MEO")
    made.row("Cấp thực hiện", "Xã, Tỉnh")
    made.row("Lĩnh vực", "Vật nuôi")
    made.row("Đối tượng thực hiện", "Công dân Việt Nam")
    made.row("Cơ quan có thẩm quyền", "")
    made.heading("TRÌNH TỰ THỰC HIỆN")
    made.line("- Chủ mèo nộp hồ sơ.")
    made.line("- Cán bộ trả kết quả.")
    made.heading("THÀNH PHẦN HỒ SƠ")
    made.y -= 10
    papers = (300.0, 100.0, 100.0)
    made.row("Trường hợp 1: Lần đầu", widths=(500,))
    made.row("Tên giấy tờ", "Mẫu đơn", "Số lượng", widths=papers)
    made.row("Đơn đăng ký nuôi mèo", "mau-01.docx", "1 bản chính", widths=papers)
    made.row("Lưu ý: không cần ảnh.", "", "", widths=papers)
    made.row("Giấy tiêm phòng của m", "", "1 bản chính", widths=papers)
    made.page()
    made.row("èo nuôi", "", "", widths=papers)
    made.row("Ảnh của mèo", "", "1 bản chính, 2\nbản sao", widths=papers)
    made.heading("CÁCH THỨC THỰC HIỆN")
    made.y -= 10
    made.row("Hình thức nộp", "Thời hạn", "Phí, lệ phí", "Mô tả")
    made.row("Trực tiếp", "3 ngày làm việc", "10.000 VNĐ", "")
    made.row("Trực tuyến", "Không xác định", "Miễn phí", "Nộp trên Cổng")
    made.heading("CĂN CỨ PHÁP LÝ")
    made.y -= 10
    made.row("Tên văn bản pháp lý", "Mã văn bản")
    made.row("Luật Mèo", "01/2024/QH15")
    made.heading("CƠ QUAN THỰC HIỆN")
    made.line("Ủy ban nhân dân cấp xã")
    if whole:
        made.heading("YÊU CẦU, ĐIỀU KIỆN THỰC HIỆN")
        made.line("Mèo đã tiêm phòng.")
        made.heading("KẾT QUẢ XỬ LÝ")
        made.line("Giấy chứng nhận nuôi mèo")
        made.line("Mã: KQ.X01.000001")
        made.heading("TỪ KHÓA")
        made.heading("MÔ TẢ")
    return made.save(file)
