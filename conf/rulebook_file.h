/*
 * rulebook_file - one rulebook file: one regime and its rules, in libconfig's format
 *
 * A file begins with what the regime is; sections of rules follow, in any order, each a list of groups:
 *
 *     id = "br";  title = "Brazil: LGPD and ANATEL";  kind = "law";  status = "enforced";  regions = ["BR"];  review_by = "2027-06-30";
 *     caps = ( { id = "br.cap"; source = "R-064"; strength = "must"; categories = ["marketing"]; n = 4; per = "calendar month"; } );
 *
 *     kind       law (when missing), carrier, platform, self_regulation, house: for reports and waivers, never for precedence
 *     status     enforced; advisory: warns only; off: is not there. Switching a regime on is this one line
 *     regions    ISO 3166 codes of countries and subdivisions, or "everywhere"
 *     review_by  the day by which somebody should read the law again
 *     should     block (when no file says it), warn, ignore: what rules of strength "should" do, in all files. At most one file says it: house.cfg
 *
 * Every key is checked, unknown ones are refused, and one run reports every problem with file, line, field and cure. Lengths of time are written
 * "31d", "24h", "90m", "6s"; dates "2026-11-23"; times of day "09:00" to "24:00"; lists ["a", "b"]; texts in double quotes. Keys in [brackets]
 * below may be left out.
 *
 * Keys of every rule
 *
 *     id           its name in reports, unique in all files: a-z, 0-9, '.', '_', '-'
 *     source       rows of the regulations: "R-054 P-13"; also C31 (a contradiction), F15 (an added sentence); "house" for our own
 *     strength     must; should: binds by the policy above; info: recorded only
 *     categories   "all" or a list of marketing, transactional, announcement, authentication, service_reply, opt_in_invitation,
 *                  opt_out_confirmation. No window or cap may bind the last one
 *     [channels]   "all" (when missing) or a list of whatsapp, sms
 *     [from]       the first local day on which it holds
 *     [until]      the first one on which it no longer does
 *     [when]       a condition (planner/core/predicate.h): "number:US and not tag:emergency". What is not known counts as true
 *     [except]     what lifts this one rule, when it is known to hold and switched on; at most four:
 *                  ( { if = "consent:customer"; on = false; source = "P-13"; } )
 *     [waiver]     who may lift it for a business, and for how long: { role = "compliance"; within = "90d"; }. Without it: nobody
 *     [option]     the name of a reading where the documents contradict each other: option = "C31 strict"; on = true;
 *     [on]         with an option, and only then: whether this reading is the chosen one
 *
 * Sections and the keys of their rules
 *
 * windows: when a message may leave, in the person's clock or a fixed one.
 *     days = { weekdays = "09:00-20:00"; weekends = "closed"; holidays = "closed"; calendar = "BR"; };
 *     days = { every_day = "08:00-12:00, 16:00-20:00"; sunday = "closed"; eves = "10:00-19:00"; calendar = "IT"; };
 *     days = { every_day = "closed"; };  emergency = true;          # only while an emergency is declared where the person may be
 *     days = { every_day = "08:00-20:00"; };  clock = "America/Chicago";
 *   Up to four ranges a day, or "closed"; a range that ends at or before its beginning ends on the next day. Every day of the week must be named; of
 *   several keys the later in this order counts: every_day, weekdays, weekends, monday ... sunday. `holidays` replaces them on days of the calendar
 *   (conf/calendars/br.ics is "BR"), `eves` on days before one that are none themselves.
 *
 * caps: how many messages one person may get from one business.
 *     n = 4;  per = "calendar month";                               # or "calendar day", or any rolling length such as "31d"
 *     n = 3;  per = "calendar day";  days = { holidays = 1; calendar = "IN"; };
 *     n = 1;  of = "channels";  per = "7d";                         # not over several channels within a week; of: messages (when missing)
 *   With `days`, fewer on holidays of the calendar, and on days of which it says nothing. Only with per = "calendar day".
 *
 * preferences: hours that are better than other lawful ones: only info, and soft. Nobody goes without because of one, and none opens what is closed.
 *     days = { weekdays = "11:00-14:00"; weekends = "closed"; holidays = "closed"; calendar = "BR"; };
 *   As the days of windows. A preferred hour of the person and the local time of a campaign go before it; what all rules prefer is preferred.
 *
 * consents: whether consent is needed, what must be on record of it, and for how long it is good.
 *     required = true;  evidence = ["time", "ip", "tax_id"];  [good_for = "730d";]
 *   Words of evidence: time method wording supplied_by_person ip signature tax_id source confirmation document approved_wording names_channel
 *   names_business says_marketing privacy_notice intent_confirmed paper_kept customer night_hours.
 *
 * contents: what the text, as the person gets it, must show. At least one of requires, max_length, languages.
 *     requires = ["sender_name", "opt_out"];  max_length = 1000;  languages = ["pt"];
 *     requires = ["identifier"];  identifier_length = 6;
 *   Words: sender_name opt_out offer_terms offer_expiry promotional_label support_contact identifier pure no_identifiers. "pt" admits pt-BR, "pt-BR"
 *   only itself.
 *
 * templates: what state a template must be in; at least one key.
 *     approved = true;  own_purpose = true;  max_variables = 5;  idle = "30d";  lead_time = "2d";
 *   approved: by the platform; own_purpose: used for its own category only; idle: not used for so long, as if not approved.
 *
 * sessions: for how long after a person's last message a text that is no approved template may answer.
 *     length = "24h";
 *
 * registrations, attestations, registries: a record that must exist and be live at dispatch. registries: numbers checked against a public list.
 *     of = "sender";  item = "10dlc.tax_number";  title = "Tax number (EIN)";  [good_for = "365d";  renew_before = "30d";  lead_time = "15d";
 *     buffer = "5d";]
 *   of: business, sender, template, campaign. good_for counts from the day it was given; renew_before: warned so long before the end; lead_time: what
 *   an application takes, buffer: what a rejection adds.
 *
 * prohibitions: goods and uses, by tags of campaigns and templates, or sources of consent that never count. One of the two.
 *     tags = ["firearms", "tobacco"];  absolute = true;             # absolute: no licence helps; such a rule has no waiver and no exception
 *     sources = ["purchased", "pre ticked"];
 *
 * volumes: how many messages, or different people, a sender or a portfolio may have.
 *     scope = "sender";  per = "day";  clock = "America/Los_Angeles";  n = 500;  tiers = ( { trust = "high"; n = 200000; } );
 *     scope = "sender";  per = "24h";  n = 1000;  granted_max = 100000;  raise_after = "90d";
 *     scope = "portfolio";  people = true;  per = "24h";  n = 250;  tiers = ( { trust = "tier4"; n = "unlimited"; } );
 *   n is for a sender of unknown trust; the first tier of its trust counts instead. granted_max: a recorded raise counts up to this.
 *
 * rates: how fast.
 *     n = 80;  per = "1s";                                          # the sender
 *     n = 1;  per = "6s";  pair = true;                             # the sender to one person
 *
 * breakers: what people and providers say that stops a sender, before a limit is exceeded (planner/core/breaker.h).
 *     metric = "opt_out_rate";  scope = "sender";  limit = "0.5%";  min_samples = 1000;  per = "30d";
 *     metric = "complaint_count";  scope = "sender";  limit = 3;  warn_at = 2;  per = "30d";
 *     metric = "quality";  scope = "template";  limit = "yellow";  per = "30d";
 *   metric: also complaint_rate, negative_rate (complaints and blocks), violation_rate. scope: business, sender, campaign, template. stop_at: of rates, a
 *   lower limit of our own. warn_at: told, and stops nothing. min_samples: of rates, fewer messages count as so many. resume: reason (when missing) or
 *   new_template: what a person needs to resume it.
 *
 * opt_outs: what a request to stop asks of us; at least one key.
 *     deadline = "24h";  confirmation = "required";  confirm_within = "2h";  keep_for = "3650d";
 *   confirmation: allowed (when missing), required, forbidden. keep_for: how long the request is honoured; for ever when missing.
 *
 * retentions: how long data is kept at least and at most; at least one of min, max. A min above a max of the same data refuses the rulebook.
 *     data = "evidence";  after = "grant";  min = "365d";  [max = "1825d";]
 *   data: profile, evidence, suppression, messages. after: grant, last_use, opt_out.
 *
 * notes: what no part of daypart decides: duties, benchmarks, penalties, costs.
 *     text = "Train the staff every year.";
 */
#ifndef DAYPART_CONF_RULEBOOK_FILE_H
#define DAYPART_CONF_RULEBOOK_FILE_H

#include "rulebook_problems.h"

/* Adds the file's regime to the rulebook, whose array has room for it. Only STATUS_NO_MEMORY fails; all else is a problem. */
MUST_CHECK enum status rulebook_file_parse(const char *name, const char *text, struct rulebook *rulebook, struct problems *problems);

#endif
