/* Word lists indexed by their enums; the lists are short, so a linear search is the fastest and the plainest way to parse. */
#include "vocabulary.h"

#include <stddef.h>
#include <string.h>

static const char *const category_names[CATEGORY_COUNT] = {
	[CATEGORY_MARKETING] = "marketing",
	[CATEGORY_TRANSACTIONAL] = "transactional",
	[CATEGORY_ANNOUNCEMENT] = "announcement",
	[CATEGORY_AUTHENTICATION] = "authentication",
	[CATEGORY_SERVICE_REPLY] = "service_reply",
	[CATEGORY_OPT_IN_INVITATION] = "opt_in_invitation",
	[CATEGORY_OPT_OUT_CONFIRMATION] = "opt_out_confirmation",
};

static const char *const channel_names[CHANNEL_COUNT] = {
	[CHANNEL_WHATSAPP] = "whatsapp",
	[CHANNEL_SMS] = "sms",
};

static const char *const evidence_names[EVIDENCE_COUNT] = {
	[EVIDENCE_TIME] = "time",
	[EVIDENCE_METHOD] = "method",
	[EVIDENCE_WORDING] = "wording",
	[EVIDENCE_SUPPLIED_BY_PERSON] = "supplied_by_person",
	[EVIDENCE_IP] = "ip",
	[EVIDENCE_SIGNATURE] = "signature",
	[EVIDENCE_TAX_ID] = "tax_id",
	[EVIDENCE_SOURCE] = "source",
	[EVIDENCE_CONFIRMATION] = "confirmation",
	[EVIDENCE_DOCUMENT] = "document",
};

/* The index of `text`, or `count`. */
static unsigned
word_index(const char *const *words, unsigned count, const char *text)
{
	unsigned i = 0;
	while (i < count && strcmp(words[i], text) != 0)
		i++;
	return i;
}

const char *
category_name(enum category category)
{
	return category_names[category];
}

const char *
channel_name(enum channel channel)
{
	return channel_names[channel];
}

const char *
evidence_name(enum evidence evidence)
{
	return evidence_names[evidence];
}

bool
category_parse(const char *text, enum category *out)
{
	*out = (enum category)word_index(category_names, CATEGORY_COUNT, text);
	return *out < CATEGORY_COUNT;
}

bool
channel_parse(const char *text, enum channel *out)
{
	*out = (enum channel)word_index(channel_names, CHANNEL_COUNT, text);
	return *out < CHANNEL_COUNT;
}
