"""Jinja templates as people see them: every branch at least once, a value as a mark without syllables."""

from __future__ import annotations

import re

from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from vietnamese import syllables

VALUE = "□"
_ENVIRONMENT = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, autoescape=False)
_BLANKS = re.compile(r"\n\s*\n+")


def variants(template: str) -> tuple[str, ...]:
    """Return texts of `template` in which each of its branches stands at least once, a loop's body once.

    Not every combination: as many as the branches of its widest part. Raises jinja2.TemplateSyntaxError.
    """
    texts = (_BLANKS.sub("\n", text).strip() for text in _sequence(_ENVIRONMENT.parse(template).body))
    return tuple(dict.fromkeys(text for text in texts if text))


def longest(template: str) -> str:
    """Return `template` with the longest branch everywhere, a loop's body once."""
    return "".join(_longest(node) for node in _ENVIRONMENT.parse(template).body).strip()


def _sequence(body: list[nodes.Node]) -> list[str]:
    parts = [_of(node) for node in body]
    width = max((len(part) for part in parts), default=1)
    return ["".join(part[i % len(part)] for part in parts if part) for i in range(width)]


def _of(node: nodes.Node) -> list[str]:
    if isinstance(node, nodes.If):
        found = [text for branch in _branches(node) for text in _sequence(branch)]
        return found if node.else_ else [*found, ""]
    if isinstance(node, (nodes.For, nodes.Block, nodes.Macro)):
        return _sequence(node.body)
    if isinstance(node, nodes.Output):
        return ["".join(_word(child) for child in node.nodes)]
    return [""]


def _longest(node: nodes.Node) -> str:
    if isinstance(node, nodes.If):
        texts = ["".join(map(_longest, branch)) for branch in _branches(node)]
        return max(texts, key=lambda text: len(syllables(text)))
    if isinstance(node, nodes.For):
        return "".join(map(_longest, node.body))
    return _of(node)[0]


def _branches(node: nodes.If) -> list[list[nodes.Node]]:
    tests = [node.body, *(each.body for each in node.elif_)]
    return [*tests, node.else_] if node.else_ else tests


def _word(node: nodes.Node) -> str:
    return node.data if isinstance(node, nodes.TemplateData) else VALUE
