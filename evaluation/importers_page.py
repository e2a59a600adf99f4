"""The tables of the importers' agreement, Vietnamese and English, for docs/importers.md."""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.importers import BEGIN, END, Agreement, Difference, Outcome, Reason, reason_of

_LABELS = {
    "api_detail": "API",
    "lgsp": "LGSP",
    "excel_list": "Excel",
    "pdf_detail": "PDF",
    "page_text": "Trang · page",
    "merged": "Tệp gộp · merged file",
    "transcribed": "Bản chép · transcribed",
    "province_list": "Danh sách tỉnh · province list",
}
_ASPECTS = {
    "name": "tên · name",
    "levels": "cấp · levels",
    "field": "lĩnh vực · field",
    "ministry": "bộ · ministry",
    "papers": "số giấy tờ · papers",
    "titles": "tên giấy tờ · titles",
    "times": "thời hạn · times",
    "fee status": "loại phí · fee status",
    "amounts": "mức phí · amounts",
    "legal": "văn bản · legal",
    "online": "trực tuyến · online",
}
_SHOWN = 6


class NoPlace(ValueError):
    """The page has no place for the tables; the message names the two marks."""


def put(page: str, tables_text: str) -> str:
    """Return `page` with the tables between its marks. Raises NoPlace."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise NoPlace(f"the page needs the lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{tables_text}\n{END}{after}"


def tables(outcome: Outcome, known: Sequence[Reason]) -> str:
    """Return the tables in Markdown: how much was read, where the sources agree, and every difference."""
    parts = [_read(outcome), *(_agreement(one) for one in outcome.agreements)]
    differences = [one for agreement in outcome.agreements for one in agreement.differences]
    return "\n\n".join([*parts, _differences(differences, known)])


def _read(outcome: Outcome) -> str:
    lines = ["| Định dạng · format | đã đọc · read |", "|---|---:|"]
    lines += [f"| {_LABELS[key]} | {count:,} |" for key, count in outcome.read.items()]
    lines += ["", "| Từ chối · refused | |", "|---|---:|"]
    lines += [f"| {reason} | {count:,} |" for reason, count in outcome.refused.items()]
    return "\n".join(lines)


def _agreement(one: Agreement) -> str:
    title = f"**{_LABELS[one.sources[0]]} ↔ {_LABELS[one.sources[1]]}**: {one.codes:,} thủ tục · procedures"
    head = "| " + " | ".join(_ASPECTS[aspect] for aspect in one.agreed) + " |"
    rule = "|" + "---:|" * len(one.agreed)
    row = "| " + " | ".join(f"{count:,}/{one.codes:,}" for count in one.agreed.values()) + " |"
    return f"{title}\n\n{head}\n{rule}\n{row}"


def _differences(differences: Sequence[Difference], known: Sequence[Reason]) -> str:
    lines = [
        "| Mã · code | Nguồn · sources | Khác ở · aspect | Vì sao | Why |",
        "|---|---|---|---|---|",
    ]
    for key, aspects in _grouped(differences, known).items():
        code, sources, vi, en = key
        lines.append(f"| {code} | {sources} | {', '.join(aspects)} | {vi} | {en} |")
    return "\n".join(lines)


def _grouped(
    differences: Sequence[Difference], known: Sequence[Reason]
) -> dict[tuple[str, str, str, str], list[str]]:
    grouped: dict[tuple[str, str, str, str], list[str]] = {}
    for one in differences:
        reason = reason_of(one, known)
        sources = " ↔ ".join(_LABELS[source] for source in one.sources)
        vi = reason.vi if reason else "chưa giải thích"
        en = (
            reason.en
            if reason
            else f"not explained yet: {_shown(one.only_first)} / {_shown(one.only_second)}"
        )
        grouped.setdefault((one.code, sources, vi, en), []).append(_ASPECTS[one.aspect].split(" · ")[0])
    return grouped


def _shown(values: tuple[str, ...]) -> str:
    return ", ".join(values[:_SHOWN]) or "-"
