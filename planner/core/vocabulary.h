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
	EVIDENCE_APPROVED_WORDING,   /* the wording cited is an approved one of the business */
	EVIDENCE_NAMES_CHANNEL,      /* that wording names the channel: R-013 */
	EVIDENCE_NAMES_BUSINESS,     /* and the business: R-013 */
	EVIDENCE_SAYS_MARKETING,     /* and says "marketing messages" in so many words: R-030 */
	EVIDENCE_PRIVACY_NOTICE,     /* and cites a version of the privacy policy */
	EVIDENCE_INTENT_CONFIRMED,   /* not begun by a message that came in (ad, QR code, chat), or confirmed afterwards */
	EVIDENCE_PAPER_KEPT,         /* not given offline, or EVIDENCE_DOCUMENT */
	EVIDENCE_CUSTOMER,           /* the person is a customer of the business, with a reference: exceptions of overlays only */
	EVIDENCE_NIGHT_HOURS,        /* agreed apart to messages at night: P-60 */
	EVIDENCE_COUNT
};

/* What a text must show or avoid (content.h). */
enum content_item {
	CONTENT_SENDER_NAME,       /* the name of the business */
	CONTENT_OPT_OUT,           /* how to opt out */
	CONTENT_OFFER_TERMS,       /* the campaign states the terms of its offer: R-070 */
	CONTENT_OFFER_EXPIRY,      /* and a last day, later than the dispatch: R-070 */
	CONTENT_PROMOTIONAL_LABEL, /* begins with a word that says it is an advertisement: R-073 */
	CONTENT_SUPPORT_CONTACT,   /* a toll-free number or an e-mail address: R-074 */
	CONTENT_IDENTIFIER,        /* the sender's registered identifier (India: 6 characters): R-084 */
	CONTENT_PURE,              /* nothing promotional */
	CONTENT_NO_IDENTIFIERS,    /* no card, account or identity numbers, asked for or shown: R-088 */
	CONTENT_COUNT
};

/* Whom a registration or attestation is about. */
enum subject { SUBJECT_BUSINESS, SUBJECT_SENDER, SUBJECT_TEMPLATE, SUBJECT_CAMPAIGN, SUBJECT_COUNT };

#define CATEGORY_BIT(category) (1u << (category))
#define CHANNEL_BIT(channel) (1u << (channel))
#define EVIDENCE_BIT(evidence) (1u << (evidence))
#define CONTENT_BIT(item) (1u << (item))
#define ALL_CATEGORIES ((1u << CATEGORY_COUNT) - 1u)
#define ALL_CHANNELS ((1u << CHANNEL_COUNT) - 1u)

const char *category_name(enum category category);
const char *channel_name(enum channel channel);
const char *evidence_name(enum evidence evidence);
const char *content_item_name(enum content_item item);
const char *subject_name(enum subject subject);

/* Words for the method or source of a consent, ended by NULL: what began with a message that came in, and what was agreed on paper or
 * by word of mouth. Words that never count are the rulebook's. */
extern const char *const consent_inbound_words[], *const consent_offline_words[];

bool category_parse(const char *text, enum category *out);
bool channel_parse(const char *text, enum channel *out);

#endif
