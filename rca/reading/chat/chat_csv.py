"""Chats exported as CSV: DiscordChatExporter, Discord's data package, Mattermost's compliance export.

The decision hidden here: which columns make a table a chat of one of these products. A row is a message, or what its type says.

References:
    Tyrrrz/DiscordChatExporter (CsvMessageWriter); Discord support, "Your Discord data package"; Mattermost documentation,
    "Compliance export" (CSV).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from rca.evidence.opening import is_binary, mark_length
from rca.reading.chat.chat_telling import ChatTeller, Message
from rca.reading.records import cells, read_records, sniff_delimiter
from rca.reading.source import Sample, Source
from rca.reading.telling import Place
from rca.reading.window import plain_encoding

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ChatCsvReader"]

_NEEDED = {
    "discord": {"authorid", "author", "date", "content", "attachments", "reactions"},
    "discord-own": {"id", "timestamp", "contents", "attachments"},
    "mattermost": {"post creation time", "channel id", "user id", "post id", "post message", "post type"},
}


def _header_of(text: str) -> tuple[str, str, list[str]] | None:
    """The product, delimiter and columns that the first line names."""
    first = text.lstrip("\ufeff").partition("\n")[0].rstrip("\r")
    delimiter = sniff_delimiter(first + "\n")
    if delimiter is None:
        return None
    names = [one.strip().casefold() for one in cells(first, delimiter)]
    product = next((name for name, needed in _NEEDED.items() if needed <= set(names)), "")
    is_wide = product == "discord-own" and len(names) > 4
    return (product, delimiter, names) if product and not is_wide else None


class ChatCsvReader:
    """Reads chats of Discord and Mattermost from CSV, one event a message, join or leave."""

    name = "chat-csv"
    version = "1"
    title = "chats as CSV: DiscordChatExporter, Discord's data package, Mattermost's compliance export"
    suffixes = (".csv",)

    def score(self, sample: Sample) -> float:
        """0.98 for the columns of one of these exports, else 0."""
        if not sample.head.strip() or is_binary(sample.head):
            return 0.0
        return 0.98 if _header_of(sample.text) else 0.0

    def read(self, source: Source) -> Iterator[pa.RecordBatch]:
        """The events of the rows, in file order."""
        encoding, mark = plain_encoding(source), mark_length(source.head)
        source.structure_bytes(0, mark)
        product, delimiter, names = _header_of(source.head[mark:].decode(encoding, errors="replace")) or (
            "",
            ",",
            [],
        )
        teller = ChatTeller(source, self, system=product.partition("-")[0] or "chat")
        tell = _TELLERS.get(product)
        is_header = True
        with source.open() as stream:
            stream.read(mark)
            for record in read_records(
                stream, start=mark, delimiter=delimiter, encoding=encoding, width=len(names) or None
            ):
                text = record.raw.decode(encoding, errors="replace").rstrip("\r\n")
                locator = (
                    f"L{record.line}"
                    if record.line == record.last_line
                    else f"L{record.line}-{record.last_line}"
                )
                row = dict(zip(names, (one.strip() for one in cells(text, delimiter)), strict=False))
                if not text.strip():
                    source.blank_bytes(record.start, len(record.raw))
                elif is_header:
                    is_header = False
                    source.structure_bytes(record.start, len(record.raw))
                elif tell is None or len(row) < 2:
                    source.unparsed_bytes(record.start, record.raw, place=locator, reason="no row of a chat")
                else:
                    source.event_bytes(record.start, len(record.raw))
                    tell(teller, row, Place(locator, record.start, len(record.raw), record.line))
                    yield from teller.batches()
        if product.startswith("discord"):
            teller.note_absence("edits, deletions and to what a message answers")
        if product == "discord-own":
            teller.note_absence("messages of others: a data package holds those of its owner only")
        yield from teller.rest()


def _tell_discord(teller: ChatTeller, row: Mapping[str, str], place: Place) -> None:
    said = Message(
        stamp=row.get("date", ""), who=row.get("author", ""), text=row.get("content", ""),
        fields={"user": row.get("authorid", ""), "files": row.get("attachments", ""), "reactions": row.get("reactions", "")},
    )  # fmt: skip
    teller.tell_message(said, place)


def _tell_own(teller: ChatTeller, row: Mapping[str, str], place: Place) -> None:
    said = Message(
        key=row.get("id", ""),
        stamp=row.get("timestamp", ""),
        text=row.get("contents", ""),
        fields={"files": row.get("attachments", "")},
    )
    teller.tell_message(said, place)


def _tell_mattermost(teller: ChatTeller, row: Mapping[str, str], place: Place) -> None:
    kind = row.get("post type", "").casefold()
    channel = row.get("channel display name") or row.get("channel name") or row.get("channel id", "")
    said = Message(
        key=row.get("post id", ""), stamp=row.get("post creation time", ""), who=row.get("username") or row.get("user id", ""),
        text=row.get("post message", ""), channel=channel, place_key=row.get("channel id", ""),
        unit=row.get("team display name") or row.get("team name", ""), answers=row.get("replied to post id", ""),
        fields={"user": row.get("user id", ""), "mail": row.get("user email", ""), "type": kind, "user_type": row.get("user type", ""),
                "edited_by_post": row.get("edited by post id", "")},
    )  # fmt: skip
    if kind in ("enter", "leave", "previously-joined"):
        said.fields["presence"] = "when the export begins" if kind == "previously-joined" else ""
        teller.tell_presence(said, place, [said.who], left=kind == "leave")
    elif kind == "deleted attachment":
        teller.tell_later("chat.deleted", said, place, old=said.text)
    else:
        if kind == "attachment":
            said.fields["files"] = said.text
        teller.tell_message(said, place)


_TELLERS: dict[str, Callable[[ChatTeller, Mapping[str, str], Place], None]] = {
    "discord": _tell_discord,
    "discord-own": _tell_own,
    "mattermost": _tell_mattermost,
}
