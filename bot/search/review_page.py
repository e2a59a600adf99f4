"""What `troly search review` prints: counts by ministry, then the names and families to look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.search.corpus import Corpus
from bot.search.review import Stray
from procedures_kb.catalogue import Catalogue
from procedures_kb.lay_review import LayReview


def print_review(
    seen: LayReview, found: Sequence[Stray] | None, corpus: Corpus, catalogue: Catalogue, limit: int
) -> None:
    """Print the review; `found` is None where the model was left out, `limit` bounds each list."""
    console = Console()
    console.print(_by_ministry(seen, found, corpus, catalogue))
    for shared in seen.shared[:limit]:
        console.print(f"shared: {escape(shared.name)}: {' '.join(shared.codes)}", highlight=False)
    for few in seen.few[:limit]:
        name = escape(catalogue.by_code[few.code].short_name)
        console.print(f"too few: {few.code} {name}: {few.names} of {few.asked}", highlight=False)
    if found:
        console.print(_strays(found[:limit], corpus, catalogue))
    strays = "" if found is None else f", {len(found)} nearer to another family"
    console.print(
        f"{seen.names} lay names of {seen.families} families: {len(seen.shared)} shared{strays}; "
        f"{len(seen.few)} families with too few names, {seen.without} of them with none"
    )


def _by_ministry(
    seen: LayReview, found: Sequence[Stray] | None, corpus: Corpus, catalogue: Catalogue
) -> Table:
    families: Counter[str] = Counter()
    names: Counter[str] = Counter()
    for text in corpus.families:
        ministry = catalogue.by_code[text.codes[0]].ministry
        families[ministry] += 1
        names[ministry] += len(text.lay_names)
    strays = Counter(catalogue.by_code[corpus.families[s.own].codes[0]].ministry for s in found or ())
    shared = Counter(catalogue.by_code[code].ministry for one in seen.shared for code in one.codes)
    table = Table("ministry", "families", "lay names", "shared", "nearer to another", "too few")
    for ministry, count in sorted(families.items()):
        numbers = (count, names[ministry], shared[ministry], strays[ministry], seen.few_by_ministry[ministry])
        table.add_row(ministry, *map(str, numbers))
    return table


def _strays(found: Sequence[Stray], corpus: Corpus, catalogue: Catalogue) -> Table:
    table = Table("by", "lay name", "of", "nearer to", "as", title="nearer to another family")
    for stray in found:
        own, other = corpus.families[stray.own].codes[0], corpus.families[stray.other].codes[0]
        table.add_row(
            f"{stray.margin:.2f}",
            escape(stray.name),
            f"{own} {escape(catalogue.by_code[own].short_name)}",
            f"{other} {escape(catalogue.by_code[other].short_name)}",
            escape(stray.nearest),
        )
    return table
