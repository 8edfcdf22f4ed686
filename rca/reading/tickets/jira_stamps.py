"""`read_jira_stamp`: a stamp as Jira's interface writes it in the language of the user who exported.

The decision hidden here: which month names and halves of the day count, in the languages that Jira's interface has. An
export writes `03/okt/24 9:26 EM` for a Swede and `18/jul/26 9:10 AM` for a Spaniard, without a zone. A beginning that
could be two months ("jui") is read as none. Dates in figures are left to `rca.reading.dating`, which tells their order.

References:
    Atlassian, "Configuring the look and feel of Jira applications" (date formats; `dd/MMM/yy h:mm a`); Unicode CLDR,
    names of months and day periods.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from rca.moments.stamps import Stamp, compile_layout
from rca.reading.dating import is_stamp

__all__ = ["has_short_year", "is_jira_stamp", "month_of", "read_jira_stamp"]

# A line a language, January to December: English, Swedish, Norwegian, Danish, Finnish, German, Austrian, Spanish, French,
# Portuguese, Italian, Dutch, Polish and Russian in two cases, Ukrainian, Czech in two cases, Slovak, Hungarian, Romanian,
# Turkish, Estonian, Icelandic.
_NAMES = """
january february march april may june july august september october november december
januari februari mars april maj juni juli augusti september oktober november december
januar februar mars april mai juni juli august september oktober november desember
januar februar marts april maj juni juli august september oktober november december
tammikuu helmikuu maaliskuu huhtikuu toukokuu kesäkuu heinäkuu elokuu syyskuu lokakuu marraskuu joulukuu
januar februar märz april mai juni juli august september oktober november dezember
jänner feber märz april mai juni juli august september oktober november dezember
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
janvier février mars avril mai juin juillet août septembre octobre novembre décembre
janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro
gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre
januari februari maart april mei juni juli augustus september oktober november december
styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień
stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia
январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
січень лютий березень квітень травень червень липень серпень вересень жовтень листопад грудень
leden únor březen duben květen červen červenec srpen září říjen listopad prosinec
ledna února března dubna května června července srpna září října listopadu prosince
január február marec apríl máj jún júl august september október november december
január február március április május június július augusztus szeptember október november december
ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie
ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
jaanuar veebruar märts aprill mai juuni juuli august september oktoober november detsember
janúar febrúar mars apríl maí júní júlí ágúst september október nóvember desember
1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月
一月 二月 三月 四月 五月 六月 七月 八月 九月 十月 十一月 十二月
1월 2월 3월 4월 5월 6월 7월 8월 9월 10월 11월 12월
"""
_SHORT = {"mar": 3, "mrz": 3, "mrt": 3, "mai": 5, "čvn": 6, "čvc": 7}
"""Abbreviations that are no beginning of a name, or of two; then the months that they are written for."""
_FIRST_HALF = "am a.m fm f.m ap ap. vorm öö dop de дп sa πμ 上午 午前 오전"
_OTHER_HALF = "pm p.m em e.m ip ip. nachm ös odp du пп ch μμ 下午 午後 오후"
_GAP = r"[ \u00a0\u202f]"
_MONTH = r"(?P<month>[^\W\d_]{3,12}|1?\d[月월]|十?[一二三四五六七八九十]月)\.?"
_HALF = rf"[^\W\d_]{{2,5}}\.?|[^\W\d_]\.{_GAP}?[^\W\d_]\.?"
_CLOCK = (
    rf"(?:(?:,|,?{_GAP}+(?:kl|um|à|a las|às|alle|alle ore|o|at|в|klo)\.?)?{_GAP}+"
    rf"(?:(?P<before>[^\W\d_]{{2}}){_GAP}*(?=\d))?"
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?"
    rf"(?:{_GAP}*(?P<half>{_HALF}))?)?"
)
_LAYOUTS = tuple(
    re.compile(date + _CLOCK)
    for date in (
        rf"(?P<day>\d{{1,2}})(?:\.?(?P<mark>[/\-]|{_GAP})|\.)(?:de )?{_MONTH}(?:[/\-]|,?{_GAP}(?:de )?|(?<=\.))(?P<year>\d{{4}}|\d{{2}})",
        rf"{_MONTH}(?:[/\-]|{_GAP})(?P<day>\d{{1,2}})(?:[/\-]|,?{_GAP})(?P<year>\d{{4}}|\d{{2}})",
        rf"(?P<year>\d{{4}})(?:[/\-.年]|\.?{_GAP}){_MONTH}(?:[/\-]|{_GAP})(?P<day>\d{{1,2}})\.?",
        r"(?P<year>\d{4})(?P<mark>[/\-.])(?P<number>\d{1,2})(?P=mark)(?P<day>\d{1,2})",
    )
)
_FIGURES = re.compile(r"\d{1,2}[/.\-]\d{1,2}[/.\-]\d{2}(?!\d)")
_LONGEST = 60


def _plain(name: str) -> str:
    """A name without accents, for exports that lost them."""
    return "".join(mark for mark in unicodedata.normalize("NFD", name) if not unicodedata.combining(mark))


@cache
def _months() -> dict[str, int]:
    """The number of a month by each beginning of its names that belongs to no other month."""
    found: dict[str, set[int]] = {}
    for line in _NAMES.split("\n"):
        for number, name in enumerate(line.split(), start=1):
            for spelling in (name, _plain(name)):
                for end in range(min(3, len(spelling)), len(spelling) + 1):
                    found.setdefault(spelling[:end], set()).add(number)
    return {name: next(iter(numbers)) for name, numbers in found.items() if len(numbers) == 1} | _SHORT


@cache
def _halves() -> dict[str, str]:
    return dict.fromkeys(_FIRST_HALF.split(), "AM") | dict.fromkeys(_OTHER_HALF.split(), "PM")


def month_of(name: str) -> int | None:
    """The number of the month that `name` is or abbreviates, in any language of Jira's; None where it could be two.

    >>> month_of("okt."), month_of("août"), month_of("янв"), month_of("jui")
    (10, 8, 1, None)
    """
    return _months().get(name.rstrip(".").casefold())


@lru_cache(maxsize=8192)
def read_jira_stamp(text: str) -> Stamp | None:
    """The stamp that `text` is with a month in words, or with its year first; None for all else.

    >>> stamp = read_jira_stamp("03/okt/24 9:26 EM")
    >>> (stamp.year, stamp.month, stamp.day, stamp.hour, stamp.minute, stamp.offset)
    (2024, 10, 3, 21, 26, None)
    >>> read_jira_stamp("31/feb/24 9:26 AM")
    """
    whole = text.strip()
    if not whole or len(whole) > _LONGEST:
        return None
    for layout in _LAYOUTS:
        found = layout.fullmatch(whole)
        if found is not None:
            stamp = _read_parts(found, text)
            if stamp is not None:
                return stamp
    return None


def _read_parts(found: re.Match[str], text: str) -> Stamp | None:
    parts = found.groupdict()
    number = int(parts["number"]) if parts.get("number") else month_of(parts.get("month") or "")
    if number is None:
        return None
    year, day = parts["year"], parts["day"]
    if len(year) == 2 and (parts.get("month") or "").endswith(("月", "월")):
        year, day = day.zfill(2), year  # these languages put the year first
    written = f"{year}/{number}/{day}"
    layout = "%Y/%m/%d" if len(year) == 4 else "%y/%m/%d"
    if parts["hour"]:
        half = ""
        word = parts["half"] or parts["before"]
        if word:
            key = re.sub(r"[ \u00a0\u202f]", "", word.casefold())
            half = _halves().get(key) or _halves().get(key.rstrip(".")) or ""
            if not half:
                return None
        written += f" {parts['hour']}:{parts['minute']}"
        layout += f" {'%I' if half else '%H'}:%M"
        if parts["second"]:
            written, layout = f"{written}:{parts['second']}", f"{layout}:%S"
        if half:
            written, layout = f"{written} {half}", f"{layout} %p"
    stamp = compile_layout(layout).parse(written)
    if stamp is None:
        return None
    from dataclasses import replace

    return replace(stamp, text=text)


def has_short_year(text: str) -> bool:
    """Whether the year of a stamp that `read_jira_stamp` reads has two digits: then its century is assumed.

    >>> has_short_year("22/Sep/25 9:26 AM"), has_short_year("22/Sep/2025 9:26 AM")
    (True, False)
    """
    whole = text.strip()
    if len(whole) > _LONGEST:
        return False
    return any(
        found is not None and len(found["year"]) == 2
        for found in (layout.fullmatch(whole) for layout in _LAYOUTS)
    )


def is_jira_stamp(text: str) -> bool:
    """Whether `text` is a date that a Jira export may hold, in words or in figures."""
    return len(text) <= _LONGEST and (read_jira_stamp(text) is not None or is_stamp(text))
