r"""`is_markdown_document`, `is_prose`: whether text is a document that a person wrote, and not a log.

The decision hidden here: what tells prose from logs. Lines of a log begin with stamps, levels and keys; headings of Markdown
stand after blank lines, comments in the logs of a database do not; prose has words, sentences and blank lines between.
"""

from __future__ import annotations

import re

__all__ = ["is_markdown_document", "is_prose"]

_LOG = re.compile(
    r"[\W_]{0,3}(?:\d{4}[-/.]?\d{2}[-/.]?\d{2}[T _-]\d{2}:?\d{2}|\d{2}[/.-]\w{2,3}[/.-]\d{2,4}[ :T]\d{2}:\d{2}"
    r"|[A-Z][a-z]{2} [ \d]?\d,? (?:\d{4} )?\d{2}:\d{2}:\d{2}|\[?\d{2}:\d{2}:\d{2}|\d{9,19}\b|<\d{1,3}>"
    r"|(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|FATAL|CRITICAL|SEVERE)\b[:\s\]]|\w+=\S+ \w+=)"
)
_ATX = re.compile(r" {0,3}#{1,6}[ \t]+\S")
_COMMENT = re.compile(r" {0,3}#{1,6}[ \t]+[\w@. -]{1,30}:[ \t]*\S*\d")
_UNDERLINE = re.compile(r" {0,3}(?:={3,}|-{3,})[ \t]*$")
_MARKUP = re.compile(r"[ \t]*(?:[-*+•]|\d{1,3}[.)]|>|\||#{1,6})[ \t]")
_SENTENCE = re.compile(r"[^\W\d_]{2,}[.!?:…][\"”’)]?$")
_WORD = re.compile(r"(?<![^\s*_\[(\"“])[^\W\d_]{2,}(?:['’-][^\W\d_]+)*(?![^\s.,;:!?*_\])\"”])")


def _lines(text: str) -> list[str]:
    """The lines of a sample; one that may be cut off is left out."""
    lines = text.removeprefix("\ufeff").splitlines()
    return lines[:-1] if len(lines) > 20 else lines


def _unfenced(lines: list[str]) -> list[str]:
    """The lines without code between fences."""
    found: list[str] = []
    is_inside = False
    for line in lines:
        if line.lstrip().startswith(("```", "~~~")):
            is_inside = not is_inside
        elif not is_inside:
            found.append(line)
    return found


def _is_wordy(line: str) -> bool:
    """Whether most of what stands on a line is words."""
    return len(_WORD.findall(line)) * 2 > len(line.split())


def _log_share(lines: list[str]) -> float:
    written = [line for line in lines if line.strip() and not _MARKUP.match(line)]
    return sum(_LOG.match(line) is not None for line in written) / len(written) if written else 0.0


def is_markdown_document(text: str) -> bool:
    r"""Whether text with headings of Markdown is a document.

    >>> is_markdown_document("# Report\n\nThe log-in failed.\n\n## What happened\n\n- it stopped")
    True
    >>> is_markdown_document("# Time: 241112\n# User@Host: a\nSELECT 1;\n# Time: 241113\nSELECT 2;")
    False
    """
    lines = _unfenced(_lines(text))
    heads = [i for i, line in enumerate(lines) if _ATX.match(line)]
    heads += [
        i - 1
        for i, line in enumerate(lines)
        if i and _UNDERLINE.match(line) and lines[i - 1].strip() and (i == 1 or not lines[i - 2].strip())
    ]
    if not heads or text.lstrip().startswith("<?xml") or _log_share(lines) > 0.2:
        return False
    body = [
        line for i, line in enumerate(lines) if line.strip() and i not in heads and not _UNDERLINE.match(line)
    ]
    written = sum(_MARKUP.match(line) is not None or _is_wordy(line) for line in body)
    if len(body) > 2 and written * 2 < len(body):
        return False
    if sum(_COMMENT.match(lines[i]) is not None for i in heads) * 2 > len(heads):
        return False
    apart = sum(i == 0 or not lines[i - 1].strip() or i - 1 in heads for i in heads)
    alone = sum(
        i and _ATX.match(lines[i]) is not None and i - 1 in heads and lines[i - 1].strip() != ""
        for i in heads
    )
    return apart * 5 >= len(heads) * 2 and alone * 2 <= len(heads)


def is_prose(text: str) -> bool:
    r"""Whether plain text is prose: lines of words that end in sentences, hardly one that begins like a log's.

    >>> is_prose("Report on the outage\n\nOn Tuesday morning the staff could not log in.\nThey used paper forms.\n")
    True
    >>> is_prose("2024-11-12 05:30:00 INFO log-in failed for user\n" * 3)
    False
    """
    lines = _lines(text)
    written = [line.strip() for line in lines if line.strip()]
    if len(written) < 2 or _log_share(lines) > 0.05:
        return False
    words = [_is_wordy(line) for line in written]
    sentences = sum(_SENTENCE.search(line) is not None for line in written)
    return sum(words) * 4 >= len(written) * 3 and sentences * 5 >= len(written)
