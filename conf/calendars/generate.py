#!/usr/bin/python3
"""Writes the shipped holiday calendars: generate.py [FOLDER]

One file an area, named after its region code, into FOLDER or, without one, beside this program. What holds in an area is a table in areas/;
the same tables give the same bytes. A file holds all days of its area: br-sp.ics has the national ones too.

Which days are in: those on which the law of the area closes public offices, with the substitute days of that law. Where the law is in dispute,
or closes a part of the area only, the day is in and says so: a day too many only makes a message later. Days of towns are not, and days that
a government decrees after a file was written cannot be: operators add them, in a copy of the file or in one of their own.

Coverage ends where knowledge does. Days that follow the moon are listed only for the years that were published.
"""
import pathlib
import sys

sys.dont_write_bytecode = True

from areas import AREAS  # noqa: E402
from ics import calendar  # noqa: E402


def main(folder):
    for area in AREAS:
        (folder / f"{area.code.lower()}.ics").write_text(calendar(area), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
