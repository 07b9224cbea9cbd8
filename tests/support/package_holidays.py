#!/usr/bin/python3
"""What Debian's python3-holidays takes for holidays: package_holidays.py FIRST_YEAR LAST_YEAR AREA...

Prints the package's version, then "AREA YYYY-MM-DD name" for each day, or "AREA unknown" for an area that the package does not have. Debian 12
ships 0.10, Debian 13 ships 0.71: their interfaces differ, and their languages, which is why days are compared and not names.
"""
import sys
import warnings

import holidays

# The categories of newer versions that belong to what our calendars hold: optional days in Brazil, days of Catholic places in Germany.
CATEGORIES = {"BR": ("public", "optional"), "DE": ("public", "catholic"), "KR": ("public", "bank"), "CA": ("public", "government")}
UNITED_KINGDOM = {"ENG": "England", "WLS": "Wales", "SCT": "Scotland", "NIR": "NorthernIreland"}
# Parts of France, as the versions name them, and countries whose two letters mean a weekday to the older one.
FRANCE = {"GP": "Guadeloupe", "MQ": "Martinique", "GF": "Guyane", "RE": "La Réunion", "YT": "Mayotte",
          "FR-57": "Alsace-Moselle", "FR-67": "Alsace-Moselle", "FR-68": "Alsace-Moselle"}
THREE_LETTERS = {"FR": "FRA", "IN": "IND", "KR": "KOR"}


def newer(area, years):
    country, _, part = area.partition("-")
    if area in FRANCE:
        country, part = "FR", FRANCE[area]
    # A part of Canada has public days, Canada itself those of its government.
    categories = ("public",) if area.startswith("CA-") else CATEGORIES.get(country, ("public",))
    return holidays.country_holidays(country, subdiv=part or None, years=years, categories=categories)


def older(area, years):
    country, _, part = area.partition("-")
    if area in FRANCE:
        country, part = "FR", FRANCE[area]
    if country == "GB":
        return holidays.CountryHoliday(UNITED_KINGDOM[part], years=years)
    if country in ("BR", "US"):
        return holidays.CountryHoliday(country, state=part or None, years=years)
    return holidays.CountryHoliday(THREE_LETTERS.get(country, country), prov=part or None, years=years)


def main(first, last, areas):
    warnings.simplefilter("ignore")
    print(holidays.__version__)
    of_area = newer if hasattr(holidays, "country_holidays") else older
    for area in areas:
        try:
            found = of_area(area, range(int(first), int(last) + 1))
        except (KeyError, AttributeError, NotImplementedError):
            print(area, "unknown")
            continue
        for day, name in sorted(found.items()):
            print(area, day, name)


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
