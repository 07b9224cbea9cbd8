"""France with Alsace-Moselle and the overseas departments, the nations of the United Kingdom, Spain, Italy."""
from holiday_rules import Area, Day, Easter, Fixed, Listed, MO, Nth, SA, SU, Substitute

CODE_DU_TRAVAIL = "Code du travail, L. 3133-1"

FR = Area("FR", "France", [Day(rule, name, CODE_DU_TRAVAIL) for rule, name in (
    (Fixed(1, 1), "Jour de l'an"),
    (Easter(1), "Lundi de Pâques"),
    (Fixed(5, 1), "Fête du Travail"),
    (Fixed(5, 8), "Victoire 1945"),
    (Easter(39), "Ascension"),
    (Easter(50), "Lundi de Pentecôte"),
    (Fixed(7, 14), "Fête nationale"),
    (Fixed(8, 15), "Assomption"),
    (Fixed(11, 1), "Toussaint"),
    (Fixed(11, 11), "Armistice 1918"),
    (Fixed(12, 25), "Noël"),
)])


def alsace_moselle(code, name):
    law = "Code du travail, L. 3134-13"
    return Area(code, f"France, {name}", [
        Day(Easter(-2), "Vendredi saint", f"{law}; only where there is a Protestant church, in as a caution"),
        Day(Fixed(12, 26), "Saint-Étienne", law),
    ], parent=FR)


def overseas(code, name, month, day, *more):
    abolition = Day(Fixed(month, day), "Abolition de l'esclavage", "Code du travail, L. 3422-2")
    return Area(code, f"France, {name}", [abolition] + list(more), parent=FR)


ANTILLES = [Day(rule, name, "jour chômé par usage local, in as a caution")
            for rule, name in ((Easter(-2), "Vendredi saint"), (Fixed(7, 21), "Fête de Victor Schœlcher"))]


FRANCE = [
    FR,
    alsace_moselle("FR-57", "Moselle"),
    alsace_moselle("FR-67", "Bas-Rhin"),
    alsace_moselle("FR-68", "Haut-Rhin"),
    overseas("GP", "Guadeloupe", 5, 27, *ANTILLES),
    overseas("MQ", "Martinique", 5, 22, *ANTILLES),
    overseas("GF", "Guyane", 6, 10),
    overseas("RE", "La Réunion", 12, 20),
    overseas("YT", "Mayotte", 4, 27),
]

ACT_1971 = "Banking and Financial Dealings Act 1971, schedule 1"
PROCLAIMED = "Banking and Financial Dealings Act 1971, s. 1(3), royal proclamation"
COMMON_LAW = "common law"
MONDAY = Substitute({SA: +2, SU: +1}, "substitute day")
MONDAY_OR_TUESDAY = Substitute({SA: +2, SU: +2}, "substitute day")  # Christmas and Boxing Day, 1 and 2 January: two days, two substitutes


def england_and_its_like(*more):
    return [
        Day(Fixed(1, 1), "New Year's Day", PROCLAIMED, substitute=MONDAY),
        Day(Easter(-2), "Good Friday", COMMON_LAW),
        Day(Easter(1), "Easter Monday", ACT_1971),
        Day(Nth(1, MO, 5), "Early May bank holiday", PROCLAIMED),
        Day(Nth(-1, MO, 5), "Spring bank holiday", ACT_1971),
        Day(Nth(-1, MO, 8), "Summer bank holiday", ACT_1971),
        Day(Fixed(12, 25), "Christmas Day", COMMON_LAW, substitute=MONDAY_OR_TUESDAY),
        Day(Fixed(12, 26), "Boxing Day", ACT_1971, substitute=MONDAY_OR_TUESDAY),
    ] + list(more)


UNITED_KINGDOM = [
    Area("GB-ENG", "England", england_and_its_like()),
    Area("GB-WLS", "Wales", england_and_its_like()),
    Area("GB-NIR", "Northern Ireland", england_and_its_like(
        Day(Fixed(3, 17), "St Patrick's Day", ACT_1971, substitute=MONDAY),
        Day(Fixed(7, 12), "Battle of the Boyne", "proclaimed each year by the Secretary of State", substitute=MONDAY),
    )),
    Area("GB-SCT", "Scotland", [
        Day(Fixed(1, 1), "New Year's Day", ACT_1971, substitute=MONDAY_OR_TUESDAY),
        Day(Fixed(1, 2), "2nd January", ACT_1971, substitute=MONDAY_OR_TUESDAY),
        Day(Easter(-2), "Good Friday", ACT_1971),
        Day(Nth(1, MO, 5), "Early May bank holiday", ACT_1971),
        Day(Nth(-1, MO, 5), "Spring bank holiday", PROCLAIMED),
        Day(Listed("world-cup-2026", {2026: "0615"}), "Scotland at the World Cup", PROCLAIMED),
        Day(Nth(1, MO, 8), "Summer bank holiday", ACT_1971),
        Day(Fixed(11, 30), "St Andrew's Day", "St Andrew's Day Bank Holiday (Scotland) Act 2007", substitute=MONDAY),
        Day(Fixed(12, 25), "Christmas Day", ACT_1971, substitute=MONDAY_OR_TUESDAY),
        Day(Fixed(12, 26), "Boxing Day", PROCLAIMED, substitute=MONDAY_OR_TUESDAY),
    ]),
]

SPANISH_DECREE = "Real Decreto 2001/1983, art. 45"

SPAIN = Area("ES", "Spain, national holidays", [Day(rule, name, SPANISH_DECREE + more) for rule, name, more in (
    (Fixed(1, 1), "Año Nuevo", ""),
    (Fixed(1, 6), "Epifanía del Señor", ""),
    (Easter(-3), "Jueves Santo", "; in most communities, in as a caution"),
    (Easter(-2), "Viernes Santo", ""),
    (Fixed(5, 1), "Fiesta del Trabajo", ""),
    (Fixed(8, 15), "Asunción de la Virgen", ""),
    (Fixed(10, 12), "Fiesta Nacional de España", ""),
    (Fixed(11, 1), "Todos los Santos", ""),
    (Fixed(12, 6), "Día de la Constitución Española", ""),
    (Fixed(12, 8), "Inmaculada Concepción", ""),
    (Fixed(12, 25), "Natividad del Señor", ""),
)], years=range(2024, 2031))

LEGGE_260 = "Legge 260/1949, art. 2"

ITALY = Area("IT", "Italy", [
    Day(Fixed(1, 1), "Capodanno", LEGGE_260),
    Day(Fixed(1, 6), "Epifania", "D.P.R. 792/1985"),
    Day(Easter(0), "Pasqua", LEGGE_260),
    Day(Easter(1), "Lunedì dell'Angelo", LEGGE_260),
    Day(Fixed(4, 25), "Anniversario della Liberazione", LEGGE_260),
    Day(Fixed(5, 1), "Festa del Lavoro", LEGGE_260),
    Day(Fixed(6, 2), "Festa della Repubblica", "Legge 336/2000"),
    Day(Fixed(8, 15), "Assunzione della Beata Vergine Maria", LEGGE_260),
    Day(Fixed(10, 4), "San Francesco d'Assisi", "Legge 151/2025", since=2026),
    Day(Fixed(11, 1), "Ognissanti", LEGGE_260),
    Day(Fixed(12, 8), "Immacolata Concezione", LEGGE_260),
    Day(Fixed(12, 25), "Natale", LEGGE_260),
    Day(Fixed(12, 26), "Santo Stefano", LEGGE_260),
], years=range(2024, 2031))

AREAS = FRANCE + UNITED_KINGDOM + [SPAIN, ITALY]
