"""Brazil: national days, and those of the states and the Federal District.

Carnival and Corpus Christi are optional days (ponto facultativo) on which banks are closed: they are in, because R-057 forbids messages on
public holidays. Left out: what the Supreme Court annulled (Rondônia 18 June, ADI 3940; Amapá 25 July, ADI 4820), the 19 December of Paraná
(revoked by Lei 18.384/2014), the state days of 20 November (a national one since 2024), saints' days of the capitals.
"""
from holiday_rules import Area, Day, Easter, Fixed, MO, Moved, SA, TH, TU, WE

LAW_662 = "Lei 662/1949"

BR = Area("BR", "Brazil, national holidays", [
    Day(Fixed(1, 1), "Confraternização Universal", LAW_662),
    Day(Fixed(4, 21), "Tiradentes", LAW_662),
    Day(Fixed(5, 1), "Dia do Trabalho", LAW_662),
    Day(Fixed(9, 7), "Independência do Brasil", LAW_662),
    Day(Fixed(10, 12), "Nossa Senhora Aparecida", "Lei 6.802/1980"),
    Day(Fixed(11, 2), "Finados", LAW_662),
    Day(Fixed(11, 15), "Proclamação da República", LAW_662),
    Day(Fixed(11, 20), "Dia Nacional de Zumbi e da Consciência Negra", "Lei 14.759/2023"),
    Day(Fixed(12, 25), "Natal", LAW_662),
    Day(Easter(-48), "Carnaval (segunda-feira)", "ponto facultativo"),
    Day(Easter(-47), "Carnaval (terça-feira)", "ponto facultativo"),
    Day(Easter(-2), "Paixão de Cristo", "Lei 9.093/1995"),
    Day(Easter(60), "Corpus Christi", "ponto facultativo"),
])


def fixed(month, day, name, law):
    return Day(Fixed(month, day), name, law)


def acre(month, day, name, law):
    """From Tuesday to Thursday it is kept on Friday (Lei 2.247/2009)."""
    return Day(Moved(Fixed(month, day), {TU: 3, WE: 2, TH: 1}), name, f"{law}; Lei 2.247/2009")


def santa_catarina(month, day, name):
    """When it is no Sunday it is kept on the next one."""
    return Day(Moved(Fixed(month, day), {weekday: 6 - weekday for weekday in range(MO, SA + 1)}), name, "Lei 12.906/2004")


NO_LAW_FOUND = "observed in the whole state, law not ascertained; in as a caution"

STATES = {
    "AC": ("Acre", [
        acre(1, 23, "Dia do Evangélico", "Lei 1.538/2004"),
        acre(3, 8, "Dia Internacional da Mulher", "Lei 1.411/2001"),
        fixed(6, 15, "Aniversário do Acre", "Lei 14/1964"),
        acre(9, 5, "Dia da Amazônia", "Lei 1.526/2004"),
        acre(11, 17, "Assinatura do Tratado de Petrópolis", "Lei 57/1965"),
    ]),
    "AL": ("Alagoas", [
        fixed(6, 24, "São João", "Lei 5.508/1993"),
        fixed(6, 29, "São Pedro", "Lei 5.509/1993"),
        fixed(9, 16, "Emancipação Política de Alagoas", "Lei 5.247/1991"),
        fixed(11, 30, "Dia do Evangélico", NO_LAW_FOUND),
    ]),
    "AM": ("Amazonas", [fixed(9, 5, "Elevação do Amazonas à categoria de província", "Lei 25/1977")]),
    "AP": ("Amapá", [
        fixed(3, 19, "Dia de São José", "Lei 667/2002"),
        fixed(9, 13, "Criação do Território Federal do Amapá", "Constituição do Estado, art. 335"),
    ]),
    "BA": ("Bahia", [fixed(7, 2, "Independência da Bahia", "Constituição do Estado, art. 6")]),
    "CE": ("Ceará", [
        fixed(3, 19, "Dia de São José", NO_LAW_FOUND),
        fixed(3, 25, "Data Magna do Ceará", "Constituição do Estado, art. 18"),
    ]),
    "DF": ("Distrito Federal", [
        fixed(4, 21, "Fundação de Brasília", "Lei distrital 963/1995"),
        fixed(11, 30, "Dia do Evangélico", "Lei distrital 963/1995"),
    ]),
    "ES": ("Espírito Santo", [Day(Easter(8), "Nossa Senhora da Penha", "Lei 11.010/2019")]),
    "GO": ("Goiás", [
        fixed(7, 26, "Fundação da Cidade de Goiás", "Lei 20.756/2020"),
        fixed(10, 24, "Pedra Fundamental de Goiânia", "Lei 20.756/2020"),
    ]),
    "MA": ("Maranhão", [fixed(7, 28, "Adesão do Maranhão à Independência do Brasil", "Lei 2.457/1964")]),
    "MG": ("Minas Gerais", [fixed(4, 21, "Data Magna do Estado", "Constituição do Estado, art. 256")]),
    "MS": ("Mato Grosso do Sul", [fixed(10, 11, "Criação do Estado", "Lei 10/1979")]),
    "MT": ("Mato Grosso", []),
    "PA": ("Pará", [fixed(8, 15, "Adesão do Grão-Pará à Independência do Brasil", "Lei 5.999/1996")]),
    "PB": ("Paraíba", [
        fixed(7, 26, "Homenagem à memória de João Pessoa", "Lei 3.489/1967; in dispute since Lei 10.601/2015, in as a caution"),
        fixed(8, 5, "Fundação do Estado", "Lei 10.601/2015"),
    ]),
    "PE": ("Pernambuco", [fixed(3, 6, "Data Magna de Pernambuco", "Lei 16.059/2017")]),
    "PI": ("Piauí", [fixed(10, 19, "Dia do Piauí", "Lei 176/1937")]),
    "PR": ("Paraná", []),
    "RJ": ("Rio de Janeiro", [fixed(4, 23, "Dia de São Jorge", "Lei 5.198/2008; upheld by ADI 4092")]),
    "RN": ("Rio Grande do Norte", [
        fixed(8, 7, "Dia do Rio Grande do Norte", "Lei 7.831/2000; no day off by every reading, in as a caution"),
        fixed(10, 3, "Mártires de Cunhaú e Uruaçu", "Lei 8.913/2006"),
    ]),
    "RO": ("Rondônia", [fixed(1, 4, "Criação do Estado", "Lei 2.291/2010")]),
    "RR": ("Roraima", [fixed(10, 5, "Criação do Estado", "Constituição do Estado, art. 9")]),
    "RS": ("Rio Grande do Sul", [fixed(9, 20, "Revolução Farroupilha", "Constituição do Estado, art. 6")]),
    "SC": ("Santa Catarina", [
        santa_catarina(8, 11, "Dia do Estado de Santa Catarina"),
        santa_catarina(11, 25, "Dia de Santa Catarina de Alexandria"),
    ]),
    "SE": ("Sergipe", [fixed(7, 8, "Emancipação Política de Sergipe", "Constituição do Estado, art. 269")]),
    "SP": ("São Paulo", [fixed(7, 9, "Revolução Constitucionalista", "Lei 9.497/1997")]),
    "TO": ("Tocantins", [
        fixed(3, 18, "Autonomia do Estado", "Lei 960/1998"),
        fixed(9, 8, "Nossa Senhora da Natividade", "Lei 627/1993"),
        fixed(10, 5, "Criação do Estado", "Lei 98/1989"),
    ]),
}

AREAS = [BR] + [Area(f"BR-{code}", f"Brazil, {name}", own, parent=BR) for code, (name, own) in STATES.items()]
