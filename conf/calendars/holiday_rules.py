"""When holidays fall: small values that answer dates(year), and Day, which ties one to a name and a law.

A rule that iCalendar can express has an rrule; the others (Easter, days that move, days that were decreed) are listed date by date.
"""
from datetime import date, timedelta

MO, TU, WE, TH, FR, SA, SU = range(7)
WEEKDAY_NAMES = "MO TU WE TH FR SA SU".split()


def days(count):
    return timedelta(days=count)


def easter(year):
    """Gregorian computus: golden number, century corrections, epact, then the Sunday after the full moon (Knuth, TAOCP 1.3.2, exercise 14)."""
    golden = year % 19 + 1
    century = year // 100 + 1
    leap_years_dropped = 3 * century // 4 - 12
    moon_correction = (8 * century + 5) // 25 - 5
    sunday = 5 * year // 4 - leap_years_dropped - 10
    epact = (11 * golden + 20 + moon_correction - leap_years_dropped) % 30
    if epact == 24 or (epact == 25 and golden > 11):
        epact += 1
    moon = 44 - epact
    if moon < 21:
        moon += 30
    day_of_march = moon + 7 - (sunday + moon) % 7
    return date(year, 3, 1) + days(day_of_march - 1)


class Rule:
    rrule = None

    def dates(self, year):
        raise NotImplementedError


class Fixed(Rule):
    """The same day of every year."""

    def __init__(self, month, day):
        self.month, self.day = month, day
        self.rrule = f"FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={day}"
        self.key = f"{month:02}{day:02}"

    def dates(self, year):
        return [date(year, self.month, self.day)]


class Nth(Rule):
    """The nth weekday of a month; -1 is the last one."""

    def __init__(self, n, weekday, month):
        self.n, self.weekday, self.month = n, weekday, month
        self.rrule = f"FREQ=YEARLY;BYMONTH={month};BYDAY={n}{WEEKDAY_NAMES[weekday]}"
        self.key = f"{month:02}-{n}{WEEKDAY_NAMES[weekday].lower()}"

    def dates(self, year):
        if self.n > 0:
            first = date(year, self.month, 1)
            return [first + days((self.weekday - first.weekday()) % 7 + 7 * (self.n - 1))]
        last = date(year + self.month // 12, self.month % 12 + 1, 1) - days(1)
        return [last - days((last.weekday() - self.weekday) % 7 + 7 * (-self.n - 1))]


class Easter(Rule):
    """Days after Easter Sunday."""

    def __init__(self, offset):
        self.offset = offset
        self.key = f"easter{offset:+}"

    def dates(self, year):
        return [easter(year) + days(self.offset)]


class Before(Rule):
    """The last such weekday before a day of the year."""

    def __init__(self, weekday, month, day):
        self.weekday, self.month, self.day = weekday, month, day
        self.key = f"before-{month:02}{day:02}"

    def dates(self, year):
        limit = date(year, self.month, self.day)
        return [limit - days((limit.weekday() - self.weekday - 1) % 7 + 1)]


class Next(Rule):
    """So many days after (or before) another rule's day."""

    def __init__(self, rule, offset):
        self.rule, self.offset = rule, offset
        self.key = f"{rule.key}{offset:+}"

    def dates(self, year):
        return [day + days(self.offset) for day in self.rule.dates(year)]


class Moved(Rule):
    """A day that is kept on another one when it falls on some weekdays: {weekday: days later}."""

    def __init__(self, rule, shift):
        self.rule, self.shift = rule, shift
        self.key = f"{rule.key}-moved"

    def dates(self, year):
        return [day + days(self.shift.get(day.weekday(), 0)) for day in self.rule.dates(year)]


class Listed(Rule):
    """Days that no rule gives: {year: "0311 1224"}."""

    def __init__(self, key, by_year):
        self.key, self.by_year = key, by_year

    def dates(self, year):
        return [date(year, int(text[:2]), int(text[2:])) for text in self.by_year.get(year, "").split()]


TO_MONDAY = {weekday: 7 - weekday for weekday in (TU, WE, TH, FR, SA, SU)}
TO_NEAREST_MONDAY = {TU: -1, WE: -2, TH: -3, FR: 3, SA: 2, SU: 1}


class Substitute:
    """A further day off when the holiday falls on some weekdays: {weekday: days later}."""

    def __init__(self, shift, label="observed"):
        self.shift, self.label = shift, label

    def dates(self, holidays):
        return [day + days(self.shift[day.weekday()]) for day in holidays if day.weekday() in self.shift]


class Day:
    """A holiday: rule, name, where it is laid down. `since` and `until` are years; `every` says which years have it at all."""

    def __init__(self, rule, name, law, since=0, until=9999, every=None, substitute=None):
        self.rule, self.name, self.law, self.substitute = rule, name, law, substitute
        self.since, self.until, self.every = since, until, every

    def dates(self, years):
        """Of more years than asked for at both ends: a substitute for New Year may lie in the old year."""
        return [day for year in range(years[0] - 1, years[-1] + 2)
                if self.since <= year <= self.until and (self.every is None or self.every(year)) for day in self.rule.dates(year)]

    def rrule(self):
        return self.rule.rrule if self.until == 9999 and self.every is None else None


class Area:
    """A calendar: region code, title, the days of its own and those of the area that it is a part of."""

    def __init__(self, code, title, own_days, parent=None, years=None):
        self.code, self.title = code, title
        self.days = (parent.days if parent else []) + own_days
        self.years = years or (parent.years if parent else range(2024, 2041))
