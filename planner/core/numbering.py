#!/usr/bin/python3
"""numbering.py OUTPUT.c: derives the table of number.h from libphonenumber's metadata, the tzdb and ISO 3166.

The result is a digit trie with shared subtrees. What a prefix says is decided as follows.

Regions. A calling code shared by several countries is resolved by their number patterns (fixed, mobile and VoIP): the patterns are followed
digit by digit, and a prefix belongs to every country whose patterns it can still match. What matches none is a range opened after the data
were made: every country of the code. What can only be toll-free, premium, shared-cost, personal, pager, UAN or voicemail has no place.

Zones. zone.tab names the zones of a country; of those with the same offsets from now on only the first is taken. Most countries are done with
that. Elsewhere libphonenumber has rows of prefixes, but they speak of fixed lines: a mobile prefix may look like Sydney's and be used in
Perth. So a row counts for prefixes that can only be fixed lines, and for mobiles where these carry an area (TRUSTED_MOBILES); a row that
names a zone the country does not have is out of date and does not count. All else gets every zone of the country.

+1 is taken by area code only: its finer rows are older than its newest exchanges, so a code has the zones of all its rows.

Corrections: numbering_overrides.txt. The output depends on nothing but the installed packages; it is deterministic.
"""

import collections
import datetime
import hashlib
import json
import pathlib
import re
import sys
import zoneinfo

import phonenumbers
from phonenumbers.data import _COUNTRY_CODE_TO_REGION_CODE as CODES
from phonenumbers.geodata import GEOCODE_DATA
from phonenumbers.tzdata import TIMEZONE_DATA

TZDB = pathlib.Path("/usr/share/zoneinfo")
ISO_CODES = pathlib.Path("/usr/share/iso-codes/json")
TRUSTED_MOBILES = {54, 55, 86}
WITHOUT_PLACE = (800, 808, 870, 878, 881, 882, 883, 888, 979)
EXTRA_REGIONS = {"XK"}  # Kosovo, which has a calling code but no ISO code
MAX_DEPTH = 6  # national digits; deeper differences are a handful of numbers
DIGITS = "0123456789"
UNKNOWN, PLACED, NON_GEOGRAPHIC = "NUMBER_UNKNOWN", "NUMBER_PLACED", "NUMBER_NON_GEOGRAPHIC"


# ---- zones -----------------------------------------------------------------------------------------------------------------------------

def read_tzdb():
    links, version = {}, "?"
    for line in (TZDB / "tzdata.zi").read_text().splitlines():
        if line.startswith("# version "):
            version = line.split()[2]
        elif line.startswith("L "):
            _, target, name = line.split()
            links[name] = target
    countries = {}
    for line in (TZDB / "zone.tab").read_text().splitlines():
        if not line.startswith("#"):
            country, _, name = line.split("\t")[:3]
            countries.setdefault(country, []).append(name)
    return version, links, countries


TZDB_VERSION, LINKS, ZONE_TAB = read_tzdb()
BEHAVIOURS = {}


def canonical(zone):
    while zone in LINKS:
        zone = LINKS[zone]
    return zone


ROWS_NAMING = collections.Counter(canonical(zone) for zones in TIMEZONE_DATA.values() for zone in zones)


def behaviour(zone):
    """The offsets of the coming years: zones with equal ones need not be told apart."""
    if zone not in BEHAVIOURS:
        info = zoneinfo.ZoneInfo(zone)
        start = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
        days = (start + datetime.timedelta(days=d) for d in range(0, 3650, 3))
        BEHAVIOURS[zone] = hash(tuple(day.astimezone(info).utcoffset() for day in days))
    return BEHAVIOURS[zone]


def distinct_zones(zones):
    """The zones, without those that behave like another one. Of those, the first one that libphonenumber names is kept."""
    seen = {}
    for zone in sorted(map(canonical, zones), key=lambda zone: zone not in ROWS_NAMING):
        seen.setdefault(behaviour(zone), zone)
    return frozenset(seen.values())


def zones_of(regions):
    return distinct_zones([zone for region in regions for zone in ZONE_TAB.get(region[:2], [])])


# ---- number patterns, followed digit by digit ------------------------------------------------------------------------------------------

class Pattern:
    """A regular expression of libphonenumber as a nondeterministic automaton. step() with a set of states and a digit; empty: no match."""

    def __init__(self, text):
        self.text, self.at = text, 0
        self.edges, self.jumps, self.steps = [], [], {}
        start, end = self.alternatives()
        assert self.at == len(text), text
        self.end = end
        self.start = self.closure({start})

    def state(self):
        self.edges.append([])
        self.jumps.append([])
        return len(self.edges) - 1

    def peek(self):
        return self.text[self.at] if self.at < len(self.text) else ""

    def alternatives(self):
        start, end = self.state(), self.state()
        while True:
            first, last = self.sequence()
            self.jumps[start].append(first)
            self.jumps[last].append(end)
            if self.peek() != "|":
                return start, end
            self.at += 1

    def sequence(self):
        start = last = self.state()
        while self.peek() not in ("", "|", ")"):
            begin = self.at
            first, end = self.atom()
            low, high = self.repetition()
            after = self.at
            for count in range(high):
                if count > 0:
                    self.at = begin
                    first, end = self.atom()
                if count >= low:
                    self.jumps[first].append(end)
                self.jumps[last].append(first)
                last = end
            self.at = after
        return start, last

    def atom(self):
        if self.text.startswith("(?:", self.at):
            self.at += 3
            inner = self.alternatives()
            self.at += 1
            return inner
        match = re.compile(r"\\d|\[[^]]*\]|\d").match(self.text, self.at)
        self.at = match.end()
        start, end = self.state(), self.state()
        allowed = re.compile(match.group())
        self.edges[start] = [(digit, end) for digit in DIGITS if allowed.match(digit)]
        return start, end

    def repetition(self):
        match = re.compile(r"\?|\{(\d+)(?:,(\d+))?\}").match(self.text, self.at)
        if not match:
            return 1, 1
        self.at = match.end()
        if match.group() == "?":
            return 0, 1
        return int(match.group(1)), int(match.group(2) or match.group(1))

    def closure(self, states):
        todo, seen = list(states), set(states)
        while todo:
            for target in self.jumps[todo.pop()]:
                if target not in seen:
                    seen.add(target)
                    todo.append(target)
        return frozenset(seen)

    def step(self, states, digit):
        if (states, digit) not in self.steps:
            self.steps[states, digit] = self.closure({to for state in states for label, to in self.edges[state] if label == digit})
        return self.steps[states, digit]


class Patterns:
    """The patterns of several number types, followed together."""

    def __init__(self, descriptions):
        texts = {d.national_number_pattern for d in descriptions if d and d.national_number_pattern}
        self.patterns = [Pattern(re.sub(r"\s", "", text)) for text in sorted(texts)]

    def start(self):
        return tuple(pattern.start for pattern in self.patterns)

    def step(self, states, digit):
        return tuple(pattern.step(state, digit) for pattern, state in zip(self.patterns, states))


class Country:
    def __init__(self, region):
        data = phonenumbers.PhoneMetadata.metadata_for_region(region)
        self.region = {"AC": "SH-AC", "TA": "SH-TA"}.get(region, region)
        self.fixed = Patterns([data.fixed_line])
        self.other = Patterns([data.mobile, data.voip])
        self.nowhere = Patterns([data.toll_free, data.premium_rate, data.shared_cost, data.personal_number, data.pager, data.uan,
                                 data.voicemail])
        self.leading = data.leading_digits


# ---- the trie: a leaf is a place (kind, regions, zones); a node is (ten children, the place of a number that ends here) ------------------

def is_leaf(node):
    return len(node) == 3


def make_place(kind, regions=(), zones=()):
    return (kind, tuple(sorted(regions)), tuple(sorted(zones)))


def make_node(children, fallback):
    if all(child == children[0] for child in children) and is_leaf(children[0]):
        return children[0]
    return (tuple(children), fallback)


def rewrite(node, prefix, change):
    """The trie with `change` applied to every place whose number begins with `prefix`."""
    if is_leaf(node):
        if not prefix:
            return change(node)
        node = ((node,) * 10, node)
    children, fallback = list(node[0]), node[1]
    for digit in DIGITS if not prefix else prefix[0]:
        children[int(digit)] = rewrite(children[int(digit)], prefix[1:], change)
    return make_node(children, change(fallback) if not prefix else fallback)


class CallingCode:
    """Derives the trie of one calling code, other than +1."""

    def __init__(self, code):
        self.code = code
        self.countries = [Country(region) for region in CODES[code]]
        self.rows = {k: v for k, v in TIMEZONE_DATA.items() if k.startswith(str(code))}
        self.row_beginnings = {row[:length] for row in self.rows for length in range(len(row))}
        self.all = make_place(PLACED, [c.region for c in self.countries], zones_of(c.region for c in self.countries))
        self.memo = {}

    def trie(self):
        states = tuple((c.fixed.start(), c.other.start(), c.nowhere.start()) for c in self.countries)
        return self.descend(str(self.code), states, 0)

    def step(self, states, digit):
        return tuple((c.fixed.step(fixed, digit), c.other.step(other, digit), c.nowhere.step(nowhere, digit))
                     for c, (fixed, other, nowhere) in zip(self.countries, states))

    def longest_row(self, prefix):
        return next((prefix[:length] for length in range(len(prefix), 0, -1) if prefix[:length] in self.rows), "")

    def row_zones(self, prefix):
        """The zones of the rows that may hold for a number that begins with `prefix`."""
        names = set(self.rows.get(self.longest_row(prefix), ()))
        if prefix in self.row_beginnings:
            names.update(*(zones for row, zones in self.rows.items() if row.startswith(prefix)))
        return frozenset(map(canonical, names))

    def zones(self, prefix, regions, mobile):
        zones = zones_of(regions)
        if len(zones) == 1 or (mobile and self.code not in TRUSTED_MOBILES):
            return zones
        rows = self.row_zones(prefix)
        stale = {behaviour(zone) for zone in rows} - {behaviour(zone) for zone in zones}
        return distinct_zones(sorted(rows)) if rows and not stale else zones

    def descend(self, prefix, states, depth):
        """The trie below `prefix`, whose digits have brought the patterns of each country into `states`."""
        fixed = any(any(fixed) for fixed, _, _ in states)
        mobile = any(any(other) for _, other, _ in states)
        nowhere = any(any(nowhere) for _, _, nowhere in states)
        if not fixed and not mobile:
            return make_place(NON_GEOGRAPHIC) if nowhere else self.all
        regions = [c.region for c, (fixed, other, _) in zip(self.countries, states) if any(fixed) or any(other)]
        place = make_place(PLACED, regions, self.zones(prefix, regions, mobile))
        one_zone = len(zones_of(regions)) == 1
        by_row = not one_zone and prefix in self.row_beginnings
        settled = len(regions) == 1 and not nowhere and not by_row and (one_zone or not mobile or not fixed)
        if depth == MAX_DEPTH or (depth > 0 and settled):
            return place
        key = (states, depth, "" if one_zone else prefix if by_row else self.longest_row(prefix))
        if key not in self.memo:
            children = [self.descend(prefix + digit, self.step(states, digit), depth + 1) for digit in DIGITS]
            self.memo[key] = make_node(children, place)
        return self.memo[key]


# ---- +1 --------------------------------------------------------------------------------------------------------------------------------

def subdivisions():
    """{"Texas": "US-TX", "TX": "US-TX", ...}"""
    names = {"Washington State": "US-WA", "Washington D.C.": "US-DC", "Philadelphia": "US-PA"}
    for entry in json.loads((ISO_CODES / "iso_3166-2.json").read_text())["3166-2"]:
        if entry["code"][:3] in ("US-", "CA-"):
            names.setdefault(entry["name"], entry["code"])
            names.setdefault(entry["code"][3:], entry["code"])
    return names


def north_america():
    names = subdivisions()
    islands = {region: re.compile(phonenumbers.PhoneMetadata.metadata_for_region(region).leading_digits)
               for region in CODES[1] if region not in ("US", "CA")}
    everywhere = distinct_zones(sorted({canonical(z) for z in TIMEZONE_DATA["1"]}, key=lambda zone: (-ROWS_NAMING[zone], zone)))
    anywhere = make_place(PLACED, CODES[1], everywhere)

    def area(code):
        island = [region for region, leading in islands.items() if leading.fullmatch(code)]
        if island:
            return make_place(PLACED, island, zones_of(island))
        zones = {canonical(z) for k, v in TIMEZONE_DATA.items() if k.startswith("1" + code) for z in v}
        if not zones:
            return anywhere
        description = GEOCODE_DATA.get("1" + code, {}).get("en", "")
        region = names.get(description) or names.get(description.rpartition(", ")[2])
        return make_place(PLACED, [region] if region else CODES[1], distinct_zones(sorted(zones)))

    return make_node([make_node([make_node([area(a + b + c) for c in DIGITS], anywhere) for b in DIGITS], anywhere) for a in DIGITS],
                     anywhere)


# ---- corrections and output ------------------------------------------------------------------------------------------------------------

def read_regions():
    countries = {e["alpha_2"] for e in json.loads((ISO_CODES / "iso_3166-1.json").read_text())["3166-1"]}
    parts = {e["code"] for e in json.loads((ISO_CODES / "iso_3166-2.json").read_text())["3166-2"]}
    return sorted(countries | parts | EXTRA_REGIONS)


def correct(trie, path, known_regions):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        prefixes, regions, zones, _ = (field.strip() for field in line.split(";", 3))
        for name in regions.split() if regions not in ("*", "NON_GEOGRAPHIC") else []:
            assert name in known_regions, f"{path.name}:{number}: no region {name}"
        for name in zones.split() if zones not in ("*", "country") else []:
            assert name not in LINKS and (TZDB / name).is_file(), f"{path.name}:{number}: no canonical zone {name}"

        def change(place, regions=regions, zones=zones):
            if regions == "NON_GEOGRAPHIC":
                return make_place(NON_GEOGRAPHIC)
            if place[0] != PLACED:
                return place
            new_regions = place[1] if regions == "*" else regions.split()
            new_zones = place[2] if zones == "*" else zones_of(new_regions) if zones == "country" else distinct_zones(zones.split())
            return make_place(PLACED, new_regions, new_zones)

        for prefix in prefixes.split(","):
            trie = rewrite(trie, prefix.strip(), change)
    return trie


def build(overrides, known_regions):
    trie = make_place(UNKNOWN)
    for code in WITHOUT_PLACE:
        trie = rewrite(trie, str(code), lambda _: make_place(NON_GEOGRAPHIC))
    for code in sorted(CODES):
        if code not in WITHOUT_PLACE:
            derived = north_america() if code == 1 else CallingCode(code).trie()
            trie = graft(trie, str(code), derived)
    return correct(trie, overrides, known_regions)


def graft(node, prefix, subtree):
    if not prefix:
        return subtree
    if is_leaf(node):
        node = ((node,) * 10, node)
    children = list(node[0])
    children[int(prefix[0])] = graft(children[int(prefix[0])], prefix[1:], subtree)
    return (tuple(children), node[1])


class Writer:
    """Numbers the distinct places and nodes, children first."""

    LEAF = 0x8000

    def __init__(self):
        self.places, self.nodes = {}, {}

    def place(self, place):
        return self.places.setdefault(place, len(self.places)) | self.LEAF

    def node(self, node):
        if is_leaf(node):
            return self.place(node)
        row = tuple(self.node(child) for child in node[0]) + (self.place(node[1]),)
        return self.nodes.setdefault(row, len(self.nodes))

    def lists(self, which):
        return sorted({place[which] for place in self.places})

    def text(self, trie, version, known_regions):
        root = self.node(trie)
        assert len(self.nodes) < self.LEAF and len(self.places) < self.LEAF
        out = ["/* Generated by numbering.py; see there. */", '#include "planner/core/number_table.h"', ""]
        regions, zones = self.lists(1), self.lists(2)
        for name, lists in (("regions", regions), ("zones", zones)):
            for i, items in enumerate(lists):
                if items:
                    out.append(f"static const char *const {name}_{i}[] = {{{', '.join(json.dumps(item) for item in items)}}};")
        out.append("const struct number_place number_places[] = {")
        for i, (kind, r, z) in enumerate(self.places):
            r_name = f"regions_{regions.index(r)}" if r else "0"
            z_name = f"zones_{zones.index(z)}" if z else "0"
            out.append(f"{{{kind}, {i}, {len(r)}, {len(z)}, {r_name}, {z_name}}},")
        out += ["};", f"const uint16_t number_places_count = {len(self.places)};", "const struct number_node number_nodes[] = {"]
        out += [f"{{{{{','.join(map(str, row[:10]))}}},{row[10]}}}," for row in self.nodes]
        out += ["};", f"const uint16_t number_root = {root};", "const char *const number_region_codes[] = {"]
        out += [f'"{code}",' for code in known_regions]
        out += ["};", f"const size_t number_region_codes_count = {len(known_regions)};"]
        digest = hashlib.sha256("\n".join(out).encode()).hexdigest()[:16]
        out.append(f'const char number_version[] = "libphonenumber {version}, tzdata {TZDB_VERSION}, {digest}";')
        return "\n".join(out) + "\n"


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: numbering.py OUTPUT.c")
    known_regions = read_regions()
    trie = build(pathlib.Path(__file__).with_name("numbering_overrides.txt"), set(known_regions))
    pathlib.Path(sys.argv[1]).write_text(Writer().text(trie, phonenumbers.__version__, known_regions))


main()
