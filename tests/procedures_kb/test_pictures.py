"""The drawings are ours, small, readable by everybody, and cannot do anything but be looked at."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring

from procedures_kb import guides, pictures
from procedures_kb.pictures import PICTURES, BrokenPicture, Picture

SVG = "{http://www.w3.org/2000/svg}"
SHIPPED = pictures.load()
PROMISED = """
    app_store phone_two_boxes sms_code password_field passcode_keypad card_and_officer activate_button wallet
    add_paper show_qr scan_qr nfc_card face_scan lock_identity call_hangup bad_link portal_login search_code
    choose_agency fill_form attach_file good_photo bad_photo pay_qr check_and_submit dossier_code track_states
    returned_dossier receive_result rate_stars centre_counter helper_beside parent_child organisation
    phone_lost sign_hand tax_bill
"""
GOOD = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 240" role="img">'
    "<title>Ô trống</title><desc>Một ô vuông trống.</desc>"
    '<rect x="1" y="2" width="10" height="10" fill="#fff"/></svg>'
)
RECT = '<rect x="1" y="2" width="10" height="10" fill="#fff"/>'


def test_every_drawing_that_guides_may_name_is_there() -> None:
    assert set(SHIPPED) == set(PROMISED.split())
    assert len(SHIPPED) == len(list(PICTURES.glob("*")))


def test_every_drawing_that_a_guide_names_is_there() -> None:
    named = {(g.id, s.id, s.picture) for g in guides.load().values() for s in g.steps if s.picture}
    assert [place for place in sorted(named) if place[2] not in SHIPPED] == []


def test_titles_and_text_alternatives_differ_from_each_other() -> None:
    for told in ([p.title for p in SHIPPED.values()], [p.alt for p in SHIPPED.values()]):
        assert len(set(told)) == len(told)
    assert all(p.title != p.alt and p.alt.endswith(".") for p in SHIPPED.values())


def contrast(first: str, second: str) -> float:
    """WCAG 2.2: 1 (the same) to 21 (black on white)."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# Grounds that are no shape by themselves: whatever is filled with one has a dark edge around it.
TINTS = {"#fff", "#e4eef9", "#fbe3e1", "#e0f1e4", "#ffe9b0"}


def shapes(picture: Picture) -> list[Element]:
    return [e for e in fromstring(picture.svg).iter() if e.tag not in {f"{SVG}svg", f"{SVG}g"}]


@pytest.mark.parametrize("picture", SHIPPED.values(), ids=list(SHIPPED))
def test_colours_can_be_told_from_their_ground(picture: Picture) -> None:
    lines_of_tint = {"#fff", "#ffe9b0"}  # a halo, an arm, a mark on a dark ground
    for shape in shapes(picture):
        fill, stroke = shape.get("fill", "none"), shape.get("stroke", "none")
        for colour in {fill, stroke} - {"none"} - TINTS:
            assert all(contrast(colour, tint) >= 4.5 for tint in TINTS), colour
        assert stroke not in TINTS or stroke in lines_of_tint
        if shape.tag == f"{SVG}text":
            assert fill == "#fff" or fill not in TINTS


@pytest.mark.parametrize("picture", SHIPPED.values(), ids=list(SHIPPED))
def test_words_are_few_and_large(picture: Picture) -> None:
    texts = list(fromstring(picture.svg).iter(f"{SVG}text"))
    words = re.findall(r"\w+|@", " ".join(t.text or "" for t in texts))
    assert len(words) <= 4, words
    assert all(float(t.get("font-size", "0")) >= 18 for t in texts)
    assert fromstring(picture.svg).get("viewBox") == "0 0 320 240"


def put(folder: Path, svg: str | bytes, name: str = "box.svg") -> Path:
    (folder / name).write_bytes(svg if isinstance(svg, bytes) else svg.encode())
    return folder


def test_a_good_drawing_is_read(tmp_path: Path) -> None:
    read = pictures.load(put(tmp_path, GOOD))
    assert dict(read) == {"box": Picture("box", "Ô trống", "Một ô vuông trống.", GOOD.encode())}


@pytest.mark.parametrize(
    ("svg", "reason"),
    [
        (GOOD.replace(RECT, "<script>alert(1)</script>"), "element script"),
        (GOOD.replace(RECT, '<a href="https://example.org"/>'), "element a "),
        (GOOD.replace(RECT, '<image href="https://example.org/x.png"/>'), "element image"),
        (GOOD.replace(RECT, "<foreignObject/>"), "element foreignObject"),
        (GOOD.replace(RECT, "<style>*{fill:url(https://example.org)}</style>"), "element style"),
        (GOOD.replace(RECT, '<b xmlns="http://www.w3.org/1999/xhtml"/>'), "not allowed"),
        (GOOD.replace(' fill="#fff"', ' onclick="alert(1)"'), "attribute onclick"),
        (GOOD.replace(' fill="#fff"', ' href="https://example.org"'), "attribute href"),
        (
            GOOD.replace(
                ' fill="#fff"', ' xmlns:x="http://www.w3.org/1999/xlink" x:href="https://example.org"'
            ),
            "xlink",
        ),
        (GOOD.replace(' fill="#fff"', ' style="fill:red"'), "attribute style"),
        (GOOD.replace("#fff", "url(#a)"), "must not hold"),
        (GOOD.replace("#fff", "https://example.org"), "must not hold"),
        (GOOD.replace("<title>Ô trống</title>", ""), "title is missing"),
        (GOOD.replace("Ô trống", " "), "title is missing"),
        (GOOD.replace("<desc>Một ô vuông trống.</desc>", ""), "desc is missing"),
        (GOOD.replace("Một ô", "Một ô " * 40), "160 are allowed"),
        (GOOD.replace(' viewBox="0 0 320 240"', ""), "viewBox"),
        (GOOD.replace(' role="img"', ""), "role"),
        (GOOD.replace(' xmlns="http://www.w3.org/2000/svg"', ""), "element svg is not allowed"),
        (GOOD.replace(RECT, RECT * 100), "simplify"),
        (GOOD.replace("</svg>", ""), "not XML"),
        ('<?xml-stylesheet href="https://example.org/x.css"?>' + GOOD, "must begin with <svg"),
        (GOOD.replace(RECT, '<?xml-stylesheet href="https://example.org/x.css"?>'), "no instruction"),
        ('<!DOCTYPE svg [<!ENTITY a "b">]>' + GOOD, "must begin with <svg"),
        (GOOD.encode("utf-16"), "not UTF-8"),
    ],
)
def test_a_harmful_or_unreadable_drawing_is_refused_by_name(
    tmp_path: Path, svg: str | bytes, reason: str
) -> None:
    with pytest.raises(BrokenPicture, match=f"^box\\.svg: .*{reason}"):
        pictures.load(put(tmp_path, svg))


def test_the_name_must_be_one_that_a_guide_can_give(tmp_path: Path) -> None:
    with pytest.raises(BrokenPicture, match=r"^Big-Box\.svg: "):
        pictures.load(put(tmp_path, GOOD, "Big-Box.svg"))


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="restore"):
        pictures.load(tmp_path)
