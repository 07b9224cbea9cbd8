/*
 * rulebook - the law as data: regimes, their rules, where each comes from and from when to when it holds
 *
 * A rulebook is a tree of values. conf/rulebook_file.h builds it from text; merge.h says what binds a class; nothing else interprets it. No regime
 * overrides another: all that apply bind together (REGULATIONS 3.3), so a rulebook can only tighten. Rules are chosen by the date of dispatch,
 * not of planning. An exception lifts its own rule only, and only when its condition is known to hold.
 *
 * Which module judges which kind of rule, for the planner and for the release gate alike:
 *
 *     window                   window.h        when, in every candidate clock
 *     cap                      cap.h           how often
 *     preference               plan_class.h    when rather than at other lawful times: it only ranks, and binds nobody
 *     consent                  eligibility.h   whether, and on what evidence
 *     content, template,       admission.h     whether campaign, template, sender and business are in order, and from when to when
 *     record, prohibition
 *     session                  admission.h     whether a text that no template is may leave
 *     volume, rate             budget.h        how much
 *     breaker                  breaker.h       when what people and providers say stops a sender
 *     opt_out, retention, note                 recorded: shown by `daypart rules show`, obeyed elsewhere
 *
 * Ownership: rulebook_free releases the whole tree. Immutable once built; any thread may read it.
 */
#ifndef DAYPART_CORE_RULEBOOK_H
#define DAYPART_CORE_RULEBOOK_H

#include "calendar.h"
#include "instant.h"
#include "predicate.h"
#include "vocabulary.h"

enum {
	RULE_ID_MAX = 48,      /* "us.window" */
	RULE_SOURCES_MAX = 96, /* "R-054 R-055" */
	REGIME_ID_MAX = 24,
	REGION_CODE_MAX = 8, /* "US-TX" and its NUL */
	DAY_RANGES_MAX = 4,  /* France has two windows a day */
	REGIME_REGIONS_MAX = 64,
	ITEM_MAX = 48,  /* "10dlc.tax_number" */
	TITLE_MAX = 96, /* what an item is, in words */
	LANGUAGES_MAX = 4,
	LANGUAGE_MAX = 12, /* "pt-BR" */
	TAGS_MAX = 40,
	TAG_MAX = 32,
	TIERS_MAX = 8,
	EXCEPTIONS_MAX = 4
};

enum strength { STRENGTH_MUST, STRENGTH_SHOULD, STRENGTH_INFO };
enum regime_status { REGIME_ENFORCED, REGIME_ADVISORY, REGIME_OFF };
/* What a rule of strength `should` does. Blocking is the default. */
enum should_policy { SHOULD_BLOCK, SHOULD_WARN, SHOULD_IGNORE };
/* For reports and waivers, never for precedence: all kinds bind together. */
enum regime_kind { REGIME_LAW, REGIME_CARRIER, REGIME_PLATFORM, REGIME_SELF_REGULATION, REGIME_HOUSE, REGIME_KIND_COUNT };

enum rule_kind {
	RULE_WINDOW,
	RULE_CAP,
	RULE_PREFERENCE,
	RULE_CONSENT,
	RULE_CONTENT,
	RULE_TEMPLATE,
	RULE_SESSION,
	RULE_RECORD,
	RULE_PROHIBITION,
	RULE_VOLUME,
	RULE_RATE,
	RULE_BREAKER,
	RULE_OPT_OUT,
	RULE_RETENTION,
	RULE_NOTE,
	RULE_KIND_COUNT
};
const char *rule_kind_name(enum rule_kind kind); /* "window" */

struct day_range {
	struct day_time from, until; /* until <= from: ends on the next day */
};
struct day_ranges {
	uint8_t count; /* 0: closed that day */
	struct day_range ranges[DAY_RANGES_MAX];
};

/* WIN and BLK, and preferences, which have days only. An overnight range belongs to the day on which it opens. */
struct window_rule {
	struct day_ranges days[WEEKDAY_COUNT];
	bool on_holidays_replaced;  /* true: `holidays` replaces the weekday's ranges on days of `calendar` */
	bool on_eves_replaced;      /* true: `eves` replaces them on the day before a holiday that is none itself (P-44) */
	struct day_ranges holidays; /* count 0: closed (BLK) */
	struct day_ranges eves;
	char calendar[CALENDAR_NAME_MAX]; /* empty when neither is replaced */
	char fixed_zone[64];              /* empty: the recipient's own clock */
	bool emergency;                   /* binds only while an emergency is declared where the person may be (P-20, P-21) */
};

/* CAP. At most `n` messages per person and business within the period; or messages over at most one channel. */
enum cap_period { CAP_ROLLING, CAP_CALENDAR_DAY, CAP_CALENDAR_MONTH };
struct cap_rule {
	uint16_t n;
	uint16_t on_holidays; /* CAP_CALENDAR_DAY only: instead of n, and less, on holidays of `calendar`; 0: as on other days */
	enum cap_period period;
	struct duration length;           /* CAP_ROLLING only */
	char calendar[CALENDAR_NAME_MAX]; /* empty without on_holidays */
	bool of_channels;                 /* n is 1, and counts channels (P-59): what left over the message's own does not matter */
	bool same_subject;                /* counts messages on the same subject only, and those of which nobody knows it */
};

/* CNS and EVD. */
struct consent_rule {
	bool required;
	uint32_t evidence;        /* EVIDENCE_BIT mask that must be present at dispatch */
	struct duration good_for; /* from the instant it was given; 0: for ever (P-34) */
};

/* CNT: what the text, as the person gets it, must show and avoid. 0 and count 0: no such limit. */
struct content_rule {
	uint32_t items;            /* CONTENT_BIT mask */
	uint16_t max_length;       /* characters (code points) of the rendered text */
	uint8_t identifier_length; /* with CONTENT_IDENTIFIER */
	uint8_t language_count;
	char languages[LANGUAGES_MAX][LANGUAGE_MAX]; /* "pt" admits pt-BR, "pt-BR" only itself */
};

/* TPL. */
struct template_rule {
	bool approved;             /* the platform's or operator's approval, now */
	bool own_purpose;          /* the campaign's category is the template's */
	uint8_t max_variables;     /* 0: no limit */
	struct duration idle;      /* not used for so long: as if not approved; 0: never */
	struct duration lead_time; /* from submission to the first lawful dispatch, when no approval date is known */
};

/* SES: a text that is no approved template may leave within `length` of the last message from the person. */
struct session_rule {
	struct duration length;
};

/* REG, SCR and attestations: a record about a subject that must exist and be live at dispatch. */
enum record_purpose { RECORD_REGISTRATION, RECORD_ATTESTATION, RECORD_SCRUB };
struct record_rule {
	enum record_purpose purpose;
	enum subject subject;
	char item[ITEM_MAX];
	char title[TITLE_MAX];
	struct duration good_for;     /* from the day it was given; 0: until its own valid_until, if any */
	struct duration renew_before; /* `status` tells so long before it ends */
	struct duration lead_time;    /* what an application takes, for `rules show` and forecasts */
	struct duration buffer;       /* and what a rejection adds */
};

/* PRH. */
struct prohibition_rule {
	bool sources;  /* tags are methods and sources of consent that never count, else tags of goods and uses */
	bool absolute; /* whatever licence the business holds */
	uint8_t tag_count;
	char tags[TAGS_MAX][TAG_MAX];
};

/* VOL: at most n within a period, per scope. The first tier whose word is the sender's trust level counts, else `n`. */
enum volume_scope { VOLUME_SENDER, VOLUME_PORTFOLIO };
struct volume_tier {
	char trust[TAG_MAX];
	int32_t n; /* INT32_MAX: unlimited */
};
struct volume_rule {
	enum volume_scope scope;
	bool people;            /* counts different people, else messages */
	struct duration length; /* rolling; 0: the calendar day of fixed_zone */
	char fixed_zone[64];
	int32_t n;                   /* for a sender of unknown trust */
	int32_t granted_max;         /* a recorded granted raise counts up to this; 0: no raise */
	struct duration raise_after; /* of registration, before a raise can be granted */
	uint8_t tier_count;
	struct volume_tier tiers[TIERS_MAX];
};

/* RTE: n per duration, for the sender or for each pair of sender and person. */
struct rate_rule {
	int32_t n;
	struct duration per;
	bool pair;
};

/* BRK: what is counted against the messages of a scope, and from when on nothing of it leaves. breaker.h says how it is judged. */
enum breaker_metric {
	BREAKER_OPT_OUT_RATE,
	BREAKER_COMPLAINT_RATE,
	BREAKER_COMPLAINT_COUNT,
	BREAKER_NEGATIVE_RATE, /* complaints and blocks */
	BREAKER_VIOLATION_RATE,
	BREAKER_QUALITY, /* the provider's last rating */
	BREAKER_METRIC_COUNT
};
enum breaker_scope { BREAKER_BUSINESS, BREAKER_SENDER, BREAKER_CAMPAIGN, BREAKER_TEMPLATE, BREAKER_SCOPE_COUNT };
enum breaker_needs { BREAKER_NEEDS_REASON, BREAKER_NEEDS_NEW_TEMPLATE, BREAKER_NEEDS_COUNT };
enum rating { RATING_UNKNOWN, RATING_GREEN, RATING_YELLOW, RATING_RED, RATING_COUNT };
struct breaker_rule {
	enum breaker_metric metric;
	enum breaker_scope scope;
	enum breaker_needs needs; /* for a resume, besides a named person and a reason */
	int32_t limit;            /* must not be exceeded: millionths of the messages, a number, or the worst rating that is none too bad */
	int32_t stop_at;          /* of rates: what is kept instead, and less; 0: the limit itself */
	int32_t warn_at;          /* as the limit; told from here on, and nothing stops; 0: never */
	int32_t min_samples;      /* of rates: fewer messages count as so many */
	struct duration per;      /* rolling */
};

/* OPT. */
enum confirmation { CONFIRMATION_ALLOWED, CONFIRMATION_REQUIRED, CONFIRMATION_FORBIDDEN };
struct opt_out_rule {
	struct duration deadline; /* 0: none stated */
	enum confirmation confirmation;
	struct duration confirm_within; /* 0: none stated */
	struct duration keep_for;       /* how long the request must be honoured; 0: for ever */
};

/* RET. min > max of one data class is a conflict that refuses the rulebook. */
enum data_class { DATA_PROFILE, DATA_EVIDENCE, DATA_SUPPRESSION, DATA_MESSAGES, DATA_CLASS_COUNT };
enum data_event { AFTER_GRANT, AFTER_LAST_USE, AFTER_OPT_OUT, DATA_EVENT_COUNT };
struct retention_rule {
	enum data_class data;
	enum data_event after;
	struct duration min, max; /* max 0: none */
};

/* What no part of daypart decides: duties, benchmarks, penalties, costs. */
struct note_rule {
	char *text;
};

struct exception {
	struct predicate *condition; /* lifts the rule when known to hold */
	bool on;
	char sources[RULE_SOURCES_MAX];
};

struct rule {
	char id[RULE_ID_MAX];           /* unique in the rulebook */
	char sources[RULE_SOURCES_MAX]; /* rows of the regulations, blank separated; house rules say "house" */
	enum rule_kind kind;
	enum strength strength;
	uint32_t categories, channels; /* bit masks: what it binds. No window or cap ever binds opt_out_confirmation (C31, F7) */
	struct date from, until;       /* [from, until) in local dates of the recipient (or fixed zone); unbounded: INT32_MIN, INT32_MAX */
	uint64_t digest;               /* of its text, set by the loader */
	int line;                      /* of regime.file, 0 when it is from no file */
	bool off;                      /* an option that is not chosen */
	char option[ITEM_MAX];         /* its name, "C31 strict", when it is one reading of several */
	struct predicate *when;        /* NULL: always */
	struct exception exceptions[EXCEPTIONS_MAX];
	uint8_t exception_count;
	bool waivable;                 /* a recorded waiver may lift it */
	char waiver_role[TAG_MAX];     /* by whom, when waivable */
	struct duration waiver_within; /* at most so long */
	union {
		struct window_rule window;
		struct cap_rule cap;
		struct consent_rule consent;
		struct content_rule content;
		struct template_rule template;
		struct session_rule session;
		struct record_rule record;
		struct prohibition_rule prohibition;
		struct volume_rule volume;
		struct rate_rule rate;
		struct breaker_rule breaker;
		struct opt_out_rule opt_out;
		struct retention_rule retention;
		struct note_rule note;
	};
};

struct regime {
	char id[REGIME_ID_MAX];
	char *title, *file; /* "us.cfg"; either may be NULL in a rulebook from no file */
	enum regime_kind kind;
	enum regime_status status;
	bool everywhere;                                   /* base, platform and house regimes */
	char regions[REGIME_REGIONS_MAX][REGION_CODE_MAX]; /* a country code also covers its subdivisions */
	size_t region_count;
	struct date review_by;
	struct rule *rules;
	size_t rule_count;
};

struct rulebook {
	struct regime *regimes;
	size_t regime_count;
	enum should_policy should;
	const struct regime *should_from; /* whose file says so; NULL: none, the default holds */
	uint8_t hash[32];                 /* SHA-256 of the texts it was read from, set by the loader */
};

void rulebook_free(struct rulebook **rulebook);

/* Whether `regime` applies to a person who may be in `region`. */
bool regime_covers(const struct regime *regime, const char *region);
/* Whether there is an enforced law that names the region; what binds everywhere does not count. */
bool rulebook_covers(const struct rulebook *rulebook, const char *region);
/* Enforced, chosen, and of a strength that binds under the rulebook's policy. Info never binds; of preferences, which only rank, each counts. */
bool rule_binds(const struct rulebook *rulebook, const struct regime *regime, const struct rule *rule);
/* Does not bind, but only because its regime is advisory, or because a rule of strength `should` only warns. */
bool rule_advises(const struct rulebook *rulebook, const struct regime *regime, const struct rule *rule);

/* The calendar it names, or "". */
const char *rule_calendar(const struct rule *rule);

/* The rule of this id and, if wanted, its regime; NULL when there is none. */
const struct rule *rulebook_find(const struct rulebook *rulebook, const char *id, const struct regime **out_regime);

#endif
