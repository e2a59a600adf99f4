"""`troly search "…"` ranks the procedures for a question; `troly search train` makes the model again."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from typer.core import TyperGroup

from bot.search.corpus import Corpus
from bot.search.encoder import load_encoder
from bot.search.extra import read_extra
from bot.search.model_files import MODEL, BrokenModel
from bot.search.pairs import make_pairs
from bot.search.review import strays
from bot.search.review_page import print_review
from bot.search.searcher import Searcher
from bot.search.train import TrainingUnavailable
from bot.search.types import Ranking
from procedures_kb import lay_names, lay_review
from procedures_kb.catalogue import CATALOGUE, BrokenRecord, Catalogue, load

_FIND = "find"
_MENDABLE = (
    BrokenRecord,
    lay_names.BrokenLayNames,
    lay_review.BrokenReview,
    BrokenModel,
    TrainingUnavailable,
    FileNotFoundError,
)


class QuestionGroup(TyperGroup):
    """A group that takes anything but the name of a command for a question."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - click's types are not exported
        """Put "find" before a question; leave commands and --help alone."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = [_FIND, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=QuestionGroup,
    no_args_is_help=True,
    add_completion=False,
    help='Rank the procedures for a question: troly search "làm giấy khai sinh". Or train the model.',
)


@app.command(_FIND)
def search(
    query: Annotated[str, typer.Argument(help="The question, as a person types it.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many families.")] = 10,
    lexical: Annotated[bool, typer.Option("--lexical", help="Without the search model.")] = False,
    model: Annotated[
        str | None,
        typer.Option(envvar="TROLY_ENCODER_MODEL", help="A larger sentence-transformers model."),
    ] = None,
) -> None:
    """Print the ranking with its scores (this is what a bare question runs)."""
    logging.basicConfig(format="%(message)s")
    with _plain_errors():
        catalogue, names = _read(CATALOGUE)
        searcher = Searcher.lexical_only(catalogue, names)
        if not lexical:
            searcher = searcher.with_encoder(load_encoder(model))
    ranking = searcher.search(query, limit)
    if as_json:
        typer.echo(json.dumps(_as_data(query, ranking, catalogue), ensure_ascii=False, indent=1))
    else:
        _print(ranking, catalogue)


@app.command()
def train(
    source: Annotated[
        Path | None,
        typer.Option(
            "--from", help="Folder with official text and real questions to add (as ../shared/data)."
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder of the model.", show_default=False)] = MODEL,
    catalogue_folder: Annotated[
        Path, typer.Option("--catalogue", help="Folder of the catalogue.", show_default=False)
    ] = CATALOGUE,
) -> None:
    """Train the built-in model from the catalogue and the lay names (about five minutes on two cores)."""
    from bot.search.train import train as fit

    logging.basicConfig(format="%(message)s", level=logging.INFO)
    with _plain_errors():
        catalogue, names = _read(catalogue_folder)
        extra = None if source is None else read_extra(source, catalogue)
        pairs = make_pairs(Corpus.of(catalogue, names, facts=True), extra=extra)
        fit(pairs, out)
    typer.echo(f"{len(pairs)} pairs -> {out}")


@app.command()
def review(
    limit: Annotated[int, typer.Option(min=0, help="How many names to list, worst first.")] = 40,
    margin: Annotated[float, typer.Option(help="By how much another family must win, in z units.")] = 0.5,
    lexical: Annotated[bool, typer.Option("--lexical", help="Only by the words, without the model.")] = False,
) -> None:
    """List lay names that two families share, that fit another family better, and families with too few."""
    logging.basicConfig(format="%(message)s")
    with _plain_errors():
        catalogue = load(CATALOGUE)
        entries, accepted = lay_names.load(), lay_review.load_reviewed()
        names = lay_names.by_family(entries, catalogue)
        seen = lay_review.review(entries, catalogue, accepted)
        corpus, topics = Corpus.of(catalogue, names), accepted.topics(catalogue)
        found = None if lexical else strays(corpus, load_encoder(), topics, margin)
    print_review(seen, found, corpus, catalogue, limit)


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Turn what an operator can mend into one sentence and exit code 1."""
    try:
        yield
    except _MENDABLE as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def _read(folder: Path) -> tuple[Catalogue, Mapping[str, tuple[str, ...]]]:
    catalogue = load(folder)
    return catalogue, lay_names.by_family(lay_names.load(), catalogue)


def _as_data(query: str, ranking: Ranking, catalogue: Catalogue) -> dict[str, object]:
    data = asdict(ranking)
    data["query"] = query
    for hit in data["hits"]:
        hit["name"] = catalogue.by_code[hit["codes"][0]].name
    return data


def _print(ranking: Ranking, catalogue: Catalogue) -> None:
    table = Table("code", "procedure", "score", "lexical", "dense")
    for hit in ranking.hits:
        dense = "-" if hit.dense is None else f"{hit.dense:.2f}"
        name = catalogue.by_code[hit.code].name
        table.add_row(hit.code, name, f"{hit.score:.2f}", f"{hit.lexical:.2f}", dense)
    console = Console()
    console.print(table)
    console.print(
        f"{ranking.verdict.value}  in_scope={ranking.in_scope:.2f}  margin={ranking.margin:.2f}  "
        f"content={ranking.content}  parts={'+'.join(ranking.parts)}"
    )
