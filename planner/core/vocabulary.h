/*
 * vocabulary - the closed word lists that files, tables and code share
 *
 * The spelling here is the spelling in CSV files, in rulebook files and in the database enums of the same name (a test compares them).
 * Mixed or unknown categories count as marketing (REGULATIONS 3.1); that decision is the caller's, parsing here is strict.
 */
#ifndef DAYPART_CORE_VOCABULARY_H
#define DAYPART_CORE_VOCABULARY_H

#include <stdbool.h>
#include <stdint.h>

enum category {
	CATEGORY_MARKETING,
	CATEGORY_TRANSACTIONAL,
	CATEGORY_ANNOUNCEMENT,
	CATEGORY_AUTHENTICATION,
	CATEGORY_SERVICE_REPLY,
	CATEGORY_OPT_IN_INVITATION,
	CATEGORY_OPT_OUT_CONFIRMATION,
	CATEGORY_COUNT
};

enum channel { CHANNEL_WHATSAPP, CHANNEL_SMS, CHANNEL_COUNT };

/* Facts that a consent record may hold. The bit is set when the fact is present; whether it is needed is the rulebook's business. */
enum evidence {
	EVIDENCE_TIME,               /* when consent was given */
	EVIDENCE_METHOD,             /* by what means: R-042 */
	EVIDENCE_WORDING,            /* what the person saw */
	EVIDENCE_SUPPLIED_BY_PERSON, /* the person gave the number */
	EVIDENCE_IP,                 /* */
	EVIDENCE_SIGNATURE,          /* */
	EVIDENCE_TAX_ID,             /* */
	EVIDENCE_SOURCE,             /* source channel: R-050 */
	EVIDENCE_CONFIRMATION,       /* second confirmation with its own time: R-035 */
	EVIDENCE_DOCUMENT,           /* reference to a kept paper: R-033 */
	EVIDENCE_COUNT
};

#define CATEGORY_BIT(category) (1u << (category))
#define CHANNEL_BIT(channel) (1u << (channel))
#define EVIDENCE_BIT(evidence) (1u << (evidence))
#define ALL_CATEGORIES ((1u << CATEGORY_COUNT) - 1u)
#define ALL_CHANNELS ((1u << CHANNEL_COUNT) - 1u)

const char *category_name(enum category category);
const char *channel_name(enum channel channel);
const char *evidence_name(enum evidence evidence);
bool category_parse(const char *text, enum category *out);
bool channel_parse(const char *text, enum channel *out);

#endif
