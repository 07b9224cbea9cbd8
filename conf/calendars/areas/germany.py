"""Germany: the days of all Länder, and each Land's own."""
from holiday_rules import Area, Before, Day, Easter, Fixed, Listed, WE

LAND_LAW = "Feiertagsgesetze der Länder"

DE = Area("DE", "Germany, holidays of all Länder", [
    Day(Fixed(1, 1), "Neujahr", LAND_LAW),
    Day(Easter(-2), "Karfreitag", LAND_LAW),
    Day(Easter(1), "Ostermontag", LAND_LAW),
    Day(Fixed(5, 1), "Tag der Arbeit", LAND_LAW),
    Day(Easter(39), "Christi Himmelfahrt", LAND_LAW),
    Day(Easter(50), "Pfingstmontag", LAND_LAW),
    Day(Fixed(10, 3), "Tag der Deutschen Einheit", "Einigungsvertrag, Art. 2 Abs. 2"),
    Day(Fixed(12, 25), "1. Weihnachtstag", LAND_LAW),
    Day(Fixed(12, 26), "2. Weihnachtstag", LAND_LAW),
])

EPIPHANY = (Fixed(1, 6), "Heilige Drei Könige")
WOMENS_DAY = (Fixed(3, 8), "Internationaler Frauentag")
CORPUS_CHRISTI = (Easter(60), "Fronleichnam")
CORPUS_CHRISTI_IN_PLACES = (Easter(60), "Fronleichnam", "; nur in einigen Gemeinden, vorsorglich enthalten")
ASSUMPTION = (Fixed(8, 15), "Mariä Himmelfahrt")
REFORMATION = (Fixed(10, 31), "Reformationstag")
ALL_SAINTS = (Fixed(11, 1), "Allerheiligen")

LAENDER = {
    "BB": ("Brandenburg", "FTG Brandenburg, § 2", (Easter(0), "Ostersonntag"), (Easter(49), "Pfingstsonntag"), REFORMATION),
    "BE": ("Berlin", "Gesetz über die Sonn- und Feiertage Berlin, § 1", WOMENS_DAY,
           (Listed("8-mai-2025", {2025: "0508"}), "80. Jahrestag der Befreiung vom Nationalsozialismus"),
           (Listed("17-juni-2028", {2028: "0617"}), "75. Jahrestag des Aufstandes vom 17. Juni 1953")),
    "BW": ("Baden-Württemberg", "FTG Baden-Württemberg, § 1", EPIPHANY, CORPUS_CHRISTI, ALL_SAINTS),
    "BY": ("Bayern", "FTG Bayern, Art. 1", EPIPHANY, CORPUS_CHRISTI,
           ASSUMPTION + ("; nur in überwiegend katholischen Gemeinden, vorsorglich enthalten",), ALL_SAINTS),
    "HB": ("Bremen", "Gesetz über die Sonn-, Gedenk- und Feiertage Bremen, § 2", REFORMATION),
    "HE": ("Hessen", "Hessisches Feiertagsgesetz, § 1", CORPUS_CHRISTI),
    "HH": ("Hamburg", "Feiertagsgesetz Hamburg, § 1", REFORMATION),
    "MV": ("Mecklenburg-Vorpommern", "FTG M-V, § 2", WOMENS_DAY, REFORMATION),
    "NI": ("Niedersachsen", "NFeiertagsG, § 2", REFORMATION),
    "NW": ("Nordrhein-Westfalen", "Feiertagsgesetz NW, § 2", CORPUS_CHRISTI, ALL_SAINTS),
    "RP": ("Rheinland-Pfalz", "LFtG Rheinland-Pfalz, § 2", CORPUS_CHRISTI, ALL_SAINTS),
    "SH": ("Schleswig-Holstein", "SFTG Schleswig-Holstein, § 2", REFORMATION),
    "SL": ("Saarland", "SFG Saarland, § 2", CORPUS_CHRISTI, ASSUMPTION, ALL_SAINTS),
    "SN": ("Sachsen", "SächsSFG, § 1", CORPUS_CHRISTI_IN_PLACES, REFORMATION, (Before(WE, 11, 23), "Buß- und Bettag")),
    "ST": ("Sachsen-Anhalt", "FeiertG LSA, § 2", EPIPHANY, REFORMATION),
    "TH": ("Thüringen", "ThürFGtG, § 2", CORPUS_CHRISTI_IN_PLACES, (Fixed(9, 20), "Weltkindertag"), REFORMATION),
}

AREAS = [DE] + [Area(f"DE-{code}", f"Germany, {name}", [Day(rule, title, law + "".join(more)) for rule, title, *more in rows], parent=DE)
                for code, (name, law, *rows) in LAENDER.items()]
