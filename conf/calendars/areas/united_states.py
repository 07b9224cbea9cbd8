"""United States: the federal days, and those of the states whose law keeps messages from leaving on holidays (P-21 to P-25, P-29).

A state file holds the days of the state's own law, never a copy of the federal list: the lists and above all the substitute days differ
(P-22). What governors proclaim for one year is not in.
"""
from holiday_rules import Area, Day, Easter, Fixed, FR, MO, Moved, Next, Nth, SA, SU, Substitute, TH, TU, WE

FRIDAY_OR_MONDAY = Substitute({SA: -1, SU: +1})
MONDAY = Substitute({SA: +2, SU: +1})
ONLY_SUNDAY = Substitute({SU: +1})

MARTIN_LUTHER_KING = Nth(3, MO, 1)
THIRD_MONDAY_OF_FEBRUARY = Nth(3, MO, 2)
MEMORIAL_DAY = Nth(-1, MO, 5)
LABOR_DAY = Nth(1, MO, 9)
SECOND_MONDAY_OF_OCTOBER = Nth(2, MO, 10)
ELECTION_DAY = Next(Nth(1, MO, 11), 1)
THANKSGIVING = Nth(4, TH, 11)
CHRISTMAS = Fixed(12, 25)


def days_of(law, *rows):
    """Rows of rule, name and, if it has them, substitute days and a reason that is added to the law."""
    return [Day(rule, name, law + (f"; {more[1]}" if len(more) > 1 else ""), substitute=more[0] if more else None)
            for rule, name, *more in rows]


US = Area("US", "United States, federal holidays", days_of(
    "5 U.S.C. 6103",
    (Fixed(1, 1), "New Year's Day", FRIDAY_OR_MONDAY),
    (MARTIN_LUTHER_KING, "Birthday of Martin Luther King, Jr."),
    (THIRD_MONDAY_OF_FEBRUARY, "Washington's Birthday"),
    (MEMORIAL_DAY, "Memorial Day"),
    (Fixed(6, 19), "Juneteenth National Independence Day", FRIDAY_OR_MONDAY),
    (Fixed(7, 4), "Independence Day", FRIDAY_OR_MONDAY),
    (LABOR_DAY, "Labor Day"),
    (SECOND_MONDAY_OF_OCTOBER, "Columbus Day"),
    (Fixed(11, 11), "Veterans Day", FRIDAY_OR_MONDAY),
    (THANKSGIVING, "Thanksgiving Day"),
    (CHRISTMAS, "Christmas Day", FRIDAY_OR_MONDAY),
))

ALABAMA = Area("US-AL", "United States, Alabama", days_of(
    "Code of Alabama 1-3-8",
    (Fixed(1, 1), "New Year's Day", FRIDAY_OR_MONDAY),
    (MARTIN_LUTHER_KING, "Birthdays of Martin Luther King, Jr. and Robert E. Lee"),
    (THIRD_MONDAY_OF_FEBRUARY, "Birthdays of George Washington and Thomas Jefferson"),
    (Easter(-47), "Mardi Gras", None, "Baldwin and Mobile counties only, in as a caution"),
    (Nth(4, MO, 4), "Confederate Memorial Day"),
    (MEMORIAL_DAY, "National Memorial Day"),
    (Nth(1, MO, 6), "Birthday of Jefferson Davis"),
    (Fixed(6, 19), "Juneteenth", FRIDAY_OR_MONDAY, "by law since 2025 (HB 165), proclaimed before"),
    (Fixed(7, 4), "Independence Day", FRIDAY_OR_MONDAY),
    (LABOR_DAY, "Labor Day"),
    (SECOND_MONDAY_OF_OCTOBER, "Columbus Day, Fraternal Day and American Indian Heritage Day"),
    (Fixed(11, 11), "Veterans' Day", FRIDAY_OR_MONDAY),
    (THANKSGIVING, "Thanksgiving Day"),
    (Fixed(12, 1), "Mrs. Rosa L. Parks Day", None, "where a county or town observes it, in as a caution"),
    (CHRISTMAS, "Christmas Day", FRIDAY_OR_MONDAY),
))

LOUISIANA = Area("US-LA", "United States, Louisiana", days_of(
    "La. R.S. 1:55",
    (Fixed(1, 1), "New Year's Day", FRIDAY_OR_MONDAY),
    (Fixed(1, 8), "Battle of New Orleans"),
    (Fixed(1, 19), "Robert E. Lee Day", None, "struck from the law in 2022 (HB 248), named by P-29, in as a caution"),
    (MARTIN_LUTHER_KING, "Dr. Martin Luther King, Jr.'s Birthday"),
    (THIRD_MONDAY_OF_FEBRUARY, "Washington's Birthday and Presidents' Day"),
    (Easter(-47), "Mardi Gras"),
    (Easter(-2), "Good Friday"),
    (MEMORIAL_DAY, "National Memorial Day"),
    (Next(Nth(3, SA, 6), -1), "Juneteenth (observed)", None, "state offices close on the Friday before"),
    (Nth(3, SA, 6), "Juneteenth"),
    (Fixed(7, 4), "Independence Day", FRIDAY_OR_MONDAY),
    (Fixed(8, 30), "Huey P. Long Day"),
    (LABOR_DAY, "Labor Day"),
    (SECOND_MONDAY_OF_OCTOBER, "Christopher Columbus Day"),
    (Fixed(11, 1), "All Saints' Day"),
    (Fixed(11, 11), "Veterans' Day"),
    (THANKSGIVING, "Thanksgiving Day"),
    (Next(THANKSGIVING, 1), "Acadian Day", None, "proclaimed every year"),
    (CHRISTMAS, "Christmas Day", FRIDAY_OR_MONDAY),
) + [Day(ELECTION_DAY, "General Election Day", "La. R.S. 1:55; even years", every=lambda year: year % 2 == 0)])

MISSISSIPPI = Area("US-MS", "United States, Mississippi", days_of(
    "Miss. Code 3-3-7",
    (Fixed(1, 1), "New Year's Day", ONLY_SUNDAY),
    (MARTIN_LUTHER_KING, "Birthdays of Robert E. Lee and Dr. Martin Luther King, Jr."),
    (THIRD_MONDAY_OF_FEBRUARY, "Washington's Birthday"),
    (Nth(-1, MO, 4), "Confederate Memorial Day"),
    (MEMORIAL_DAY, "National Memorial Day and Jefferson Davis' Birthday"),
    (Fixed(7, 4), "Independence Day", ONLY_SUNDAY),
    (LABOR_DAY, "Labor Day"),
    (Fixed(11, 11), "Armistice or Veterans' Day", ONLY_SUNDAY),
    (THANKSGIVING, "Thanksgiving Day"),
    (CHRISTMAS, "Christmas Day", ONLY_SUNDAY),
))

PENNSYLVANIA = Area("US-PA", "United States, Pennsylvania", days_of(
    "44 P.S. 11",
    (Fixed(1, 1), "New Year's Day", ONLY_SUNDAY),
    (MARTIN_LUTHER_KING, "Dr. Martin Luther King, Jr. Day"),
    (THIRD_MONDAY_OF_FEBRUARY, "Presidents' Day"),
    (Easter(-2), "Good Friday"),
    (MEMORIAL_DAY, "Memorial Day"),
    (Fixed(6, 14), "Flag Day", ONLY_SUNDAY),
    (Fixed(7, 4), "Independence Day", ONLY_SUNDAY),
    (LABOR_DAY, "Labor Day"),
    (SECOND_MONDAY_OF_OCTOBER, "Columbus Day"),
    (ELECTION_DAY, "Election Day"),
    (Fixed(11, 11), "Veterans' Day", ONLY_SUNDAY),
    (THANKSGIVING, "Thanksgiving Day"),
    (CHRISTMAS, "Christmas Day", ONLY_SUNDAY),
))

RHODE_ISLAND = Area("US-RI", "United States, Rhode Island", days_of(
    "R.I. Gen. Laws 25-1-1",
    (Fixed(1, 1), "New Year's Day", MONDAY),
    (MARTIN_LUTHER_KING, "Dr. Martin Luther King, Jr.'s Birthday"),
    (THIRD_MONDAY_OF_FEBRUARY, "Washington's Birthday"),
    (Fixed(5, 4), "Rhode Island Independence Day", ONLY_SUNDAY),
    (MEMORIAL_DAY, "Memorial Day"),
    (Fixed(6, 19), "Juneteenth National Freedom Day", MONDAY, "since 2024 (2023-S 0444A)"),
    (Fixed(7, 4), "Independence Day", MONDAY),
    (Nth(2, MO, 8), "Victory Day"),
    (LABOR_DAY, "Labor Day"),
    (SECOND_MONDAY_OF_OCTOBER, "Columbus Day"),
    (Fixed(11, 11), "Veterans' Day", MONDAY),
    (THANKSGIVING, "Thanksgiving Day"),
    (CHRISTMAS, "Christmas Day", MONDAY),
) + [Day(ELECTION_DAY, "Election Day", "R.I. Gen. Laws 25-1-1; even years", every=lambda year: year % 2 == 0)])

UTAH = Area("US-UT", "United States, Utah", days_of(
    "Utah Code 63G-1-301",
    (Fixed(1, 1), "New Year's Day", FRIDAY_OR_MONDAY),
    (MARTIN_LUTHER_KING, "Dr. Martin Luther King, Jr. Day"),
    (THIRD_MONDAY_OF_FEBRUARY, "Presidents' Day"),
    (MEMORIAL_DAY, "Memorial Day"),
    (Moved(Fixed(6, 19), {TU: -1, WE: -2, TH: -3, FR: -4, SA: +2, SU: +1}), "Juneteenth National Freedom Day", None, "always a Monday"),
    (Fixed(7, 4), "Independence Day", FRIDAY_OR_MONDAY),
    (Fixed(7, 24), "Pioneer Day", FRIDAY_OR_MONDAY),
    (LABOR_DAY, "Labor Day"),
    (SECOND_MONDAY_OF_OCTOBER, "Columbus Day"),
    (Fixed(11, 11), "Veterans Day", FRIDAY_OR_MONDAY),
    (THANKSGIVING, "Thanksgiving Day"),
    (CHRISTMAS, "Christmas", FRIDAY_OR_MONDAY),
) + [
    Day(Easter(-2), "Good Friday", "Utah Code 63G-1-301 since 6 May 2026, with a condition; in as a caution", since=2027),
    Day(Easter(0), "Easter Sunday", "Utah Code 63G-1-301 since 2025", since=2026),
])

AREAS = [US, ALABAMA, LOUISIANA, MISSISSIPPI, PENNSYLVANIA, RHODE_ISLAND, UTAH]
