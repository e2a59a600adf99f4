"""Templates: each branch is seen, values count nothing."""

from __future__ import annotations

from evaluation.readability.templates import VALUE, longest, variants


def test_every_branch_stands_in_some_variant() -> None:
    template = "A{% if x %} B{% elif y %} C{% if z %} D{% else %} E{% endif %}{% else %} F{% endif %}."
    assert variants(template) == ("A B.", "A C D.", "A C E.", "A F.")


def test_an_if_without_else_may_be_empty() -> None:
    assert variants("A{% if x %} B{% endif %}.") == ("A B.", "A.")


def test_branches_beside_each_other_are_not_multiplied() -> None:
    template = "{% if a %}A{% else %}B{% endif %} {% if c %}C{% else %}D{% endif %}"
    assert variants(template) == ("A C", "B D")


def test_a_loop_is_read_once_and_a_value_is_a_mark() -> None:
    assert variants("Giấy:\n{% for p in papers %}\n• {{ p.name }} nhé\n{% endfor %}\n") == (
        f"Giấy:\n• {VALUE} nhé",
    )


def test_the_longest_takes_the_longest_branch_everywhere() -> None:
    assert (
        longest("{% if a %}một{% else %}một hai{% endif %} {% if b %}ba bốn{% endif %}") == "một hai ba bốn"
    )
