"""The words of dates in Finnish, in the cases in which dates stand.

References:
    Kotimaisten kielten keskus, Kielitoimiston ohjepankki, "Päiväykset" and "Kellonajat"; Kielitoimiston sanakirja.
"""

from rca.moments.spoken.lexicon import Kind, Table

__all__ = ["WORDS"]

_MONTHS = (
    "tammi",
    "helmi",
    "maalis",
    "huhti",
    "touko",
    "kesä",
    "heinä",
    "elo",
    "syys",
    "loka",
    "marras",
    "joulu",
)
_MONTH_CASES = ("kuu", "kuuta", "kuun", "kuussa", "kuusta", "kuuhun", "kuulla", "kuulta", "kuuksi")
_WEEKDAYS = ("maanantai", "tiistai", "keskiviikko", "torstai", "perjantai", "lauantai", "sunnuntai")
_WEEKDAY_STEMS = ("maanantai", "tiistai", "keskiviiko", "torstai", "perjantai", "lauantai", "sunnuntai")
_PARTS = {
    "morning": "aamu|aamuna|aamulla|aamun|aamusta",
    "forenoon": "aamupäivä|aamupäivänä|aamupäivällä|aamupäivän",
    "afternoon": "iltapäivä|iltapäivänä|iltapäivällä|iltapäivän",
    "evening": "ilta|iltana|illalla|illan",
    "night": "yö|yönä|yöllä|yön",
}
_NUMBERS = (
    "yksi",
    "kaksi",
    "kolme",
    "neljä",
    "viisi",
    "kuusi",
    "seitsemän",
    "kahdeksan",
    "yhdeksän",
    "kymmenen",
)
_GENITIVES = (
    "yhden",
    "kahden",
    "kolmen",
    "neljän",
    "viiden",
    "kuuden",
    "seitsemän",
    "kahdeksan",
    "yhdeksän",
    "kymmenen",
)
_PARTITIVES = (
    "yhtä",
    "kahta",
    "kolmea",
    "neljää",
    "viittä",
    "kuutta",
    "seitsemää",
    "kahdeksaa",
    "yhdeksää",
    "kymmentä",
)
_ABLATIVES = (
    "yhdeltä",
    "kahdelta",
    "kolmelta",
    "neljältä",
    "viideltä",
    "kuudelta",
    "seitsemältä",
    "kahdeksalta",
    "yhdeksältä",
    "kymmeneltä",
)
_ORDINALS = (
    "ensimmäinen",
    "toinen",
    "kolmas",
    "neljäs",
    "viides",
    "kuudes",
    "seitsemäs",
    "kahdeksas",
    "yhdeksäs",
    "kymmenes",
)
_ORDINAL_CASES = (
    "ensimmäisenä|ensimmäisen|ensimmäisellä",
    "toisena|toisen|toisella",
    "kolmantena|kolmannen|kolmannella",
    "neljäntenä|neljännen|neljännellä",
    "viidentenä|viidennen",
    "kuudentena|kuudennen",
    "seitsemäntenä|seitsemännen",
    "kahdeksantena|kahdeksannen",
    "yhdeksäntenä|yhdeksännen",
    "kymmenentenä|kymmenennen",
)
_TEENS = ("yhdes", "kahdes", "kolmas", "neljäs", "viides", "kuudes", "seitsemäs", "kahdeksas", "yhdeksäs")


def _forms(number: int) -> str:
    """A number from 1 to 19 in the cases in which times of day stand."""
    columns = (_NUMBERS, _GENITIVES, _PARTITIVES, _ABLATIVES)
    if number <= 10:
        return "|".join(dict.fromkeys(column[number - 1] for column in columns))
    return "|".join(dict.fromkeys(column[number - 11] + "toista" for column in columns))


def _weekday_forms(number: int) -> str:
    name, stem = _WEEKDAYS[number], _WEEKDAY_STEMS[number]
    return f"{name}|{name}na|{name}ta|{stem}n|{stem}sta|{stem}lle|{stem}lta|{name}hin|{stem}ksi"


WORDS: Table = {
    Kind.MONTH: {
        number: "|".join(name + case for case in _MONTH_CASES) for number, name in enumerate(_MONTHS, 1)
    },
    Kind.MONTH_SHORT: {number: f"{name}|{name}k" for number, name in enumerate(_MONTHS, 1)},
    Kind.WEEKDAY: {number: _weekday_forms(number) for number in range(7)},
    Kind.WEEKDAY_SHORT: {0: "ma", 1: "ti", 2: "ke", 3: "to", 4: "pe", 5: "la", 6: "su"},
    Kind.WEEKDAY_PART: {
        (number, part): "|".join(f"{name}{joint}{word}" for joint in ("", "-") for word in words.split("|"))
        for number, name in enumerate(_WEEKDAYS)
        for part, words in _PARTS.items()
    },
    Kind.HABIT: {
        0: "|".join(f"{name}sin" for name in (*_WEEKDAYS[:2], "keskiviikkoi", *_WEEKDAYS[3:]))
        + "|päivittäin|viikoittain|arkisin|viikonloppuisin|joka päivä|joka viikko",
    },
    Kind.EVERY: {0: "joka|jokaisena|kaikki"},
    Kind.NUMBER: {number: _forms(number) for number in range(2, 20)}
    | {
        20: "kaksikymmentä|kahdenkymmenen|kahtakymmentä|kahdeltakymmeneltä",
        25: "kaksikymmentäviisi|kahtakymmentäviittä|kahdenkymmenenviiden",
        30: "kolmekymmentä|kolmenkymmenen|kolmeakymmentä",
        40: "neljäkymmentä|neljänkymmenen",
        45: "neljäkymmentäviisi",
        50: "viisikymmentä|viidenkymmenen",
    },
    Kind.ARTICLE_NUMBER: {1: "yksi|yhden|yhtä|yhdeltä"},
    Kind.ORDINAL: {
        number: f"{name}|{cases}"
        for number, (name, cases) in enumerate(zip(_ORDINALS, _ORDINAL_CASES, strict=True), 1)
    }
    | {10 + number: f"{name}toista" for number, name in enumerate(_TEENS, 1)}
    | {20: "kahdeskymmenes", 30: "kolmaskymmenes", 31: "kolmaskymmenesensimmäinen"}
    | {20 + number: f"kahdeskymmenes{name}" for number, name in enumerate(_ORDINALS[:9], 1)},
    Kind.DAY: {
        -2: "toissapäivänä|toissa päivänä",
        -1: "eilen|eilinen|eilisen",
        0: "tänään",
        1: "huomenna|huomisen|huomiseen",
        2: "ylihuomenna",
    },
    Kind.DAY_PART: {
        (-1, "morning"): "eilisaamuna|eilisaamulla",
        (-1, "evening"): "eilisiltana|viime iltana|eilisillalla",
        (0, "morning"): "tänä aamuna",
        (0, "forenoon"): "tänä aamupäivänä",
        (0, "afternoon"): "tänä iltapäivänä",
        (0, "evening"): "tänä iltana",
        (0, "night"): "viime yönä",
        (1, "night"): "ensi yönä",
        (1, "morning"): "huomisaamuna",
    },
    Kind.NIGHT_VAGUE: {0: "tänä yönä"},
    Kind.NIGHT_AFTER: {0: "vastaisena yönä|vastaisen yön|vastaisen yön aikana|vasten yöllä"},
    Kind.NIGHT_BETWEEN_AFTER: {0: "välisenä yönä|välisen yön"},
    Kind.PART: {(0, part): words for part, words in _PARTS.items()}
    | {(0, "lunchtime"): "lounasaikaan|lounasaika|keskipäivällä|lounaan aikaan"},
    Kind.LAST: {0: "viime|edellisenä|edellisellä"},
    Kind.NEXT: {0: "ensi|seuraavana|seuraavalla"},
    Kind.THIS: {0: "tällä|tänä|tässä|kuluvalla|kuluvana"},
    Kind.COMING: {0: "tulevana"},
    Kind.UNIT: {
        (1, "second"): "sekunti|sekuntia|sekunnin",
        (1, "minute"): "minuutti|minuuttia|minuutin|min",
        (15, "minute"): "vartti|varttia|vartin",
        (30, "minute"): "puoli tuntia",
        (1, "hour"): "tunti|tuntia|tunnin",
        (1, "day"): "päivä|päivää|päivän|vuorokausi|vuorokautta|vuorokauden",
        (1, "week"): "viikko|viikkoa|viikon|viikolla",
        (1, "month"): "kuukausi|kuukautta|kuukauden|kuukautena|kuussa|kuukaudessa",
        (3, "month"): "vuosineljännes|vuosineljänneksellä|vuosineljänneksen|neljänneksellä",
        (1, "year"): "vuosi|vuotta|vuoden|vuonna",
    },
    Kind.PERIOD: {
        (0, "year"): "tänä vuonna",
        (-1, "year"): "viime vuonna",
        (-2, "year"): "toissa vuonna|toissavuonna",
    },
    Kind.WEEK: {0: "viikko|viikolla|viikon|viikkoa|vk|vko"},
    Kind.WEEK_OF: {0: "viikolla joka alkaa"},
    Kind.FRACTION: {
        3: "neljännes|vuosineljännes|neljänneksellä|vuosineljänneksellä|neljänneksen|kvartaali|kvartaalilla",
        4: "vuosikolmannes|kolmannes|kolmanneksella",
        6: "vuosipuolisko|puolivuosi|vuosipuoliskolla",
    },
    Kind.SEASON: {
        0: "kevät|keväällä|kevään|keväänä|keväästä",
        1: "kesä|kesällä|kesän|kesänä|kesästä",
        2: "syksy|syksyllä|syksyn|syksynä|syksystä",
        3: "talvi|talvella|talven|talvena|talvesta",
    },
    Kind.YEAR: {0: "vuosi|vuonna|vuoden|vuodesta|v"},
    Kind.THIRD_AFTER: {
        0: "alussa|alkupuolella|alkaessa",
        1: "puolivälissä|puolessavälissä|puolivälin",
        2: "lopussa|lopulla|loppupuolella",
    },
    Kind.CLOCK: {0: "@|klo|kello"},
    Kind.ABOUT: {0: "noin|n|suunnilleen"},
    Kind.HALF_TO: {0: "puoli"},
    Kind.QUARTER_HOUR: {0: "vartti|varttia|vartin"},
    Kind.MINUTES: {0: "minuuttia|min"},
    Kind.TO: {0: "vaille|vailla"},
    Kind.PAST: {0: "yli"},
    Kind.MIDNIGHT: {0: "keskiyö|keskiyöllä|puoliyö|puoliyöllä"},
    Kind.AGO: {0: "sitten"},
    Kind.FROM_NOW: {0: "kuluttua|päästä"},
    Kind.SUMMER_TIME: {0: "kesäaikaa|kesäaika"},
    Kind.WINTER_TIME: {0: "talviaikaa|normaaliaikaa|talviaika|normaaliaika"},
    Kind.DAY_WORD: {0: "päivänä|päivä|päivään|päivän|pnä|p"},
    Kind.AND: {0: "ja"},
    Kind.LIMIT: {
        0: "viimeistään|ennen|jälkeen|alkaen|asti|pvm|päivätty|mennessä|vuonna|vuoden|klo|määräaika",
    },
    Kind.LABEL: {
        0: "raskaana|versio|painos|huone|sali|nro|numero|dnro|diaarinumero|asianro|osasto|luku|kohta|kappale|liite|taulukko|kuva|sivu|s|artikla|"
        "puh|puhelin|faksi|y-tunnus|viite|rivi|vaihe|tunnus",
    },
}
