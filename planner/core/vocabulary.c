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
	[EVIDENCE_APPROVED_WORDING] = "approved_wording",
	[EVIDENCE_NAMES_CHANNEL] = "names_channel",
	[EVIDENCE_NAMES_BUSINESS] = "names_business",
	[EVIDENCE_SAYS_MARKETING] = "says_marketing",
	[EVIDENCE_PRIVACY_NOTICE] = "privacy_notice",
	[EVIDENCE_INTENT_CONFIRMED] = "intent_confirmed",
	[EVIDENCE_PAPER_KEPT] = "paper_kept",
	[EVIDENCE_CUSTOMER] = "customer",
	[EVIDENCE_NIGHT_HOURS] = "night_hours",
};

static const char *const content_item_names[CONTENT_COUNT] = {
	[CONTENT_SENDER_NAME] = "sender_name",
	[CONTENT_OPT_OUT] = "opt_out",
	[CONTENT_OFFER_TERMS] = "offer_terms",
	[CONTENT_OFFER_EXPIRY] = "offer_expiry",
	[CONTENT_PROMOTIONAL_LABEL] = "promotional_label",
	[CONTENT_SUPPORT_CONTACT] = "support_contact",
	[CONTENT_IDENTIFIER] = "identifier",
	[CONTENT_PURE] = "pure",
	[CONTENT_NO_IDENTIFIERS] = "no_identifiers",
};

static const char *const subject_names[SUBJECT_COUNT] = {
	[SUBJECT_BUSINESS] = "business",
	[SUBJECT_SENDER] = "sender",
	[SUBJECT_TEMPLATE] = "template",
	[SUBJECT_CAMPAIGN] = "campaign",
};

/* As people write them; case and punctuation do not matter (normalise_keyword in the database). */
const char *const consent_inbound_words[] = {"inbound", "inbound_message", "inbound_unconfirmed", "incoming_message", "message", "chat",
	"live_chat", "click_to_whatsapp", "click_to_whatsapp_ad", "ctwa", "ctwa_ad", "ad", "qr", "qr_code", "wa_me_link", NULL};
const char *const consent_offline_words[] = {"offline", "paper", "paper_form", "form_in_store", "in_store", "store", "point_of_sale", "pos",
	"event", "fair", "trade_fair", "in_person", "verbal", "oral", "phone", "phone_call", "telephone", "call", "mail", "letter", NULL};

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

const char *
content_item_name(enum content_item item)
{
	return content_item_names[item];
}

const char *
subject_name(enum subject subject)
{
	return subject_names[subject];
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
