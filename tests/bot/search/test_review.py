"""Names that fit another family better are found; twins in meaning are left alone."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from typer.testing import CliRunner

from bot.search import cli
from bot.search.corpus import Corpus
from bot.search.encoder import BuiltInEncoder
from bot.search.review import Stray, strays
from procedures_kb import lay_names as lay_names_module
from procedures_kb.catalogue import Catalogue
from procedures_kb.lay_names import LayName

Names = Mapping[str, tuple[str, ...]]
ASTRAY = "xin cấp lại hộ chiếu"


@pytest.fixture(scope="module")
def astray(catalogue: Catalogue, lay_names: Names) -> Names:
    """The good names, and one of a passport under births."""
    births = catalogue.by_code["1.001193"].family
    return {**lay_names, births: (*lay_names[births], ASTRAY)}


@pytest.fixture(scope="module")
def found(catalogue: Catalogue, astray: Names, built_in: BuiltInEncoder) -> tuple[Stray, ...]:
    return strays(Corpus.of(catalogue, astray), built_in)


def test_the_worst_stray_comes_first_with_its_better_family(
    catalogue: Catalogue, astray: Names, found: tuple[Stray, ...]
) -> None:
    corpus, worst = Corpus.of(catalogue, astray), found[0]
    assert worst.name == ASTRAY
    assert corpus.families[worst.own].codes == ("1.001193",)
    assert corpus.families[worst.other].codes == ("1.001456",)
    assert worst.nearest in corpus.families[worst.other].names
    assert worst.margin > 0
    assert worst.rank > 1
    assert [stray.margin for stray in found] == sorted((s.margin for s in found), reverse=True)


def test_a_margin_and_a_common_topic_take_it_off(
    catalogue: Catalogue, astray: Names, built_in: BuiltInEncoder, found: tuple[Stray, ...]
) -> None:
    corpus = Corpus.of(catalogue, astray)
    assert strays(corpus, built_in, margin=found[0].margin) == ()
    pair = frozenset(catalogue.by_code[code].family for code in ("1.001193", "1.001456"))
    again = {s.name: s.other for s in strays(corpus, built_in, frozenset({pair}))}
    assert again.get(ASTRAY) != found[0].other


def test_titles_are_not_reviewed(catalogue: Catalogue, built_in: BuiltInEncoder) -> None:
    assert strays(Corpus.of(catalogue, {}), built_in) == ()


@pytest.mark.parametrize("arguments", [["--lexical"], ["--margin", "0", "--limit", "3"]])
def test_the_command_prints_counts_and_exits_with_0(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    births = LayName(code="1.001193", names=("khai sinh cho em bé", ASTRAY))
    monkeypatch.setattr(cli, "load", lambda _: catalogue)
    monkeypatch.setattr(lay_names_module, "load", lambda: (births,))
    result = CliRunner().invoke(cli.app, ["review", *arguments])
    assert result.exit_code == 0
    assert f"2 lay names of {len(catalogue.families)} families: 0 shared" in result.output.replace("\n", " ")
    assert "too few: 1.004884" in result.output
    assert ("nearer to another family" in result.output) == ("--lexical" not in arguments)
