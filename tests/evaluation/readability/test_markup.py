"""Pages and drawings: what people read of them."""

from __future__ import annotations

from evaluation.readability.markup import texts
from evaluation.readability.templates import variants


def test_blocks_are_texts_and_inline_tags_do_not_part_them() -> None:
    page = "<main><h1>Một</h1><p>Hai <strong>ba</strong>,\n  bốn.<br>Năm.</p></main>"
    assert texts(page) == ("Một", "Hai ba, bốn.Năm.")


def test_scripts_are_not_read_but_what_stands_for_a_picture_is() -> None:
    page = '<style>p {}</style><script>let x;</script><img alt="Hình cái ô"><input placeholder="Gõ ở đây">'
    assert texts(page) == ("Hình cái ô", "Gõ ở đây")


def test_captions_of_a_drawing() -> None:
    drawing = "<svg><title>Cái ô</title><desc>Một cái ô.</desc><rect width='3'/></svg>"
    assert texts(drawing) == ("Cái ô", "Một cái ô.")


def test_macros_and_blocks_of_templates_are_read() -> None:
    page = "{% macro m(x) %}<p>Một {{ x }}.</p>{% endmacro %}{% block b %}<p>Hai.</p>{% endblock %}"
    assert [texts(variant) for variant in variants(page)] == [("Một □.", "Hai.")]
