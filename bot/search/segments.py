"""The maximum of each segment of an array, for many arrays cut alike: three times as quick as `reduceat`."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bot.search.bm25 import Floats

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Segments:
    """Segments, none of them empty, longest first: `order` reads all first elements, then all second ones, …

    Then the maximum is that of a few long arrays, each a beginning of the one before, which the processor
    takes many elements at a time.
    """

    order: Ints = field(repr=False)
    widths: tuple[int, ...] = field(repr=False)
    place: Ints = field(repr=False)  # of each segment among the sorted ones

    @classmethod
    def of(cls, lengths: Ints) -> Segments:
        """Cut an array into segments of these lengths."""
        first = np.cumsum(lengths) - lengths
        longest = np.argsort(-lengths, kind="stable")
        widths = tuple(int((lengths > rank).sum()) for rank in range(int(lengths.max(initial=0))))
        order = [first[longest[:width]] + rank for rank, width in enumerate(widths)]
        return cls(np.concatenate(order) if order else first, widths, np.argsort(longest))

    def maxima(self, values: Floats) -> Floats:
        """Return the greatest of `values` in each segment, shape (segments,)."""
        sorted_values = values[self.order]
        best = sorted_values[: self.widths[0]]
        done = self.widths[0]
        for width in self.widths[1:]:
            part = best[:width]
            np.maximum(part, sorted_values[done : done + width], out=part)
            done += width
        found: Floats = best[self.place]
        return found
