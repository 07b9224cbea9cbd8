"""India, South Africa, Colombia, South Korea, Jordan: what overlays ask for, with the coverage that is known."""
from holiday_rules import Area, Day, Easter, Fixed, Listed, Moved, SU, Substitute, TO_MONDAY

DOPT = "DoPT office memorandum of the year, holidays of central government offices in Delhi"
MOON = "; moon-sighted"
CHOSEN = "; one of the chosen three"


def listed(name, key, more="", **years):
    """Keywords y2024="0411 0617" give the days of a year."""
    return Day(Listed(key, {int(year[1:]): text for year, text in years.items()}), name, DOPT + more)


# The gazetted holidays of the central government. 2027 is not in: its list was not at hand when this was written.
INDIA = Area("IN", "India, gazetted holidays of the central government", [
    Day(Fixed(1, 26), "Republic Day", DOPT),
    Day(Fixed(4, 14), "Dr B. R. Ambedkar's Birthday", "declared each year by a separate memorandum"),
    Day(Fixed(8, 15), "Independence Day", DOPT),
    Day(Fixed(10, 2), "Mahatma Gandhi's Birthday", DOPT),
    Day(Easter(-2), "Good Friday", DOPT),
    Day(Fixed(12, 25), "Christmas Day", DOPT),
    listed("Maha Shivaratri", "maha-shivaratri", CHOSEN, y2025="0226"),
    listed("Holi", "holi", CHOSEN, y2024="0325", y2025="0314", y2026="0304"),
    listed("Ram Navami", "ram-navami", CHOSEN, y2024="0417", y2026="0326"),
    listed("Mahavir Jayanti", "mahavir-jayanti", y2024="0421", y2025="0410", y2026="0331"),
    listed("Buddha Purnima", "buddha-purnima", y2024="0523", y2025="0512", y2026="0501"),
    listed("Janmashtami", "janmashtami", CHOSEN, y2024="0826", y2025="0816", y2026="0904"),
    listed("Dussehra", "dussehra", y2024="1012", y2025="1002", y2026="1020"),
    listed("Diwali", "diwali", y2024="1031", y2025="1020", y2026="1108"),
    listed("Guru Nanak's Birthday", "guru-nanak", y2024="1115", y2025="1105", y2026="1124"),
    listed("Id-ul-Fitr", "id-ul-fitr", MOON, y2024="0411", y2025="0331", y2026="0321"),
    listed("Id-ul-Zuha", "id-ul-zuha", MOON, y2024="0617", y2025="0607", y2026="0527"),
    listed("Muharram", "muharram", MOON, y2024="0717", y2025="0706", y2026="0626"),
    listed("Milad-un-Nabi", "milad-un-nabi", MOON, y2024="0916", y2025="0905", y2026="0826"),
], years=range(2024, 2027))

PUBLIC_HOLIDAYS_ACT = "Public Holidays Act 36 of 1994"
FOLLOWING_MONDAY = Substitute({SU: +1})

SOUTH_AFRICA = Area("ZA", "South Africa", [
    Day(rule, name, PUBLIC_HOLIDAYS_ACT, substitute=FOLLOWING_MONDAY) for rule, name in (
        (Fixed(1, 1), "New Year's Day"),
        (Fixed(3, 21), "Human Rights Day"),
        (Fixed(4, 27), "Freedom Day"),
        (Fixed(5, 1), "Workers' Day"),
        (Fixed(6, 16), "Youth Day"),
        (Fixed(8, 9), "National Women's Day"),
        (Fixed(9, 24), "Heritage Day"),
        (Fixed(12, 16), "Day of Reconciliation"),
        (Fixed(12, 25), "Christmas Day"),
        (Fixed(12, 26), "Day of Goodwill"),
    )
] + [
    Day(Easter(-2), "Good Friday", PUBLIC_HOLIDAYS_ACT),
    Day(Easter(1), "Family Day", PUBLIC_HOLIDAYS_ACT),
    Day(Listed("elections-2024", {2024: "0529"}), "General elections", f"{PUBLIC_HOLIDAYS_ACT}, s. 2A"),
], years=range(2024, 2031))

LEY_51 = "Ley 51 de 1983"


def colombian_monday(rule, name, law=LEY_51, **more):
    return Day(Moved(rule, TO_MONDAY), name, law, **more)


COLOMBIA = Area("CO", "Colombia", [
    Day(Fixed(1, 1), "Año Nuevo", LEY_51),
    colombian_monday(Fixed(1, 6), "Día de los Reyes Magos"),
    colombian_monday(Fixed(3, 19), "Día de San José"),
    Day(Easter(-3), "Jueves Santo", LEY_51),
    Day(Easter(-2), "Viernes Santo", LEY_51),
    Day(Fixed(5, 1), "Día del Trabajo", LEY_51),
    colombian_monday(Easter(39), "Ascensión del Señor"),
    colombian_monday(Easter(60), "Corpus Christi"),
    colombian_monday(Easter(68), "Sagrado Corazón de Jesús"),
    colombian_monday(Fixed(6, 29), "San Pedro y San Pablo"),
    colombian_monday(Fixed(7, 9), "Nuestra Señora del Rosario de Chiquinquirá", "Ley 2578 de 2026", since=2026),
    Day(Fixed(7, 20), "Día de la Independencia", LEY_51),
    Day(Fixed(8, 7), "Batalla de Boyacá", LEY_51),
    colombian_monday(Fixed(8, 15), "Asunción de la Virgen"),
    colombian_monday(Fixed(10, 12), "Día de la Raza"),
    colombian_monday(Fixed(11, 1), "Todos los Santos"),
    colombian_monday(Fixed(11, 11), "Independencia de Cartagena"),
    Day(Fixed(12, 8), "Inmaculada Concepción", LEY_51),
    Day(Fixed(12, 25), "Navidad", LEY_51),
], years=range(2024, 2031))


def korean(name, key, law="Act on Public Holidays", **years):
    return Day(Listed(key, {int(year[1:]): text for year, text in years.items()}), name, law)


# Substitute days are among the listed ones: which day follows which depends on the whole year.
SOUTH_KOREA = Area("KR", "South Korea", [
    Day(Fixed(1, 1), "New Year's Day", "Act on Public Holidays"),
    Day(Fixed(3, 1), "Independence Movement Day", "Act on Public Holidays"),
    Day(Fixed(5, 1), "Workers' Day", "Act on Designation of Workers' Day; a paid holiday, in as a caution"),
    Day(Fixed(5, 5), "Children's Day", "Act on Public Holidays"),
    Day(Fixed(6, 6), "Memorial Day", "Act on Public Holidays"),
    Day(Fixed(7, 17), "Constitution Day", "Act on Public Holidays, amended in 2026", since=2026),
    Day(Fixed(8, 15), "Liberation Day", "Act on Public Holidays"),
    Day(Fixed(10, 3), "National Foundation Day", "Act on Public Holidays"),
    Day(Fixed(10, 9), "Hangul Day", "Act on Public Holidays"),
    Day(Fixed(12, 25), "Christmas Day", "Act on Public Holidays"),
    korean("Seollal", "seollal", y2024="0209 0210 0211", y2025="0128 0129 0130", y2026="0216 0217 0218", y2027="0206 0207 0208"),
    korean("Buddha's Birthday", "buddha", y2024="0515", y2025="0505", y2026="0524", y2027="0513"),
    korean("Chuseok", "chuseok", y2024="0916 0917 0918", y2025="1005 1006 1007", y2026="0924 0925 0926", y2027="0914 0915 0916"),
    korean("Substitute holiday", "substitute", "Act on Public Holidays, art. 3", y2024="0212 0506", y2025="0303 0506 1008",
           y2026="0302 0525 0817 1005", y2027="0209 0719 0816 1004 1011 1227"),
    korean("Election day", "election", "Public Official Election Act", y2024="0410", y2025="0603", y2026="0603"),
    korean("Temporary holiday", "temporary", "decreed by the cabinet", y2024="1001", y2025="0127"),
], years=range(2024, 2028))

CIRCULAR = "official holidays by circular of the Prime Minister"


def sighted(name, key, **years):
    return Day(Listed(key, {int(year[1:]): text for year, text in years.items()}), name,
               f"{CIRCULAR}; moon-sighted, so the days on which it may fall are all in")


# The Islamic days are those of the Umm al-Qura calendar, with a day more on both sides: no sighting is further off.
JORDAN = Area("JO", "Jordan", [
    Day(Fixed(1, 1), "New Year's Day", CIRCULAR),
    Day(Fixed(5, 1), "Labour Day", CIRCULAR),
    Day(Fixed(5, 25), "Independence Day", CIRCULAR),
    Day(Fixed(12, 25), "Christmas Day", CIRCULAR),
    sighted("Eid al-Fitr", "eid-al-fitr", y2026="0319 0320 0321 0322 0323 0324", y2027="0308 0309 0310 0311 0312 0313"),
    sighted("Eid al-Adha", "eid-al-adha", y2026="0525 0526 0527 0528 0529 0530 0531", y2027="0514 0515 0516 0517 0518 0519 0520"),
    sighted("Hijri New Year", "hijri-new-year", y2026="0615 0616 0617", y2027="0605 0606 0607"),
    sighted("Prophet's Birthday", "mawlid", y2026="0824 0825 0826", y2027="0813 0814 0815"),
], years=range(2026, 2028))

AREAS = [INDIA, SOUTH_AFRICA, COLOMBIA, SOUTH_KOREA, JORDAN]
