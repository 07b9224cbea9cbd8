"""An area as iCalendar text.

Lines end with LF, not CRLF: the files live in version control, and libical reads both.
"""
from datetime import date


def escape(text):
    for character in "\\;,":
        text = text.replace(character, "\\" + character)
    return text


def fold(line):
    """Lines longer than 75 bytes go on in the next one, after a blank (RFC 5545, 3.1)."""
    parts, part = [], ""
    for character in line:
        if len((part + character).encode()) > 75:
            parts.append(part)
            part = " "
        part += character
    return "\n".join(parts + [part])


def event(uid, dates, rrule, name, law):
    lines = ["BEGIN:VEVENT", f"UID:{uid}.daypart", "DTSTAMP:20240101T000000Z", f"DTSTART;VALUE=DATE:{dates[0]:%Y%m%d}"]
    if rrule:
        lines.append(f"RRULE:{rrule}")
    elif dates[1:]:
        lines.append("RDATE;VALUE=DATE:" + ",".join(f"{day:%Y%m%d}" for day in dates[1:]))
    return lines + [f"SUMMARY:{escape(name)}", f"DESCRIPTION:{escape(law)}", "END:VEVENT"]


def events_of(day, years):
    """The holiday itself and, where it has them, its substitute days: key, dates within the coverage, rule, name."""
    first, last = date(years[0], 1, 1), date(years[-1], 12, 31)
    every = day.dates(years)
    kinds = [(day.rule.key, every, day.rrule(), day.name)]
    if day.substitute:
        kinds.append((f"{day.rule.key}-{day.substitute.label}", day.substitute.dates(every), None, f"{day.name} ({day.substitute.label})"))
    for key, dates, rrule, name in kinds:
        covered = sorted(found for found in dates if first <= found <= last)
        if covered:
            yield key, covered, rrule, name


def calendar(area):
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//daypart//{area.code}//EN",
        f"X-WR-CALNAME:{escape(area.title)}",
        f"X-DAYPART-AREA:{area.code}",
        f"X-DAYPART-COVERAGE:{area.years[0]}-01-01/{area.years[-1]}-12-31",
    ]
    used = {}
    for day in area.days:
        for key, dates, rrule, name in events_of(day, area.years):
            used[key] = used.get(key, 0) + 1
            uid = f"{key}{'' if used[key] == 1 else '-' + str(used[key])}@{area.code.lower()}"
            lines += event(uid, dates, rrule, name, day.law)
    return "".join(fold(line) + "\n" for line in lines + ["END:VCALENDAR"])
