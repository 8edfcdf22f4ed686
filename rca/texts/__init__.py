"""Every sentence that the reader of a figure, page or report sees, in Swedish and English, keyed by id.

The decision hidden here: texts live in `sv.toml` and `en.toml`, never in code; a key that one language lacks fails a
test. Codes, JSON and data files stay in English.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from rca.errors import UsageError, did_you_mean

__all__ = ["catalogue", "languages", "say"]

_LANGUAGES = ("en", "sv")


def languages() -> tuple[str, ...]:
    """The languages of the catalogue."""
    return _LANGUAGES


@cache
def catalogue(language: str) -> dict[str, str]:
    """All texts of one language, flat: `{"timeline.title": "…"}`."""
    if language not in _LANGUAGES:
        raise UsageError(f'There are no texts in "{language}"', hint=did_you_mean(language, _LANGUAGES))
    raw = tomllib.loads(resources.files(__package__).joinpath(f"{language}.toml").read_text(encoding="utf-8"))
    return {f"{room}.{key}": text for room, entries in raw.items() for key, text in entries.items()}


def say(key: str, language: str = "en", /, **values: object) -> str:
    """The text `key` in `language`, its `{placeholders}` filled.

    >>> say("timeline.hidden", "en", n=14)
    '+14'
    """
    texts = catalogue(language)
    if key not in texts:
        raise UsageError(f'There is no text "{key}"', hint=did_you_mean(key, texts))
    return texts[key].format(**values)
