"""Goes through the check of a dossier like a citizen, and holds its outcome against the record."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from bot.assistant import Assistant, Turn
from bot.dialogue.state import ConversationState
from bot.messages import Message, MessageKind
from bot.replies.renderer import load_labels
from procedures_kb.model import Detail, FeeStatus, Flag, How, Level
from tests.bot.dialogue.true_to_record import (
    BROKEN,
    Held,
    Wanted,
    amounts,
    bullets,
    dated,
    durations,
    says_free,
    squeezed,
    starts,
    statuses,
    wanted,
    ways_told,
)
from vietnamese import fold

MOST_TURNS = 200
LACK, HAVE, SHOW, OPEN = "Còn thiếu", "Đã có:", "Mang theo để cho xem, không phải nộp:", "Chưa hỏi đến:"
ALL_THERE = "có đủ giấy tờ"
NO_MORE = (
    'Không ai được đòi giấy tờ ngoài danh sách này. Nếu bị đòi thêm, hỏi: "Giấy này ghi ở quy định nào?"'
)
REPORT = "Phản ánh trên dichvucong.gov.vn"


@dataclass
class Citizen:
    """Answers at random, now and then goes back, stops, or comes back after a restart of the server."""

    assistant: Assistant
    held: Held
    random: Random
    state: ConversationState = field(default_factory=lambda: ConversationState(introduced=True))
    answers: dict[str, str] = field(default_factory=dict)  # by the id of the paper
    names: dict[str, str] = field(default_factory=dict)
    way: str = ""
    label: str | None = None

    def tap(self, payload: str) -> Turn:
        turn = self.assistant.reply(self.state, Message(payload, MessageKind.PAYLOAD))
        self.state = ConversationState.model_validate_json(turn.state.model_dump_json())
        return turn

    def needed(self) -> list[Wanted]:
        return wanted(self.held.procedure, self.held.card, self.label, self.way)

    def asked(self, turn: Turn) -> str:
        """Return the paper that is asked about, by its number; empty where another one is named."""
        number = re.search(r"Giấy (\d+)/(\d+): ", turn.reply.text)
        needed = self.needed()
        if number is None or int(number[2]) != len(needed):
            return ""
        name = needed[int(number[1]) - 1].say
        return name if f": {squeezed(name)}" in squeezed(turn.reply.text) else ""

    def begin(self) -> Turn:
        return self.tap(f"check:{self.held.procedure.code}")

    def answer(self, turn: Turn) -> Turn:
        """Choose among the buttons of the question that stands open."""
        check = self.state.check
        assert check is not None
        named = {button.payload: button.title for button in turn.reply.buttons}
        if check.at in {"?way", "?case"}:
            chosen = self.random.choice([p for p in named if p.startswith(f"mark:{check.at[1:]}.")])
            if check.at == "?way":
                self.way = chosen.rpartition(".")[2]
            else:
                self.label = named[chosen]
            return self.tap(chosen)
        self.names[check.at] = self.asked(turn)
        marks = [mark for mark in ("have", "lack", "other") if f"mark:{mark}" in named]
        self.answers[check.at] = self.random.choice(marks)
        return self.tap(f"mark:{self.answers[check.at]}")


def checked_wrongly(assistant: Assistant, held: Held, random: Random) -> Iterator[str]:
    """Yield what the check of the dossier tells otherwise than the record; one way through, drawn."""
    citizen = Citizen(assistant, held, random)
    turn = citizen.begin()
    told = ways_told(held.procedure)
    citizen.way = next(iter(told)) if len(told) == 1 else ""
    local = held.procedure.has(Flag.LOCAL_VERSION)
    if held.procedure.detail is Detail.NAME_ONLY or local or not told or not held.procedure.documents:
        if citizen.state.check is not None:
            yield "a check is begun without a list of papers"
        if held.procedure.code not in turn.reply.text or "Cổng Dịch vụ công" not in turn.reply.text:
            yield f"nothing to go on: {turn.reply.text!r}"
        return
    if citizen.state.check is None:
        yield f"no check: {turn.reply.text!r}"
        return
    yield from _through(citizen, turn)


def _through(citizen: Citizen, turn: Turn) -> Iterator[str]:
    for _ in range(MOST_TURNS):
        assert citizen.state.check is not None
        if citizen.state.check.at == "":
            yield from told_wrongly(citizen, turn.reply.text)
            yield from _again(citizen)
            return
        about_paper = "Bạn có giấy này chưa?" in turn.reply.text
        if about_paper and not citizen.asked(turn):
            yield f"asks about no paper of the record: {turn.reply.text!r}"
        yield from (f"long button {b.title!r}" for b in turn.reply.buttons if len(b.title) > 80)
        yield from (f"long key {b.payload}" for b in turn.reply.buttons if len(b.payload.encode()) > 64)
        if citizen.random.random() < 0.15:
            yield from _interrupted(citizen, turn)
        if citizen.random.random() < 0.15 and citizen.answers:
            turn, wrong = _one_back(citizen, turn)
            yield from wrong
        else:
            turn = citizen.answer(turn)
    yield "no end"


def _interrupted(citizen: Citizen, turn: Turn) -> Iterator[str]:
    """Stop, and come back to the same question."""
    before = citizen.state.check
    citizen.tap("mark:stop")
    if citizen.state.check is None or citizen.state.check.running:
        yield "does not stop"
    again = citizen.tap("mark:resume")
    if citizen.state.check != before:
        yield f"resumes elsewhere: {before} {citizen.state.check}"
    if again.reply.text not in turn.reply.text:
        yield f"asks another thing after resuming: {again.reply.text!r}"


def _one_back(citizen: Citizen, turn: Turn) -> tuple[Turn, list[str]]:
    """Go back to the answer before, which is taken back, and asked for again."""
    there = citizen.state.check
    back = citizen.tap("mark:back")
    here = citizen.state.check
    assert there is not None
    assert here is not None
    if there.at == "?case" or here.at not in citizen.answers:
        return back, []
    wrong = []
    if here.at in {*here.have, *here.lack, *here.other}:
        wrong.append("back: the answer stands still")
    del citizen.answers[here.at]
    return back, wrong


def _again(citizen: Citizen) -> Iterator[str]:
    """Back from the outcome, summary at once, and from the beginning."""
    done = citizen.state.check
    turn = citizen.tap("mark:back")
    nothing_asked = not citizen.answers and done is not None and done.way is None and done.case is None
    if not nothing_asked and (citizen.state.check is None or citizen.state.check.at == ""):
        yield "back from the outcome shows the outcome"
    if citizen.answers and "?" not in (citizen.state.check.at if citizen.state.check else ""):
        last = citizen.state.check.at if citizen.state.check else ""
        lost = citizen.answers.pop(last, None)
        summary = citizen.tap("mark:summary")
        if lost and (OPEN not in summary.reply.text and SHOW not in summary.reply.text):
            yield "summary: what was not answered is not said to be open"
        yield from told_wrongly(citizen, summary.reply.text)
    citizen.tap("mark:start")
    begun = citizen.state.check
    if begun is None or begun.have or begun.lack or begun.other or begun.way or begun.case:
        yield f"from the beginning: {begun} after {done} {turn.reply.text[:40]!r}"


# ---- the outcome -------------------------------------------------------------------------------------------


def told_wrongly(citizen: Citizen, text: str) -> Iterator[str]:
    """Hold the text of an outcome against the record and the answers."""
    held, check = citizen.held, citizen.state.check
    assert check is not None
    needed = {one.say: one for one in citizen.needed()}
    stated = {citizen.names[paper_id]: answer for paper_id, answer in citizen.answers.items()}
    parts = sections(text)
    if parts.keys() & {"twice"}:
        yield "a section stands twice"
    groups = {LACK: "lack", HAVE: "have", OPEN: None}
    for title, answer in groups.items():
        due = [o for o in needed.values() if not o.shown and stated.get(o.say) == answer]
        yield from _lines(title, due, parts.get(title, []))
    due = [o for o in needed.values() if o.shown and stated.get(o.say) != "other"]
    yield from _lines(SHOW, due, parts.get(SHOW, []))
    lacking = [o.say for o in needed.values() if stated.get(o.say) == "lack"]
    if not needed and ALL_THERE in text:
        yield "says that all is there, and the record lists nothing"
    if lacking and ALL_THERE in text:
        yield f"says that all is there, and lacks {lacking}"
    count = re.search(r"Còn thiếu (\d+) giấy tờ", text)
    if count and int(count[1]) != len(parts.get(LACK, [])):
        yield f"says {count[0]!r}"
    yield from _facts(held, citizen.way, text)


def sections(text: str) -> dict[str, list[str]]:
    """Return the papers under each heading of the outcome."""
    found: dict[str, list[str]] = {}
    current = ""
    for line in text.splitlines():
        heading = next((h for h in (LACK, HAVE, SHOW, OPEN) if line.startswith(h)), None)
        if heading is not None:
            found["twice" if heading in found else heading] = []
            current = heading
        elif line.startswith("• ") and current:
            found[current] += bullets(line)
        elif not line.startswith(" "):
            current = ""
    return found


def _lines(title: str, due: list[Wanted], lines: list[str]) -> Iterator[str]:
    for one in due:
        own = [line for line in lines if starts(line.replace(_full(one), _short(one)), one.say)]
        if not own:
            yield f"{title}: missing {one.say!r} among {lines}"
        elif title != SHOW and one.shape and not _tells_shape(own[0], one):
            yield f"{title}: {own[0]!r} without its shape {one.shape!r}"
        elif title != SHOW and not one.shape and _shaped(own[0], one):
            yield f"{title}: {own[0]!r} with a shape that the record does not tell"
    if len(lines) != len(due):
        yield f"{title}: {len(lines)} lines for {len(due)} papers: {lines}"


def _tells_shape(line: str, one: Wanted) -> bool:
    """Return whether the shape stands behind the name, or in the name itself."""
    return _full(one) in line or fold(one.shape.split(",")[0]) in fold(one.say)


def _full(one: Wanted) -> str:
    return f"({one.shape})"


def _short(one: Wanted) -> str:
    return f"({one.shape.split(',')[0]})"


def _shaped(line: str, one: Wanted) -> bool:
    rest = line.removeprefix(squeezed(one.say))
    return any(shape and f"({shape})" in rest for shape in load_labels().shapes.values())


def _facts(held: Held, way: str, text: str) -> Iterator[str]:
    """Fee, time, source, and what nobody may ask for."""
    procedure = held.procedure
    if BROKEN.search(text):
        yield f"broken text: {BROKEN.findall(text)} {text!r}"
    fee = text.partition("Lệ phí:")[2].partition("Không ai được đòi")[0]
    said = statuses(procedure, way)
    free = "Miễn phí, bạn không phải đóng tiền"
    if said == {FeeStatus.FREE} and free not in fee:
        yield f"fee: free, and not told: {fee!r}"
    if FeeStatus.FREE not in said and (free in text or says_free(fee, procedure)):
        yield f"fee: calls free what is {sorted(said)}: {fee!r}"
    yield from (f"fee: {a} is not told" for a in amounts(procedure, way, held.today) if a not in fee)
    limits = durations(procedure, way)
    told = re.search(r"^Thời hạn: (.*), tính từ", text, re.MULTILINE)
    if limits and (told is None or not any(limit in told[1] for limit in limits)):
        yield f"time: none of {limits}"
    if not limits and told is not None:
        yield f"time: invented {told[1]}"
    if NO_MORE not in text or REPORT not in text:
        yield "does not say that nobody may ask for more, or how to report it"
    if procedure.code not in text or dated(procedure) not in text:
        yield "no source with code and date"
    local = {Level.COMMUNE, Level.PROVINCE} & set(procedure.levels)
    if way == How.COUNTER and local and "Nơi nộp:" not in text:
        yield "no place"


def kept(state: ConversationState) -> str:
    """Return everything that is stored of a conversation."""
    return json.dumps(json.loads(state.model_dump_json()), ensure_ascii=False)
