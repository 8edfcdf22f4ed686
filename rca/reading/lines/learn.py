"""A draft of a format for a log that nobody has described: written from its lines, for a person to finish.

The decision hidden here: how little a draft may claim. It states what was seen in how many lines, takes only
structure that nearly all of them share, and where no stamp is found it says so instead of drafting a format.

References:
    Zhu et al., "Tools and Benchmarks for Automated Log Parsing", ICSE-SEIP 2019, for what unknown logs look like.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rca.moments.stamps import compile_layout
from rca.reading.lines.formats import severity_number
from rca.reading.lines.layouts import Span, in_one_order, matches, usual_layouts
from rca.reading.lines.naming import COLUMN_NAMES
from rca.reading.lines.structure import LETTERS, Structure, shared_structure

__all__ = ["learn"]

_PRIORITY = 4
_MOST_LINES = 2_000
_SCOUTED = 60
_WITHIN = 160  # a stamp further into the line belongs to its text
_LEAST_SHARE = 0.5
_MOST_LAYOUTS = 5
_ZONES = frozenset(
    [
        "CET",
        "CEST",
        "EET",
        "EEST",
        "WET",
        "WEST",
        "BST",
        "MSK",
        "EST",
        "EDT",
        "CST",
        "CDT",
        "MST",
        "MDT",
        "PST",
        "PDT",
        "AKST",
        "AKDT",
        "HST",
        "AST",
        "ADT",
        "NST",
        "NDT",
        "JST",
        "KST",
        "IST",
        "SGT",
        "HKT",
        "AEST",
        "AEDT",
        "ACST",
        "ACDT",
        "AWST",
        "NZST",
        "NZDT",
        "SAST",
        "BRT",
        "ART",
    ]
)
_COUNT = r"1\d{9}(?:\.\d{1,9})?|1\d{12}|1\d{15}|1\d{18}"


def learn(lines: Sequence[str], *, name: str) -> str:
    r"""A TOML entry for the log that the lines are from, with comments that say what was seen and what to check.

    At most 2 000 lines are looked at, evenly spread. Where no stamp stands in most lines, the text holds no format.

    >>> text = learn(["2024-11-12 05:30:0%d [INFO] pump %d started" % (n, n) for n in range(9)], name="pumps")
    >>> print(next(line for line in text.splitlines() if line.startswith("pattern")))
    pattern = '^{stamp} \[(?P<severity>[^\]]*)\] (?P<message>.*)$'
    """
    clean = [line.rstrip("\r\n").encode("utf-8", "backslashreplace").decode() for line in lines]
    clean = [line for line in clean if line.strip()]
    step = max(1, len(clean) // _MOST_LINES)
    seen = clean[::step][:_MOST_LINES]
    called = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-") or "unknown"
    if not seen:
        return _nothing(called, ["No line holds anything but blanks."])
    objects = [found for line in seen if (found := _object(line)) is not None]
    if len(objects) >= 0.8 * len(seen):
        return _json_draft(called, seen, objects)
    records = [line for line in seen if not line[0].isspace()] or seen
    for spans in ((Span.MOMENT,), (Span.CLOCK, Span.DATE)):
        layouts = _layouts(records, spans)
        if layouts:
            return _draft(called, seen, records, layouts)
    return _nothing(
        called,
        [
            f"No usual way of writing a time stands in more than half of the {len(records)} lines that begin a record.",
            "Without a stamp a line can be an undated event, but no format can be drafted.",
            'If you see a time in these lines, write its layout by hand: layouts = ["…"].',
        ],
    )


def _nothing(called: str, reasons: Sequence[str]) -> str:
    return "".join(f"# {line}\n" for line in (f"No format was drafted for {called}.", *reasons))


# Where the stamp stands


def _pattern_of(layout: str) -> str:
    return _COUNT if layout == "epoch" else compile_layout(layout).pattern


def _reads(layout: str, text: str) -> bool:
    """Whether the text is a stamp in the layout; a word of capitals is a zone only where it is usual as one."""
    if layout == "epoch":
        return re.fullmatch(_COUNT, text) is not None
    run = re.match(
        r"(?:%[YymdHMS]){2,}", layout
    )  # digits without separators, which must be padded with zeros
    if run and len(text) - len(text.lstrip("0123456789")) != 2 * run[0].count("%") + 2 * run[0].count("%Y"):
        return False
    stamp = compile_layout(layout).parse(text)
    return stamp is not None and (stamp.abbreviation is None or stamp.abbreviation in _ZONES)


def _days(layout: str, stamps: Sequence[str]) -> int:
    """How many days the stamps span in a layout: of several readings of numbers, the one of the shortest log is likely."""
    if layout == "epoch":
        return 0
    found = [stamp for text in stamps if (stamp := compile_layout(layout).parse(text)) is not None]
    days = [(s.year or 2024) * 372 + (s.month or 1) * 31 + (s.day or 1) for s in found]
    return max(days) - min(days) if days else 0


def _stamp_in(line: str, layout: str, pattern: re.Pattern[str]) -> re.Match[str] | None:
    """The first place near the beginning of the line where a stamp stands by itself."""
    for found in pattern.finditer(line, 0, _WITHIN):
        after = line[found.end() : found.end() + 1]
        if not after.isdecimal() and _reads(layout, found[0]) and found[0] == found[0].strip():
            return found
    return None


def _layouts(records: Sequence[str], spans: Iterable[Span]) -> list[str]:
    """The layouts of the stamps, the one of most text first; none where fewer than half of the records have one."""
    patterns = {
        layout: re.compile(rf"(?<![\d.:])(?:{_pattern_of(layout)})")
        for span in spans
        for layout in usual_layouts(span)
    }
    scouts = records[:: max(1, len(records) // _SCOUTED)]
    likely = [k for k, p in patterns.items() if any(_stamp_in(line, k, p) for line in scouts)]
    waiting, chosen = list(records), list[str]()
    while waiting and len(chosen) < _MOST_LAYOUTS:
        lengths: dict[str, int] = {}
        days: dict[str, int] = {}
        for layout in likely:
            found = [m for line in waiting if (m := _stamp_in(line, layout, patterns[layout]))]
            least = max(2, _LEAST_SHARE * len(records)) if not chosen else max(2, 0.01 * len(records))
            if len(found) >= min(least, len(records)):
                days[layout] = _days(layout, [m[0] for m in found])
                lengths[layout] = (
                    sum(len(m[0]) for m in found) - (layout == "epoch") * sum(len(m[0]) for m in found) // 2
                )
        if not lengths:
            break
        best = max(lengths, key=lambda k: (lengths[k], -days[k], -likely.index(k)))
        chosen.append(best)
        waiting = [line for line in waiting if not _stamp_in(line, best, patterns[best])]
    return chosen


# The draft


@dataclass(slots=True)
class _Shape:
    """What stands before and after the stamp."""

    before: Structure
    after: Structure

    def pattern(self, *, is_plain: bool = False) -> str:
        tail = self.after.pattern
        if is_plain:
            tail = r"[^\w ]* *" if tail else ""
        return f"^{self.before.pattern}{{stamp}}{tail}(?P<message>.*)$"


def _draft(called: str, seen: Sequence[str], records: Sequence[str], layouts: Sequence[str]) -> str:
    stamps = [(layout, re.compile(rf"(?<![\d.:])(?:{_pattern_of(layout)})")) for layout in layouts]
    found = [
        (line, place)
        for line in records
        if (place := next((m for k, p in stamps if (m := _stamp_in(line, k, p))), None)) is not None
    ]
    before = shared_structure([line[: m.start()] for line, m in found], first_field=1, is_before=True)
    if any(before.rests):
        before = _loose_prefix([line[: m.start()] for line, m in found])
    is_named = sum(1 for name in before.values if name.startswith("field_"))
    after = shared_structure(
        [line[m.end() :] for line, m in found], first_field=1 + is_named, is_before=False
    )
    if "severity" in before.values and "severity" in after.values:
        values = {"severity_2" if k == "severity" else k: v for k, v in after.values.items()}
        after = Structure(after.pattern.replace("<severity>", "<severity_2>"), values, after.rests)
    shape = _Shape(before, after)
    lengths = {k: max((len(m[0]) for _, m in found if _reads(k, m[0])), default=0) for k in layouts}
    ordered = sorted(layouts, key=lambda k: -lengths[k])
    first, other = _orders(ordered, [m[0] for _, m in found])
    patterns = [shape.pattern()]
    taken = _taken(patterns, first, seen)
    wider = [*patterns, shape.pattern(is_plain=True)]
    if after.pattern and len(more := _taken(wider, first, seen)) > len(taken):
        patterns, taken = wider, more
    values = {**before.values, **after.values}
    notes = _notes(seen, records, found, first, other, taken, values)
    entry: dict[str, Any] = {"name": called, "title": f"{called}, drafted from its lines"}
    entry |= {"reference": f"none: drafted from {len(seen)} lines", "priority": _PRIORITY}
    if len(taken) < len(seen):
        entry["multiline"] = True
    entry |= {"pattern": patterns if len(patterns) > 1 else patterns[0], "layouts": first}
    if other:
        entry["other_layouts"] = other
    if before.letters or after.letters:
        seen_letters = sorted(word for word in values["severity"] if word.casefold() in LETTERS)
        entry["severity"] = {word: LETTERS[word.casefold()] for word in seen_letters}
    return _written(notes, entry, _samples(patterns, first, taken, entry.get("severity", {})))


def _loose_prefix(prefixes: Sequence[str]) -> Structure:
    """One field for prefixes of no common structure, without the bracket or quote that opens the stamp."""
    last = {prefix[-1:] for prefix in prefixes}
    opening = last.pop() if len(last) == 1 else ""
    opening = opening if opening and not opening.isalnum() else ""
    values = Counter(prefix.removesuffix(opening).strip() for prefix in prefixes)
    return Structure(f"(?P<field_1>.*?) *{re.escape(opening)}".replace(" * ", " +"), {"field_1": values})


def _orders(layouts: Sequence[str], stamps: Sequence[str]) -> tuple[list[str], list[str]]:
    """The layouts, and the same with day and month swapped where all stamps can be read both ways."""
    both: list[str] = []
    month_first = layouts[0].startswith("%m")
    for layout in layouts:
        turned = re.sub(r"^(%[md])([./-])(%[md])", r"\3\2\1", layout)
        mine = [stamp for stamp in stamps if _reads(layout, stamp)]
        is_open = turned != layout and all(_reads(turned, stamp) for stamp in mine)
        both.extend([layout, turned] if is_open else [layout])
    return in_one_order(list(dict.fromkeys(both)), month_first=month_first)


def _compiled(patterns: Sequence[str], layouts: Sequence[str]) -> list[str]:
    stamp = "|".join(_pattern_of(layout) for layout in layouts)
    return [pattern.replace("{stamp}", f"(?P<stamp>{stamp})") for pattern in patterns]


def _taken(patterns: Sequence[str], layouts: Sequence[str], lines: Sequence[str]) -> list[str]:
    """The lines that the patterns take, tried by the engine's own regex, with a stamp that is a possible date."""
    whole = _compiled(patterns, layouts)
    fits = zip(*(matches(pattern, lines) for pattern in whole), strict=True)
    kept: list[str] = []
    for line, some in zip(lines, fits, strict=True):
        pattern = next((p for p, is_fit in zip(whole, some, strict=True) if is_fit), None)
        found = re.match(pattern, line, re.DOTALL | re.ASCII) if pattern else None
        if found and any(_reads(layout, found["stamp"]) for layout in layouts):
            kept.append(line)
    return kept


def _notes(
    seen: Sequence[str],
    records: Sequence[str],
    found: Sequence[tuple[str, re.Match[str]]],
    layouts: Sequence[str],
    other: Sequence[str],
    taken: Sequence[str],
    values: Mapping[str, Counter[str]],
) -> list[str]:
    notes = [
        f"Drafted from {len(seen)} lines. Check it before you rely on it.",
        f"Seen: a stamp in {len(found)} of {len(records)} lines that do not begin with a blank.",
        f"Seen: the pattern takes {len(taken)} of {len(seen)} lines.",
    ]
    if len(taken) < len(seen):
        blanks = len(seen) - len(records)
        notes.append(
            f"Check: the other {len(seen) - len(taken)} ({blanks} begin with a blank) are folded into the record before."
        )
    if other:
        notes.append(
            "Check: no stamp tells day from month, so the file decides between layouts and other_layouts."
        )
    joined = "".join(layouts)
    if re.search(r"%[ydm][./-]%[ydm][./-]%[ydm]", joined):
        notes.append("Check: which of the three numbers of a date is the year, the month and the day.")
    if not any(part in joined for part in ("iso", "epoch", "%d", "%e", "%j")):
        notes.append(
            "Check: the stamps have no date. It must come from the file's name, a header or --anchor."
        )
    elif not any(part in joined for part in ("iso", "epoch", "%Y", "%y")):
        notes.append("Check: the stamps have no year. It is inferred and recorded as an assumption.")
    for key, counts in values.items():
        most = ", ".join(f"{_basic(value[:40])} {times}×" for value, times in counts.most_common(4))
        more = f" and {len(counts) - 4} more" if len(counts) > 4 else ""
        notes.append(f"Seen as {key}: {most}{more}.")
        if key.startswith("field_"):
            notes.append(
                f"Check: {key} wants a name, such as subject (host), component (program) or actor (who)."
            )
    return notes


def _samples(
    patterns: Sequence[str], layouts: Sequence[str], taken: Sequence[str], words: Mapping[str, int]
) -> list[dict[str, Any]]:
    """Two lines that are unlike each other, with what the pattern finds in them."""
    parts: list[tuple[str, dict[str, str]]] = []
    for line in taken:
        for pattern in _compiled(patterns, layouts):
            if found := re.match(pattern, line, re.DOTALL | re.ASCII):
                parts.append((line, {k: v for k, v in found.groupdict().items() if v}))
                break
    if not parts:
        return []
    first = parts[0]

    def unlikeness(other: tuple[str, dict[str, str]]) -> tuple[bool, int, int]:
        is_other_level = other[1].get("severity") != first[1].get("severity")
        return is_other_level, len(set(other[1]) ^ set(first[1])), abs(len(other[0]) - len(first[0]))

    chosen = [first, max(parts[1:], key=unlikeness)] if len(parts) > 1 else [first]
    samples: list[dict[str, Any]] = []
    for line, groups in chosen:
        expect: dict[str, Any] = {"time_text": groups["stamp"]}
        word = groups.get("severity", "")
        number = words.get(word) or severity_number(word)
        if number is not None:
            expect["severity"] = number
        expect |= {k: groups[k] for k in ("pid", "message") if groups.get(k)}
        samples.append({"line": line, "expect": expect})
    return samples


# Lines of JSON


def _object(line: str) -> dict[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        found = json.loads(line, parse_float=str, parse_int=str)
    except (json.JSONDecodeError, RecursionError):
        return None
    return _flat(found) if isinstance(found, dict) else None


def _flat(found: Mapping[str, Any]) -> dict[str, Any]:
    """An object with the keys of its objects reached by dots, one level deep."""
    flat: dict[str, Any] = {}
    for key, value in found.items():
        if isinstance(value, dict):
            flat |= {f"{key}.{inner}": v for inner, v in value.items()}
        else:
            flat[key] = value
    return flat


def _json_draft(called: str, seen: Sequence[str], objects: Sequence[Mapping[str, Any]]) -> str:
    texts = {
        key: [str(o[key]) for o in objects if isinstance(o.get(key), str | int)]
        for key in dict.fromkeys(k for o in objects for k in o)
    }
    common = {key: values for key, values in texts.items() if len(values) >= _LEAST_SHARE * len(objects)}
    usual = {name: n for n, name in enumerate(COLUMN_NAMES["stamp"])}
    best: tuple[int, int, str, list[str]] | None = None
    for key, values in common.items():
        pattern_fits = [
            k
            for k in usual_layouts(Span.MOMENT)
            if _reads(k, values[0]) and all(_reads(k, v) for v in values)
        ]
        rank = (usual.get(key.casefold(), len(usual)), list(common).index(key), key, pattern_fits)
        if pattern_fits and (best is None or rank < best):
            best = rank
    notes = [
        f"Drafted from {len(seen)} lines, {len(objects)} of them JSON objects. Check it before you rely on it."
    ]
    if best is None:
        return _nothing(called, [*notes, "No key holds a time in a usual way of writing."])
    stamp, layouts = best[2], best[3][:1]
    keys = {"stamp": [stamp]}
    notes.append(
        f"Seen: the key {_basic(stamp)} holds a stamp in {len(common[stamp])} of {len(objects)} objects."
    )
    level = next((k for k, v in common.items() if all(severity_number(word) for word in v)), None)
    words = [k for k in common if k.casefold().rpartition(".")[2] in COLUMN_NAMES["message"]]
    longest = max(
        (k for k in common if k not in (stamp, level)), key=lambda k: len("".join(common[k])), default=None
    )
    for column, chosen in (("severity", level), ("message", words[0] if words else longest)):
        if chosen is not None:
            keys[column] = [chosen]
            notes.append(f"Seen as {column}: the key {_basic(chosen)}.")
    notes.append("Check: every other key becomes an attribute under its own name.")
    entry: dict[str, Any] = {"name": called, "title": f"{called}, drafted from its lines"}
    entry |= {"reference": f"none: drafted from {len(seen)} lines", "priority": _PRIORITY, "json": True}
    entry |= {"layouts": layouts, "keys": keys}
    samples = [
        {"line": line, "expect": {"time_text": str(found[stamp])}}
        for line in seen
        if (found := _object(line)) is not None and stamp in found
    ]
    if len(samples) > 1:
        samples = [samples[0], max(samples[1:], key=lambda sample: len(str(sample["line"])))]
    return _written(notes, entry, samples)


# TOML


def _basic(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _quoted(value: Any) -> str:
    """A value as TOML; texts as they are where a literal string can hold them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return f"'{value}'" if "'" not in value and value.isprintable() else _basic(value)
    if isinstance(value, Mapping):
        pairs = (
            f"{k if re.fullmatch(r'[A-Za-z0-9_-]+', k) else _basic(k)} = {_quoted(v)}"
            for k, v in value.items()
        )
        return f"{{ {', '.join(pairs)} }}"
    return f"[{', '.join(map(_quoted, value))}]"


def _written(notes: Sequence[str], entry: Mapping[str, Any], samples: Sequence[Mapping[str, Any]]) -> str:
    parts = [f"# {note}\n" for note in notes]
    parts.append("\n[[format]]\n")
    parts.extend(f"{key} = {_quoted(value)}\n" for key, value in entry.items())
    for sample in samples:
        parts.append("\n[[format.samples]]\n")
        parts.extend(f"{key} = {_quoted(value)}\n" for key, value in sample.items())
    return "".join(parts)
