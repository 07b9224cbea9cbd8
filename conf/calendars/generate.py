#!/usr/bin/python3
"""Writes the national calendar of Brazil to stdout: generate.py > br.ics

Fixed days are yearly rules. Days that hang on Easter have no rule in iCalendar and are listed for each year of the coverage. Carnival and
Corpus Christi are optional days (ponto facultativo) on which banks are closed: they are in, because R-057 forbids messages on public holidays
and a day too many only makes a message later. State and city holidays are not in: an operator adds them as calendars of their own.

Lines end with LF, not CRLF: the file lives in version control, and libical reads both.
"""
import sys
from datetime import date, timedelta

FIRST_YEAR, LAST_YEAR = 2024, 2040

# Month, day, name, where it is laid down.
FIXED = [
    (1, 1, "Confraternização Universal", "Lei 662/1949"),
    (4, 21, "Tiradentes", "Lei 662/1949"),
    (5, 1, "Dia do Trabalho", "Lei 662/1949"),
    (9, 7, "Independência do Brasil", "Lei 662/1949"),
    (10, 12, "Nossa Senhora Aparecida", "Lei 6.802/1980"),
    (11, 2, "Finados", "Lei 662/1949"),
    (11, 15, "Proclamação da República", "Lei 662/1949"),
    (11, 20, "Dia Nacional de Zumbi e da Consciência Negra", "Lei 14.759/2023"),
    (12, 25, "Natal", "Lei 662/1949"),
]

# Days after Easter Sunday, name, where it is laid down.
MOVABLE = [
    (-48, "Carnaval (segunda-feira)", "ponto facultativo"),
    (-47, "Carnaval (terça-feira)", "ponto facultativo"),
    (-2, "Paixão de Cristo", "Lei 9.093/1995"),
    (60, "Corpus Christi", "ponto facultativo"),
]


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
    return date(year, 3, 1) + timedelta(days=day_of_march - 1)


def fold(line):
    """Lines longer than 75 bytes go on in the next one, after a blank (RFC 5545, 3.1)."""
    parts, part = [], ""
    for character in line:
        if len((part + character).encode()) > 75:
            parts.append(part)
            part = " "
        part += character
    return "\n".join(parts + [part])


def event(uid, first, recurrence, name, source):
    return [
        "BEGIN:VEVENT",
        f"UID:{uid}@br.daypart",
        "DTSTAMP:20240101T000000Z",
        f"DTSTART;VALUE=DATE:{first:%Y%m%d}",
        recurrence,
        f"SUMMARY:{name}",
        f"DESCRIPTION:{source}",
        "END:VEVENT",
    ]


def calendar():
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//daypart//national holidays of Brazil//EN",
        "X-DAYPART-AREA:BR",
        f"X-DAYPART-COVERAGE:{FIRST_YEAR}-01-01/{LAST_YEAR}-12-31",
    ]
    for month, day, name, source in FIXED:
        rule = f"RRULE:FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={day}"
        lines += event(f"{month:02}{day:02}", date(FIRST_YEAR, month, day), rule, name, source)
    for offset, name, source in MOVABLE:
        days = [easter(year) + timedelta(days=offset) for year in years]
        dates = "RDATE;VALUE=DATE:" + ",".join(f"{day:%Y%m%d}" for day in days[1:])
        lines += event(f"easter{offset:+}", days[0], dates, name, source)
    return lines + ["END:VCALENDAR"]


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    print("\n".join(fold(line) for line in calendar()))
