"""The words of dates in English.

References:
    New Hart's Rules, chapter 11 (numbers and dates); The Chicago Manual of Style, 9.31–9.41.
"""

from rca.moments.spoken.lexicon import Kind, Table

__all__ = ["WORDS"]

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")

WORDS: Table = {
    Kind.MONTH: {
        1: "january",
        2: "february",
        3: "march",
        4: "april",
        5: "may",
        6: "june",
        7: "july",
        8: "august",
        9: "september",
        10: "october",
        11: "november",
        12: "december",
    },
    Kind.MONTH_SHORT: {
        1: "jan",
        2: "feb",
        3: "mar",
        4: "apr",
        6: "jun",
        7: "jul",
        8: "aug",
        9: "sep|sept",
        10: "oct",
        11: "nov",
        12: "dec",
    },
    Kind.WEEKDAY: dict(enumerate(_WEEKDAYS)),
    Kind.WEEKDAY_SHORT: {
        0: "mon",
        1: "tue|tues",
        2: "wed|weds",
        3: "thu|thur|thurs",
        4: "fri",
        5: "sat",
        6: "sun",
    },
    Kind.HABIT: {
        0: "|".join(f"{name}s" for name in _WEEKDAYS)
        + "|daily|weekly|weekdays|weekends|every day|every week|each day|each week",
    },
    Kind.EVERY: {0: "every|each|any|all"},
    Kind.NUMBER: {number: word for number, word in enumerate(_ONES, 1) if number > 1}
    | {
        10: "ten",
        11: "eleven",
        12: "twelve",
        13: "thirteen",
        14: "fourteen",
        15: "fifteen",
        16: "sixteen",
        17: "seventeen",
        18: "eighteen",
        19: "nineteen",
        20: "twenty",
        30: "thirty",
        40: "forty",
        45: "forty-five|forty five",
        50: "fifty",
    }
    | {20 + number: f"twenty-{word}|twenty {word}" for number, word in enumerate(_ONES, 1)},
    Kind.ARTICLE_NUMBER: {1: "a|an|one"},
    Kind.ORDINAL: dict(enumerate(_ORDINALS, 1))
    | {
        10: "tenth",
        11: "eleventh",
        12: "twelfth",
        13: "thirteenth",
        14: "fourteenth",
        15: "fifteenth",
        16: "sixteenth",
        17: "seventeenth",
        18: "eighteenth",
        19: "nineteenth",
        20: "twentieth",
        30: "thirtieth",
        31: "thirty-first|thirty first",
    }
    | {20 + number: f"twenty-{word}|twenty {word}" for number, word in enumerate(_ORDINALS, 1)},
    Kind.DAY: {
        -2: "the day before yesterday|day before yesterday",
        -1: "yesterday",
        0: "today",
        1: "tomorrow",
        2: "the day after tomorrow|day after tomorrow",
    },
    Kind.DAY_PART: {
        (0, "morning"): "this morning",
        (0, "afternoon"): "this afternoon",
        (0, "evening"): "this evening|tonight",
    },
    Kind.NIGHT_LAST: {0: "last night"},
    Kind.NIGHT_BETWEEN: {0: "the night between|night between"},
    Kind.PART: {
        (0, "morning"): "morning",
        (0, "forenoon"): "forenoon",
        (0, "lunchtime"): "lunchtime|lunch time|lunch|midday",
        (0, "afternoon"): "afternoon",
        (0, "evening"): "evening",
        (0, "night"): "night",
        (1, "night"): "early hours|small hours",
    },
    Kind.PART_LEAD: {0: "in the|on the|during the|the|at|in|over|early in the|late in the|by"},
    Kind.LAST: {0: "last|previous|the previous"},
    Kind.NEXT: {0: "next"},
    Kind.THIS: {0: "this|the current|current"},
    Kind.COMING: {0: "this coming|coming"},
    Kind.UNIT: {
        (1, "second"): "second|seconds",
        (1, "minute"): "minute|minutes|min|mins",
        (15, "minute"): "quarter of an hour",
        (30, "minute"): "half hour|half an hour",
        (1, "hour"): "hour|hours|hrs",
        (1, "day"): "day|days",
        (1, "week"): "week|weeks",
        (2, "week"): "fortnight|fortnights",
        (1, "month"): "month|months",
        (3, "month"): "quarter",
        (1, "year"): "year|years",
    },
    Kind.PERIOD: {},
    Kind.WEEK: {0: "week|wk"},
    Kind.WEEK_OF: {
        0: "w/c|week commencing|week beginning|the week of|week of|the week commencing|the week beginning"
    },
    Kind.FRACTION: {3: "quarter", 6: "half"},
    Kind.FRACTION_SIGN: {3: "q", 6: "h", 4: "t"},
    Kind.SEASON: {0: "spring", 1: "summer", 2: "autumn|fall", 3: "winter"},
    Kind.YEAR: {0: "the year|year"},
    Kind.THIRD: {
        0: "early|early in|in early|at the beginning of|at the start of|the beginning of|the start of|beginning of|start of",
        1: "mid|in mid|mid-|in mid-|in the middle of|the middle of|middle of",
        2: "late|late in|in late|at the end of|the end of|end of|towards the end of",
    },
    Kind.CLOCK: {0: "@"},
    Kind.CLOCK_WEAK: {0: "at"},
    Kind.ABOUT: {0: "about|around|approximately|approx|circa"},
    Kind.OCLOCK: {0: "o'clock|o’clock|oclock|hrs|hours"},
    Kind.HALF_PAST: {0: "half past"},
    Kind.QUARTER_HOUR: {0: "quarter|a quarter"},
    Kind.MINUTES: {0: "minutes|mins"},
    Kind.TO: {0: "to|before"},
    Kind.PAST: {0: "past|after"},
    Kind.NOON: {0: "noon|at noon|12 noon"},
    Kind.MIDNIGHT: {0: "midnight|at midnight"},
    Kind.AGO: {0: "ago"},
    Kind.IN: {0: "in"},
    Kind.FROM_NOW: {0: "from now|hence"},
    Kind.SUMMER_TIME: {0: "summer time|daylight time|daylight saving time"},
    Kind.WINTER_TIME: {0: "winter time|standard time"},
    Kind.ARTICLE: {0: "the|on the"},
    Kind.OF: {0: "of|in"},
    Kind.LINK: {0: "on|of|on the|of the"},
    Kind.PREPOSITION: {0: "in|during|since"},
    Kind.JOINT: {0: "to|until|till|through"},
    Kind.BETWEEN: {0: "between"},
    Kind.AND: {0: "and"},
    Kind.LIMIT: {
        0: "by|before|after|from|until|till|since|in|during|on|due|dated|date|per|deadline|through|to|between|year",
    },
    Kind.LABEL: {
        0: "pregnant|version|release|ver|rev|revision|build|v|room|ward|no|nr|number|case|ticket|ref|reference|id|chapter|ch|section|sec|item|appendix|annex|table|figure|"
        "fig|page|pages|p|pp|article|art|paragraph|para|tel|phone|telephone|mobile|fax|ip|port|step|line|level|grade|rule|form|rfc|iso",
    },
}
