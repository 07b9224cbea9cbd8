/*
 * rulebook - the law as data: regimes, their rules, where each comes from and from when to when it holds
 *
 * A rulebook is a plain tree of values. conf/rulebook_file.h builds it from text; merge.h says what binds a class; nothing else interprets it.
 * No regime overrides another: all that apply bind together (REGULATIONS 3.3), so a rulebook can only tighten. Rules are chosen by the date of
 * dispatch, not of planning.
 *
 * Ownership: rulebook_free releases the whole tree. Immutable once built; any thread may read it.
 */
#ifndef DAYPART_CORE_RULEBOOK_H
#define DAYPART_CORE_RULEBOOK_H

#include "calendar.h"
#include "instant.h"
#include "vocabulary.h"

enum {
	RULE_ID_MAX = 48,      /* "us.window" */
	RULE_SOURCES_MAX = 96, /* "R-054 R-055" */
	REGIME_ID_MAX = 24,
	REGION_CODE_MAX = 8, /* "US-TX" and its NUL */
	DAY_RANGES_MAX = 4,  /* France has two windows a day */
	REGIME_REGIONS_MAX = 64
};

enum strength { STRENGTH_MUST, STRENGTH_SHOULD, STRENGTH_INFO };
enum regime_status { REGIME_ENFORCED, REGIME_ADVISORY, REGIME_OFF };

struct day_range {
	struct day_time from, until; /* until <= from: ends on the next day */
};
struct day_ranges {
	uint8_t count; /* 0: closed that day */
	struct day_range ranges[DAY_RANGES_MAX];
};

/* WIN. An overnight range belongs to the day on which it opens. */
struct window_rule {
	struct day_ranges days[WEEKDAY_COUNT];
	bool on_holidays_replaced;        /* true: `holidays` replaces the weekday's ranges on days of `calendar` */
	struct day_ranges holidays;       /* count 0: closed (BLK) */
	char calendar[CALENDAR_NAME_MAX]; /* empty when on_holidays_replaced is false */
	char fixed_zone[64];              /* empty: the recipient's own clock */
};

/* CAP. At most `n` messages per person and business within the period. */
enum cap_period { CAP_ROLLING, CAP_CALENDAR_DAY, CAP_CALENDAR_MONTH };
struct cap_rule {
	uint16_t n;
	enum cap_period period;
	struct duration length; /* CAP_ROLLING only */
};

/* CNS and EVD. */
struct consent_rule {
	bool required;
	uint32_t evidence; /* EVIDENCE_BIT mask that must be present at dispatch */
};

enum rule_kind { RULE_WINDOW, RULE_CAP, RULE_CONSENT };

struct rule {
	char id[RULE_ID_MAX];           /* unique in the rulebook */
	char sources[RULE_SOURCES_MAX]; /* rows of the regulations, blank separated; house rules say "house" */
	enum rule_kind kind;
	enum strength strength;
	uint32_t categories, channels; /* bit masks: what it binds. No window or cap ever binds opt_out_confirmation (C31, F7) */
	struct date from, until;       /* [from, until) in local dates of the recipient (or fixed zone); unbounded: INT32_MIN, INT32_MAX */
	union {
		struct window_rule window;
		struct cap_rule cap;
		struct consent_rule consent;
	};
};

struct regime {
	char id[REGIME_ID_MAX];
	char *title;
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
	bool enforce_should; /* policy for strength `should`: true binds (default), false only reports */
	uint8_t hash[32];    /* SHA-256 of the texts it was read from, set by the loader */
};

void rulebook_free(struct rulebook **rulebook);

/* Whether `regime` applies to a person who may be in `region`. */
bool regime_covers(const struct regime *regime, const char *region);
/* Enforced, and of a strength that binds under the rulebook's policy. Info never binds. */
bool rule_binds(const struct rulebook *rulebook, const struct regime *regime, const struct rule *rule);

#endif
