"""What one line of an IRC log says after its stamp: who said what, who came and went, what changed.

The decision hidden here: the wordings of clients and bots. `<nick>` speaks, `* nick` acts, `-nick-` is a notice; that somebody
joined or left is worded differently by each program and means the same. A line that is none of these is kept as it is.

References:
    RFC 2812, 2.3.1 (nicknames), 3.1-3.2; documentation of irssi, WeeChat, HexChat, mIRC, ZNC (log), eggdrop, Limnoria (ChannelLogger).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["NICK", "Said", "read_body", "read_tabbed"]

NICK = r"[A-Za-z0-9_\[\]{}|^`\\~.:/À-ÿ-]{1,64}"
_HOST = r"(?:\s*(?:<[^<>\s]{1,300}>|\([^()\s]{1,300}\)|\[[^\[\]\s]{1,300}\]))?"
_ROOM = r"[#&+!][^\s,:]{1,100}"
_REST = r"(?:\s*[\[(:\"“](?P<why>.*?)[\])\"”]?)?\.?"
_LONGEST = 700
_COLOURS = re.compile(r"\x03(?:\d{1,2}(?:,\d{1,2})?)?|[\x02\x0f\x11\x16\x1d\x1e\x1f]")

_SPEECH = re.compile(rf"<(?P<mode>[ @+%&~!]{{0,2}})(?P<who>{NICK})(?::{_ROOM})?>(?:[ \t](?P<text>.*))?")
_NOTICE = re.compile(rf"-(?P<who>{NICK})(?:[(:][^()\s-]{{1,200}}\)?)?-(?:\s(?P<text>.*)|)")
_SERVER = re.compile(
    r"(?P<mark>\*\*\*|-!-|-->|<--|<->|---|--|=!=|\*\*|\*(?=\s)|(?<![*])\*(?=[A-Za-z_])|Action:|Nick change:|Topic changed|>|!)\s*(?P<text>.*)"
)
_JOINED = (
    re.compile(rf"(?:Joins:|Join:)\s*(?P<who>{NICK}){_HOST}.*"),
    re.compile(
        rf"(?P<who>{NICK}){_HOST} (?:has joined|joined|has rejoined)(?: (?:channel )?(?P<room>{_ROOM}))?.*"
    ),
    re.compile(rf"(?:You are now talking (?:on|in)|Now talking (?:on|in)) (?P<room>{_ROOM}).*"),
)
_LEFT = (
    re.compile(rf"(?:Parts:|Part:|Quits:|Quit:)\s*(?P<who>{NICK}){_HOST}{_REST}"),
    re.compile(rf"(?P<who>{NICK}){_HOST} (?:has left|left)(?: (?:channel )?(?P<room>{_ROOM}|irc))?{_REST}"),
    re.compile(rf"(?P<who>{NICK}){_HOST} (?:has quit|Quit)(?: IRC)?{_REST}"),
)
_KICKED = (
    re.compile(
        rf"(?P<who>{NICK}) (?:was|has been|have been)? ?kicked(?: (?:from|off) (?P<room>{_ROOM}))? by (?P<by>{NICK}){_REST}"
    ),
    re.compile(rf"(?P<by>{NICK}) has kicked (?P<who>{NICK})(?: from (?P<room>{_ROOM}))?{_REST}"),
)
_RENAMED = (
    re.compile(rf"(?P<who>{NICK}) is now known as (?P<new>{NICK})\.?"),
    re.compile(rf"(?P<who>{NICK}) -> (?P<new>{NICK})"),
)
_TOPIC = (
    re.compile(
        rf"(?P<who>{NICK})?(?:!\S+)? ?(?:has )?(?:changes|changed|sets|set|has unset) (?:the )?topic(?: (?:of|for|on|in) (?P<room>{_ROOM}))?(?: from .*?)?(?: to)?:?\s*[\"']?(?P<new>.*?)[\"']?"
    ),
    re.compile(rf"(?:on )(?P<room>{_ROOM}) by (?P<who>{NICK})(?:!\S+)?: (?P<new>.*)"),
    re.compile(rf"Topic (?:for (?P<room>{_ROOM}) )?is:? [\"']?(?P<new>.*?)[\"']?"),
)
_MODE = (
    re.compile(rf"(?P<who>{NICK})(?:!\S+)? sets? mode:? (?P<new>.+)"),
    re.compile(rf"mode/(?P<room>{_ROOM}) \[(?P<new>[^\]]*)\] by (?P<who>{NICK}).*"),
    re.compile(rf"Mode (?P<room>{_ROOM}) \[(?P<new>[^\]]*)\] by (?P<who>{NICK}).*"),
    re.compile(rf"(?P<who>{NICK}) (?P<new>(?:gives|removes) (?:voice|channel operator status|channel half-operator status) (?:to|from) .+)"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """One line: `what` is message, action, notice, joined, left, renamed, topic, mode or other."""

    what: str
    text: str = ""
    who: str = ""
    room: str = ""
    by: str = ""
    new: str = ""
    why: str = ""
    mode: str = ""


def read_body(line: str) -> Said | None:
    """What a line says after its stamp, None where it isn't written as a line of an IRC log.

    >>> read_body("<@operator> the queue is full").who
    'operator'
    >>> read_body("*** ward7 <ward@10.0.0.17> has joined #it").what
    'joined'
    """
    line = _COLOURS.sub("", line[:20_000]).strip()
    found = _SPEECH.fullmatch(line)
    if found:
        return Said("message", (found["text"] or "").strip(), found["who"], mode=found["mode"].strip())
    found = _NOTICE.fullmatch(line)
    if found and found["who"].strip("-"):
        return Said("notice", (found["text"] or "").strip(), found["who"])
    found = _SERVER.fullmatch(line)
    if found is None:
        return None
    mark, text = found["mark"], found["text"].strip()
    if mark == "Action:":
        return _acted(text)
    if mark in (">", "!") and not text:
        return None
    told = _told(text, is_sure=mark not in ("*", "**"))
    if told is not None:
        return told
    return _acted(text) if mark in ("*", "**") and text else Said("other", text)


def read_tabbed(prefix: str, text: str) -> Said:
    """What a line of WeeChat says, whose prefix and text are parted by a tab."""
    prefix, text = _COLOURS.sub("", prefix).strip(), _COLOURS.sub("", text[:20_000]).strip()
    if prefix == "*":
        return _acted(text)
    if prefix in ("-->", "<--", "--", "=!=", ""):
        return _told(text, is_sure=True) or Said("other", text)
    mode = prefix[0] if prefix[0] in "@+%&~!" else ""
    return Said("message", text, prefix[len(mode) :], mode=mode)


def _acted(text: str) -> Said:
    who, _, rest = text.partition(" ")
    return Said("action", rest.strip() or text, who)


def _told(text: str, *, is_sure: bool) -> Said | None:
    """What a line of the server says; an action may be worded alike, so that one has to be complete unless `is_sure`."""
    if len(text) > _LONGEST:
        return None
    for what, patterns in _ALL:
        for pattern in patterns:
            found = pattern.fullmatch(text)
            if found is None:
                continue
            named = found.groupdict()
            is_bare = "host" not in named and what in ("joined", "left") and not named.get("room")
            if (
                not is_sure
                and is_bare
                and not re.search(
                    r"[(<\[]\S*[@!]|^(?:Joins|Parts|Quits?):|has quit|has left$|has joined$", text
                )
            ):
                continue
            if not is_sure and what == "topic" and not named.get("who") and not text.startswith("Topic "):
                continue
            return Said(
                what, text, named.get("who") or "", (named.get("room") or "").rstrip("."), named.get("by") or "",
                (named.get("new") or "").strip(), (named.get("why") or "").strip(),
            )  # fmt: skip
    return None


_ALL = (
    ("joined", _JOINED),
    ("kicked", _KICKED),
    ("left", _LEFT),
    ("renamed", _RENAMED),
    ("topic", _TOPIC),
    ("mode", _MODE),
)
