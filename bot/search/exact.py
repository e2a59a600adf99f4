"""What was typed to the letter: a procedure's code, a title or a lay name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.search.analysis import Analysed, analyse_record, find_code
from bot.search.corpus import Corpus

_THU_TUC = ("thu", "tuc")


@dataclass(frozen=True)
class ExactNames:
    """Families by folded name and by code; a name of several families points to all of them.

    `titles` are the official and short names among the names: who types one says which procedure is meant; a
    lay name ("xin giấy phép xây dựng") may be how people call several.
    """

    names: Mapping[str, tuple[int, ...]]
    titles: frozenset[str]
    codes: Mapping[str, int]

    @classmethod
    def of(cls, corpus: Corpus) -> ExactNames:
        """Collect the names and codes of `corpus`."""
        found: dict[str, dict[int, None]] = defaultdict(dict)
        titles: set[str] = set()
        for at, text in enumerate(corpus.families):
            for place, name in enumerate(text.names):  # the titles stand first
                key = _key(analyse_record(name))
                found[key][at] = None
                if place < len(text.titles):
                    titles.add(key)
        found.pop("", None)
        names = MappingProxyType({key: tuple(families) for key, families in found.items()})
        return cls(names, frozenset(titles), corpus.position)

    def find(self, text: str, question: Analysed) -> tuple[int, ...]:
        """Return the families that `text` names exactly, by its code first; () where it names none."""
        code = find_code(text)
        if code is not None and code in self.codes:
            return (self.codes[code],)
        return self.names.get(_key(question), ())

    def certain(self, text: str, question: Analysed) -> bool:
        """Return whether `text` is one family's code or title, and so needs no question back."""
        if find_code(text) in self.codes:
            return True
        key = _key(question)
        return key in self.titles and len(self.names[key]) == 1


def _key(text: Analysed) -> str:
    units = text.folded
    if units[:2] == _THU_TUC:
        units = units[2:]
    return " ".join(units)
