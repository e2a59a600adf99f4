"""Says where somebody is: which commune a former one became, and where its centre is."""

from __future__ import annotations

from dataclasses import dataclass

from bot.messages import Reply
from bot.replies.renderer import Replies
from procedures_kb.centres import Centres
from procedures_kb.communes import Commune, Era, Found

MAX_NAMED = 6


@dataclass(frozen=True, slots=True)
class PlaceWriter:
    """Writes about communes with the sentences of `replies`."""

    centres: Centres
    replies: Replies

    def commune(self, found: Found) -> str:
        """Return what the commune is now, and its centre, in two lines to stand beside an answer."""
        return "\n".join(filter(None, (self._now(found), self._centre_line(found))))

    def centre(self, found: Found) -> Reply:
        """Return the whole answer to "where do I go": the present commune, its centre, hours, numbers."""
        one = _settled(found)
        at_home = one is not None and self._at_home(one)
        name = one.full if one and at_home else None
        known = self.centres.centre_of(name) if name else None
        hours = self.centres.opening_hours(name)
        return Reply(
            self.replies.render(
                "commune_centre",
                now=self._now(found),
                centre=one.centre if one else None,
                address=known.address if known else None,
                hours=hours.text,
                confirmed=hours.confirmed,
                hotlines=[f"{line.name}: {line.number}" for line in self.centres.hotlines(name)],
            )
        )

    def _now(self, found: Found) -> str:
        if found.era is Era.DISTRICT:
            names = [commune.full for commune in found.candidates]
            return self.replies.render(
                "commune_district",
                said=_capital(found.said),
                count=len(names),
                communes=names[:MAX_NAMED],
                more=len(names) > MAX_NAMED,
            )
        text = self.replies.render(
            "commune_now",
            said=_capital(found.said),
            old=found.era is Era.OLD,
            divided=found.divided,
            ambiguous=found.ambiguous,
            districts=found.districts_to_ask,
            communes=[commune.full for commune in found.candidates[:MAX_NAMED]],
            province=self._elsewhere(found),
            also=[commune.full for commune in found.also[:MAX_NAMED]],
        )
        if found.exact:
            return text
        return f"{self.replies.render('commune_unsure', said=found.said)}\n{text}"

    def _centre_line(self, found: Found) -> str | None:
        one = _settled(found)
        return self.replies.render("commune_centre_line", centre=one.centre) if one else None

    def _elsewhere(self, found: Found) -> str:
        """Return the province, where it is not the one that we serve."""
        first = found.candidates[0] if found.candidates else None
        return "" if first is None or self._at_home(first) else f", {first.province}"

    def _at_home(self, commune: Commune) -> bool:
        return self.centres.covers(commune.province)


def _settled(found: Found) -> Commune | None:
    """Return the one commune that is meant; None where it is open which."""
    if found.ambiguous or found.divided or found.era is Era.DISTRICT or not found.candidates:
        return None
    return found.candidates[0]


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]
