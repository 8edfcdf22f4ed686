"""`turns_of`: who says what in a cue, split where the voice changes: nobody's words end in another's mouth.

The decision hidden here: the marks of speakers in captions. A `<v Name>` span holds until it is closed or the next one
opens; what stands outside has no speaker. Without spans a label (`Name: text`), a mark in brackets, `>>` or dashes at the
beginning of lines begin a turn. Labels count only in a file that labels its cues: `Voices` is that knowledge of a file.

References:
    WebVTT (W3C), section 4.2.2 (voice spans); Microsoft Graph, callTranscript (content and metadataContent); CTA-608
    captioning practice (`>>` for a change of speaker); Zoom and Webex transcripts as their products write them.
"""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from dataclasses import dataclass, field

from rca.reading.json_fields import dict_of, text_of
from rca.reading.meetings.cues import Cue
from rca.reading.meetings.names import MARKED, is_name, is_person_mark, split_label

__all__ = ["Turn", "Voices", "plain_text", "turns_of"]

_VOICE = re.compile(
    r"<v(?:\.[^\s<>.]+)*(?:[ \t\n]+(?P<name>[^<>]{0,300}?))?\s*>|(?P<close></v\s*>)", re.IGNORECASE
)
_MARKUP = re.compile(
    r"</?(?:c|i|b|u|s|v|ruby|rt|lang|font|em|strong|span|br)(?:[.\s][^<>]{0,300})?/?>|<(?:\d+:)?\d{2}:\d{2}[.,]\d{1,3}>"
    r"|\{\\[^{}]{1,60}\}|\{[yY]:[ibu]{1,3}\}|</>",
    re.IGNORECASE,
)
_CHEVRON = re.compile(r"^\s*(?:>>|&gt;&gt;|»)+\s*")
_DASH = re.compile(r"^\s*[-–—](?:\s+|(?=[^\W\d_]))")
_WEBEX = re.compile(r"\d+ \"(?P<name>[^\"]{1,200})\" \([\w-]+\)")
_CAPITALS = re.compile(r"[A-ZÅÄÖÆØÜ][A-ZÅÄÖÆØÜ0-9 .#'-]{2,40}")
_LEAST = 0.4


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker says in a cue; `speaker` is "" where nobody is named, `mark` tells how the speaker is marked.

    `begin` and `end` are characters of the payload. A turn with `is_change` begins with the mark of another speaker, who
    may be unnamed, so that no speaker may be carried into it.
    """

    speaker: str
    text: str
    begin: int
    end: int
    mark: str = ""
    is_change: bool = False
    stamps: tuple[str, str] = ("", "")
    language: str = ""


@dataclass(slots=True)
class Voices:
    """What all cues of a file tell of its marks: how many have a label, and which labels."""

    cues: int = 0
    spans: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    brackets: Counter[str] = field(default_factory=Counter)
    capitals: Counter[str] = field(default_factory=Counter)
    webex: int = 0

    def count(self, cue: Cue) -> None:
        """Count the marks of a cue."""
        self.cues += 1
        payload = cue.payload
        if _VOICE.search(payload):
            self.spans += 1
        self.webex += bool(_WEBEX.fullmatch(cue.name))
        lines = [line for line in payload.split("\n") if line.strip()]
        for number, line in enumerate(lines[:20]):
            text = plain_text(_CHEVRON.sub("", _DASH.sub("", line, count=1)))
            label = split_label(text)
            if label and _CAPITALS.fullmatch(label[0]):
                self.capitals[label[0]] += 1
            if label and number == 0:
                self.labels[label[0]] += 1
            marked = MARKED.match(text)
            if marked and number == 0:
                name = (marked["square"] or marked["round"]).strip()
                if is_person_mark(name) or (is_name(name) and len(name.split()) >= 2):
                    self.brackets[name] += 1

    @property
    def has_labels(self) -> bool:
        """Whether the file labels its cues."""
        return sum(self.labels.values()) >= max(1, _LEAST * self.cues)

    @property
    def is_chat(self) -> bool:
        """Whether all cues have a label, as in a chat that is saved as cues."""
        return self.cues > 0 and sum(self.labels.values()) == self.cues

    @property
    def has_brackets(self) -> bool:
        """Whether the file names speakers in brackets."""
        return sum(self.brackets.values()) >= max(1, _LEAST * self.cues)

    def label_of(self, line: str) -> tuple[str, str] | None:
        """The speaker and the text of a line that begins with a label of this file."""
        found = split_label(line, is_strict=False) if self.has_labels else None
        if found and (self.labels[found[0]] or split_label(line)):
            return found  # better a label too many than words in the mouth of the speaker before
        strict = split_label(line) if sum(self.capitals.values()) >= 2 else None
        if strict and self.capitals[strict[0]]:
            return strict
        marked = MARKED.match(line)
        if marked:
            name = (marked["square"] or marked["round"]).strip()
            is_known = self.has_brackets and (self.brackets[name] or (not marked["text"] and is_name(name)))
            if is_known or (is_person_mark(name) and name.upper() == name):
                return name, marked["text"]
        return None


def plain_text(text: str) -> str:
    """Text of a cue without markup, with its character references resolved.

    >>> plain_text("this<00:05:04.199><c> will</c> &amp; can")
    'this will & can'
    """
    return html.unescape(_MARKUP.sub("", text)) if "<" in text or "&" in text or "{" in text else text


def turns_of(cue: Cue, voices: Voices) -> list[Turn]:
    """The turns in a cue, at least one; a cue without words gives a turn without text."""
    proper = cue.lines if cue.stray is None else cue.lines[: cue.stray]
    payload = "\n".join(line.text for line in proper)
    turns = _described(payload) or _spans(payload) or _lines(payload, voices)
    named = _WEBEX.fullmatch(cue.name)
    if named and len(turns) == 1 and not turns[0].speaker:
        only = turns[0]
        turns = [Turn(named["name"], only.text, only.begin, only.end, "identifier")]
    if cue.stray is not None:
        whole = cue.payload
        begin = len(payload) + 1 if proper else 0
        for turn in _spans(whole[begin:]) or _lines(whole[begin:], voices):
            turns.append(
                Turn(turn.speaker, turn.text, turn.begin + begin, turn.end + begin, turn.mark, is_change=True)
            )
    worded = [turn for turn in turns if turn.text]
    return worded or turns[:1] or [Turn("", "", 0, len(payload))]


def _described(payload: str) -> list[Turn]:
    """The turn of a cue whose text is an object of JSON, as in Teams' metadata of a transcript."""
    if not payload.lstrip().startswith("{") or '"spokenText"' not in payload:
        return []
    try:
        value = dict_of(json.loads(payload))
    except (ValueError, RecursionError):
        return []
    stamps = (text_of(value.get("startDateTime")), text_of(value.get("endDateTime")))
    speaker, text = text_of(value.get("speakerName")).strip(), text_of(value.get("spokenText")).strip()
    language = text_of(value.get("spokenLanguage"))
    return [Turn(speaker, text, 0, len(payload), "metadata", stamps=stamps, language=language)]


def _spans(payload: str) -> list[Turn]:
    """The turns of a payload with voice spans; [] where there is none."""
    turns: list[Turn] = []
    speaker, mark, begin, at = "", "", 0, 0
    for found in _VOICE.finditer(payload):
        stop = found.end() if found["close"] else found.start()
        _add(turns, speaker, payload, (begin, at, stop), mark)
        if found["close"]:
            speaker, mark, begin = "", "", found.end()
        else:
            speaker = html.unescape(" ".join((found["name"] or "").split()))
            mark, begin = "voice", found.start()
        at = found.end()
    if not at:
        return []
    _add(turns, speaker, payload, (begin, at, len(payload)), mark)
    return turns


def _add(turns: list[Turn], speaker: str, payload: str, span: tuple[int, int, int], mark: str) -> None:
    begin, at, end = span
    text = plain_text(payload[at:end]).strip()
    if not text:
        return
    if turns and mark and turns[-1].mark == mark and turns[-1].speaker == speaker:
        last = turns.pop()
        text, begin = f"{last.text}\n{text}" if last.text else text, last.begin
    turns.append(Turn(speaker, text, begin, end, mark, is_change=True))


def _lines(payload: str, voices: Voices) -> list[Turn]:
    """The turns of a payload without spans: a line that begins with a mark of a speaker begins one."""
    lines = payload.split("\n")
    dashes = sum(bool(_DASH.match(line)) for line in lines)
    turns: list[Turn] = []
    at = 0
    for line in lines:
        begin, at = at, at + len(line) + 1
        chevron, dash = _CHEVRON.match(line), _DASH.match(line) if dashes > 1 else None
        rest = line[(chevron or dash).end() :] if chevron or dash else line  # type: ignore[union-attr]
        rest = plain_text(rest)
        label = voices.label_of(rest)
        if label:
            turns.append(Turn(label[0], label[1].strip(), begin, begin + len(line), "label", is_change=True))
        elif chevron or dash or not turns:
            mark = "chevron" if chevron else "dash" if dash else ""
            turns.append(Turn("", rest.strip(), begin, begin + len(line), mark, is_change=bool(mark)))
        else:
            last = turns.pop()
            text = "\n".join(part for part in (last.text, rest.strip()) if part)
            turns.append(Turn(last.speaker, text, last.begin, begin + len(line), last.mark, last.is_change))
    return turns
