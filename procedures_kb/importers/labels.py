"""The portal's own words by which its formats are read, from `data/rules/portal_formats.yaml`, checked."""

from __future__ import annotations

from functools import cache

from procedures_kb.build.rules import RULES, Pattern, RuleFile
from procedures_kb.yaml_files import read_model


class BadLabels(ValueError):
    """A rule file of the importers is broken; the message names file, place and reason."""


class LevelLabels(RuleFile):
    """The four levels in the spelling that the build reads."""

    ward: str
    province: str
    ministry: str
    other: str


class HeadLabels(RuleFile):
    """The labels of a page's head; their order in the file is their order on the page."""

    name: str
    code: str
    decision: str
    levels: str
    kind: str
    field: str
    audience: str
    authority: str
    address: str
    authorised: str
    partners: str
    related: str


class PageLabels(RuleFile):
    """Headers of sections and tables in a page's text."""

    steps: str
    methods: str
    methods_header: str
    papers: str
    papers_header: str
    legal: str
    legal_header: str
    agency: str
    conditions: str
    results: str
    keywords: str
    result_code: str


class ExcelLabels(RuleFile):
    """Names of the Excel list's columns."""

    code: str
    name: str
    ministry: str
    agency: str
    field: str


class Labels(RuleFile):
    """All of `portal_formats.yaml`."""

    levels: LevelLabels
    units: dict[str, str]
    unit_words: tuple[str, ...]
    nothing: str
    free: str
    dong: str
    dong_words: tuple[str, ...]
    money_words: tuple[str, ...]
    fee_words: tuple[str, ...]
    province_of: Pattern
    level_words: dict[str, str]
    channels: dict[str, str]
    head: HeadLabels
    page: PageLabels
    originals: str
    copies: str
    pdf: dict[str, str]
    pdf_title: str
    pdf_headers: tuple[str, ...]
    pdf_case: Pattern
    excel: ExcelLabels
    commune_agency: Pattern
    province_agency: Pattern
    acts: tuple[str, ...]
    act_codes: tuple[str, ...]
    issuers: tuple[str, ...]
    decision_ministries: dict[str, str]


class ProvinceCodes(RuleFile):
    """All of `province_codes.yaml`."""

    unknown: str
    provinces: dict[str, str]


@cache
def labels() -> Labels:
    """Return the labels. Raises BadLabels for a broken file."""
    return read_model(RULES / "portal_formats.yaml", Labels, BadLabels)


@cache
def _province_codes() -> ProvinceCodes:
    return read_model(RULES / "province_codes.yaml", ProvinceCodes, BadLabels)


def province_of_code(suffix: str) -> str:
    """Return the province of an integration code's last part ("H49"), "mã H99" for one that is not known."""
    codes = _province_codes()
    return codes.provinces.get(suffix) or codes.unknown.format(suffix=suffix)
