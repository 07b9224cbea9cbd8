"""Canada: the general holidays of the federal labour code, and those of each province and territory.

A day that falls on a weekend has a substitute on the next working day: some laws say so, others leave it to the employer, and it is in for all.
"""
from holiday_rules import Area, Before, Day, Easter, Fixed, MO, Nth, SA, SU, Substitute

NEXT_MONDAY = Substitute({SA: +2, SU: +1})
AFTER_CHRISTMAS = Substitute({SA: +2, SU: +2})

NEW_YEAR = (Fixed(1, 1), "New Year's Day", NEXT_MONDAY)
FEBRUARY = Nth(3, MO, 2)
GOOD_FRIDAY = (Easter(-2), "Good Friday")
EASTER_MONDAY = (Easter(1), "Easter Monday")
VICTORIA = (Before(MO, 5, 25), "Victoria Day")
INDIGENOUS_PEOPLES = (Fixed(6, 21), "National Indigenous Peoples Day", NEXT_MONDAY)
CANADA_DAY = (Fixed(7, 1), "Canada Day", NEXT_MONDAY)
AUGUST = Nth(1, MO, 8)
LABOUR_DAY = (Nth(1, MO, 9), "Labour Day")
RECONCILIATION = (Fixed(9, 30), "National Day for Truth and Reconciliation", NEXT_MONDAY)
THANKSGIVING = (Nth(2, MO, 10), "Thanksgiving Day")
REMEMBRANCE = (Fixed(11, 11), "Remembrance Day", NEXT_MONDAY)
CHRISTMAS = (Fixed(12, 25), "Christmas Day", NEXT_MONDAY)
CHRISTMAS_OF_TWO_DAYS = (Fixed(12, 25), "Christmas Day", AFTER_CHRISTMAS)
BOXING_DAY = (Fixed(12, 26), "Boxing Day", AFTER_CHRISTMAS)

EVERYWHERE = [NEW_YEAR, GOOD_FRIDAY, CANADA_DAY, LABOUR_DAY]


def area(code, title, law, *own):
    rows = EVERYWHERE + list(own) + [CHRISTMAS_OF_TWO_DAYS if BOXING_DAY in own else CHRISTMAS]
    return Area(code, f"Canada, {title}", [Day(rule, name, law, substitute=more[0] if more else None) for rule, name, *more in rows])


AREAS = [
    area("CA", "federal general holidays", "Canada Labour Code, s. 166",
         VICTORIA, RECONCILIATION, THANKSGIVING, REMEMBRANCE, BOXING_DAY),
    area("CA-AB", "Alberta", "Employment Standards Code, s. 25",
         (FEBRUARY, "Alberta Family Day"), VICTORIA, THANKSGIVING, REMEMBRANCE),
    area("CA-BC", "British Columbia", "Employment Standards Act, s. 1",
         (FEBRUARY, "Family Day"), VICTORIA, (AUGUST, "British Columbia Day"), RECONCILIATION, THANKSGIVING, REMEMBRANCE),
    area("CA-MB", "Manitoba", "Employment Standards Code, s. 21; Remembrance Day Act",
         (FEBRUARY, "Louis Riel Day"), VICTORIA, RECONCILIATION, THANKSGIVING, REMEMBRANCE),
    area("CA-NB", "New Brunswick", "Employment Standards Act, s. 17.1; Days of Rest Act",
         (FEBRUARY, "Family Day"), VICTORIA, (AUGUST, "New Brunswick Day"), THANKSGIVING, REMEMBRANCE, BOXING_DAY),
    area("CA-NL", "Newfoundland and Labrador", "Labour Standards Act, s. 14", REMEMBRANCE),
    area("CA-NS", "Nova Scotia", "Labour Standards Code, s. 37; Remembrance Day Act", (FEBRUARY, "Heritage Day"), REMEMBRANCE),
    area("CA-NT", "Northwest Territories", "Employment Standards Act, s. 1",
         VICTORIA, INDIGENOUS_PEOPLES, (AUGUST, "Civic Holiday"), RECONCILIATION, THANKSGIVING, REMEMBRANCE),
    area("CA-NU", "Nunavut", "Labour Standards Act, s. 1",
         VICTORIA, (Fixed(7, 9), "Nunavut Day", NEXT_MONDAY), (AUGUST, "Civic Holiday"), RECONCILIATION, THANKSGIVING, REMEMBRANCE),
    area("CA-ON", "Ontario", "Employment Standards Act, 2000, s. 1", (FEBRUARY, "Family Day"), VICTORIA, THANKSGIVING, BOXING_DAY),
    area("CA-PE", "Prince Edward Island", "Employment Standards Act, s. 6", (FEBRUARY, "Islander Day"), RECONCILIATION, REMEMBRANCE),
    area("CA-QC", "Quebec", "Act respecting labour standards, s. 60; National Holiday Act",
         EASTER_MONDAY, (Before(MO, 5, 25), "National Patriots' Day"),
         (Fixed(6, 24), "National Holiday (Saint-Jean-Baptiste)", NEXT_MONDAY), THANKSGIVING),
    area("CA-SK", "Saskatchewan", "Saskatchewan Employment Act, s. 2-30",
         (FEBRUARY, "Family Day"), VICTORIA, (AUGUST, "Saskatchewan Day"), THANKSGIVING, REMEMBRANCE),
    area("CA-YT", "Yukon", "Employment Standards Act, s. 1",
         VICTORIA, INDIGENOUS_PEOPLES, (Nth(3, MO, 8), "Discovery Day"), RECONCILIATION, THANKSGIVING, REMEMBRANCE),
]
