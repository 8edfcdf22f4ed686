r"""The text of a mail that Outlook kept as RTF only.

The decision hidden here: how much of RTF a mail needs. Groups that hold no text (fonts, colours, styles, pictures) are
passed over, `\par` and `\line` break lines, `\'xx` and `\u` are characters; HTML that Outlook wrapped in RTF
(`\fromhtml1`) is unwrapped to HTML again.

References:
    Rich Text Format 1.9.1; [MS-OXRTFEX] (encapsulated HTML).
"""

from __future__ import annotations

import re

__all__ = ["rtf_text"]

_TOKEN = re.compile(
    rb"\\(?:'(?P<hex>[0-9A-Fa-f]{2})|(?P<word>[A-Za-z]{1,32})(?P<number>-?\d{1,10})? ?|(?P<mark>[^A-Za-z]))"
    rb"|(?P<brace>[{}])|(?P<text>[^\\{}\r\n]+)|[\r\n]+|\\"
)
_SILENT = frozenset({"fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "listtable", "listoverridetable",
                     "generator", "themedata", "datastore", "latentstyles", "header", "footer", "fldinst", "rsidtbl"})  # fmt: skip
_BREAKS = {"par": "\n", "line": "\n", "sect": "\n", "page": "\n", "row": "\n", "tab": "\t", "cell": "\t",
           "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”",
           "bullet": "•"}  # fmt: skip


def rtf_text(data: bytes) -> tuple[str, bool]:
    r"""The text of RTF, and whether it is HTML that was wrapped in it.

    >>> rtf_text(rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}\f0 Redo\'e5\par nu}")
    ('Redoå\nnu', False)
    """
    is_html = b"\\fromhtml1" in data[:2_000]
    page = re.search(rb"\\ansicpg(\d{1,5})", data[:2_000])
    codec = f"cp{int(page[1])}" if page else "cp1252"
    try:
        b"".decode(codec)
    except LookupError:
        codec = "cp1252"
    out: list[str] = []
    held = bytearray()
    stack: list[tuple[bool, bool, int]] = []
    is_silent = is_hidden = False
    skip_after, skipped, is_starred = 1, 0, False

    def flush() -> None:
        if held:
            out.append(held.decode(codec, "replace"))
            held.clear()

    for found in _TOKEN.finditer(data):
        brace, word, text = found["brace"], found["word"], found["text"]
        if brace == b"{":
            stack.append((is_silent, is_hidden, skip_after))
            is_starred = False
        elif brace == b"}":
            if stack:
                is_silent, is_hidden, skip_after = stack.pop()
        elif word is not None:
            name = word.decode("ascii")
            number = int(found["number"]) if found["number"] else None
            if name == "htmltag" and is_html:
                is_silent = False
                is_hidden = False
            elif name in _SILENT or is_starred:
                is_silent = True
            elif name == "htmlrtf" and is_html:
                is_hidden = number != 0
            elif name == "uc":
                skip_after = max(0, number or 0)
            elif is_silent or is_hidden:
                pass
            elif name == "u" and number is not None:
                flush()
                code = number % 65_536
                out.append("\ufffd" if 0xD800 <= code <= 0xDFFF else chr(code))
                skipped = skip_after
                continue
            elif name in _BREAKS and not (is_html and name in ("par", "line", "tab")):
                flush()
                out.append(_BREAKS[name])
            is_starred = False
        elif found["mark"] is not None:
            if found["mark"] == b"*":
                is_starred = True
                continue
            if not (is_silent or is_hidden):
                flush()
                out.append({b"~": "\u00a0", b"_": "-", b"\n": "\n", b"\r": "\n"}.get(found["mark"], ""))
                if found["mark"] in (b"{", b"}", b"\\"):
                    out.append(found["mark"].decode("ascii"))
        elif found["hex"] is not None:
            if skipped:
                skipped -= 1
            elif not (is_silent or is_hidden):
                held.append(int(found["hex"], 16))
        elif text is not None:
            if skipped:
                text, skipped = text[skipped:], 0
            if not (is_silent or is_hidden):
                held.extend(text)
    flush()
    return "".join(out).strip(), is_html
