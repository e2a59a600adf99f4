"""The page's files: self-contained, in Vietnamese, and with every text that the script asks for."""

from __future__ import annotations

import re

from connectors.web.page import FILES

HTML = (FILES / "index.html").read_text(encoding="utf-8")
SCRIPT = (FILES / "chat.js").read_text(encoding="utf-8")
STYLE = (FILES / "chat.css").read_text(encoding="utf-8")


def test_nothing_comes_from_another_host() -> None:
    for text in (HTML, STYLE):
        assert not re.findall(r"(?:src|href|url\()\s*=?\s*[\"'(]?(?:https?:)?//", text)
    assert "http" not in SCRIPT.replace("https:\\/\\/", "").replace('"https://"', "")


def test_neither_script_nor_style_stands_in_the_page() -> None:
    assert not re.findall(r"<script(?![^>]*src=)|<style|\son\w+=|\sstyle=", HTML)


def test_the_script_never_writes_markup() -> None:
    assert not re.findall(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", SCRIPT
    )


def test_every_text_and_element_that_the_script_uses_is_in_the_page() -> None:
    for name in set(re.findall(r"texts\.([a-zA-Z]+)", SCRIPT)):
        attribute = re.sub(r"([A-Z])", lambda m: "-" + m.group(1).lower(), name)
        assert f"data-{attribute}=" in HTML, name
    for element in set(re.findall(r'part\("([\w-]+)"\)', SCRIPT)):
        assert f'id="{element}"' in HTML, element


def test_the_page_says_what_it_is_and_what_not_to_send() -> None:
    assert '<html lang="vi">' in HTML
    for said in ("tự động", "có thể nhầm", "OTP", "mật khẩu", "số giấy tờ"):
        assert said in HTML
    assert len(re.findall("data-example", HTML)) == 3
