/*
 * Words are tables indexed by their enums. Days with equal hours are told together in runs ("Monday to Friday"), closed days in one list at the end.
 */
#include "law_words.h"

#include <ctype.h>
#include <string.h>

/* Words ----------------------------------------------------------------------------------------------------------------------------------- */

static const char *const evidence_table[EVIDENCE_COUNT] = {
	[EVIDENCE_TIME] = "when it was given",
	[EVIDENCE_METHOD] = "how it was given",
	[EVIDENCE_WORDING] = "what the person was shown",
	[EVIDENCE_SUPPLIED_BY_PERSON] = "that the person gave the number",
	[EVIDENCE_IP] = "the IP address",
	[EVIDENCE_SIGNATURE] = "a signature (an electronic one will do)",
	[EVIDENCE_TAX_ID] = "the person's tax number",
	[EVIDENCE_SOURCE] = "through which channel it came",
	[EVIDENCE_CONFIRMATION] = "a second confirmation with its own time",
	[EVIDENCE_DOCUMENT] = "a reference to the kept paper",
	[EVIDENCE_APPROVED_WORDING] = "a wording that the business has approved",
	[EVIDENCE_NAMES_CHANNEL] = "a wording that names the channel",
	[EVIDENCE_NAMES_BUSINESS] = "a wording that names the business",
	[EVIDENCE_SAYS_MARKETING] = "a wording that says \"marketing messages\"",
	[EVIDENCE_PRIVACY_NOTICE] = "the version of the privacy policy",
	[EVIDENCE_INTENT_CONFIRMED] = "a confirmation, when it began with a message of the person's own",
	[EVIDENCE_PAPER_KEPT] = "a reference to the kept paper, when it was given offline",
	[EVIDENCE_CUSTOMER] = "that the person is a customer",
	[EVIDENCE_NIGHT_HOURS] = "that the person agreed to messages at night",
};

static const char *const content_table[CONTENT_COUNT] = {
	[CONTENT_SENDER_NAME] = "name the sender",
	[CONTENT_OPT_OUT] = "say how to opt out",
	[CONTENT_OFFER_TERMS] = "come with the terms of the offer",
	[CONTENT_OFFER_EXPIRY] = "come with a last day of the offer that is not over",
	[CONTENT_PROMOTIONAL_LABEL] = "begin with a word that says it is an advertisement",
	[CONTENT_SUPPORT_CONTACT] = "give a toll-free number or an e-mail address for help",
	[CONTENT_IDENTIFIER] = "show the sender's registered identifier",
	[CONTENT_PURE] = "hold nothing promotional",
	[CONTENT_NO_IDENTIFIERS] = "neither show nor ask for card, account or identity numbers",
};

static const char *const weekdays[WEEKDAY_COUNT] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

const char *
strength_words(enum strength strength)
{
	static const char *const words[] = {[STRENGTH_MUST] = "must", [STRENGTH_SHOULD] = "should", [STRENGTH_INFO] = "info"};
	return words[strength];
}

const char *
status_words(enum regime_status status)
{
	static const char *const words[] = {[REGIME_ENFORCED] = "enforced", [REGIME_ADVISORY] = "advisory", [REGIME_OFF] = "off"};
	return words[status];
}

const char *
should_words(enum should_policy should)
{
	static const char *const words[] = {[SHOULD_BLOCK] = "block", [SHOULD_WARN] = "warn", [SHOULD_IGNORE] = "ignore"};
	return words[should];
}

const char *
kind_words(enum regime_kind kind)
{
	static const char *const words[REGIME_KIND_COUNT] = {[REGIME_LAW] = "law",
		[REGIME_CARRIER] = "carrier",
		[REGIME_PLATFORM] = "platform",
		[REGIME_SELF_REGULATION] = "self-regulation",
		[REGIME_HOUSE] = "house"};
	return words[kind];
}

const char *
evidence_words(enum evidence evidence)
{
	return evidence_table[evidence];
}

const char *
content_words(enum content_item item)
{
	return content_table[item];
}

const char *
data_class_words(enum data_class data)
{
	static const char *const words[DATA_CLASS_COUNT] = {[DATA_PROFILE] = "a person's profile",
		[DATA_EVIDENCE] = "evidence of consent",
		[DATA_SUPPRESSION] = "the record of an opt-out",
		[DATA_MESSAGES] = "the record of messages"};
	return words[data];
}

const char *
purpose_words(enum record_purpose purpose)
{
	static const char *const words[] = {
		[RECORD_REGISTRATION] = "registration", [RECORD_ATTESTATION] = "attestation", [RECORD_SCRUB] = "check against a registry"};
	return words[purpose];
}

const char *
data_event_words(enum data_event event)
{
	static const char *const words[DATA_EVENT_COUNT] = {
		[AFTER_GRANT] = "consent was given", [AFTER_LAST_USE] = "its last use", [AFTER_OPT_OUT] = "the opt-out"};
	return words[event];
}

const char *
confirmation_words(enum confirmation confirmation)
{
	static const char *const words[] = {
		[CONFIRMATION_ALLOWED] = "may", [CONFIRMATION_REQUIRED] = "must", [CONFIRMATION_FORBIDDEN] = "must not"};
	return words[confirmation];
}

/* Lists and lengths ----------------------------------------------------------------------------------------------------------------------- */

const char *
words_joint(size_t index, size_t count, const char *last)
{
	if (index == 0)
		return "";
	return index + 1 == count ? last : ", ";
}

typedef const char *bit_name_fn(unsigned bit);

static void
words_bits(FILE *out, uint32_t bits, bit_name_fn *name)
{
	size_t count = 0, index = 0;
	for (uint32_t rest = bits; rest != 0; rest &= rest - 1)
		count++;
	for (unsigned bit = 0; bit < 32; bit++)
		if ((bits >> bit & 1) != 0) {
			fprintf(out, "%s%s", words_joint(index, count, " and "), name(bit));
			index++;
		}
}

static const char *
category_bit(unsigned bit)
{
	return category_name((enum category)bit);
}

static const char *
channel_bit(unsigned bit)
{
	return channel_name((enum channel)bit);
}

static const char *
evidence_bit(unsigned bit)
{
	return evidence_words((enum evidence)bit);
}

static const char *
content_bit(unsigned bit)
{
	return content_words((enum content_item)bit);
}

void
words_evidence(FILE *out, uint32_t evidence)
{
	words_bits(out, evidence, evidence_bit);
}

void
words_items(FILE *out, uint32_t content_items)
{
	words_bits(out, content_items, content_bit);
}

void
words_categories(FILE *out, uint32_t categories)
{
	const uint32_t others = ~categories & ALL_CATEGORIES;
	if (others == 0)
		fputs("every category", out);
	else if (others == CATEGORY_BIT(CATEGORY_OPT_OUT_CONFIRMATION))
		fputs("every category but opt_out_confirmation", out);
	else
		words_bits(out, categories & ALL_CATEGORIES, category_bit);
}

void
words_channels(FILE *out, uint32_t channels)
{
	if ((channels & ALL_CHANNELS) == ALL_CHANNELS)
		fputs("every channel", out);
	else
		words_bits(out, channels & ALL_CHANNELS, channel_bit);
}

/* In the largest unit that divides it; a single day is told as 24 hours, because it is no day of the calendar. */
void
words_duration(FILE *out, struct duration duration)
{
	static const struct {
		int64_t us;
		const char *name;
	} units[] = {{US_PER_DAY, "day"}, {US_PER_HOUR, "hour"}, {US_PER_MINUTE, "minute"}, {US_PER_SECOND, "second"}};
	size_t unit = duration.us == US_PER_DAY ? 1 : 0;
	while (unit < 3 && duration.us % units[unit].us != 0)
		unit++;
	const long long n = (long long)(duration.us / units[unit].us);
	fprintf(out, "%lld %s%s", n, units[unit].name, n == 1 ? "" : "s");
}

void
words_date(FILE *out, struct date date)
{
	const struct civil civil = date_to_civil(date);
	fprintf(out, "%04d-%02d-%02d", civil.year, civil.month, civil.day);
}

/* Windows --------------------------------------------------------------------------------------------------------------------------------- */

enum { DAY_SECONDS = 86400 };

static void
words_range(FILE *out, const struct day_range *range)
{
	fprintf(out, "%02d:%02d-%02d:%02d", range->from.s / 3600, range->from.s / 60 % 60, range->until.s / 3600, range->until.s / 60 % 60);
	if (range->until.s <= range->from.s)
		fputs(" of the next day", out);
}

void
words_ranges(FILE *out, const struct day_ranges *ranges)
{
	if (ranges->count == 0)
		fputs("not at all", out);
	else if (ranges->ranges[0].from.s == 0 && ranges->ranges[0].until.s == DAY_SECONDS)
		fputs("at any time", out);
	for (size_t i = 0; i < ranges->count && !(ranges->ranges[0].from.s == 0 && ranges->ranges[0].until.s == DAY_SECONDS); i++) {
		fputs(words_joint(i, ranges->count, " and "), out);
		words_range(out, &ranges->ranges[i]);
	}
}

static bool
ranges_equal(const struct day_ranges *a, const struct day_ranges *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->ranges[i].from.s != b->ranges[i].from.s || a->ranges[i].until.s != b->ranges[i].until.s)
			return false;
	return true;
}

void
words_day_run(FILE *out, enum weekday first, enum weekday last)
{
	fputs(weekdays[first], out);
	if (last > first)
		fprintf(out, "%s%s", last == first + 1 ? " and " : " to ", weekdays[last]);
}

/* Runs of days with equal hours, those that are open or those that are closed, after `before`. Returns how many there were. */
static int
words_day_runs(FILE *out, const struct window_rule *window, bool open, const char *before)
{
	int runs = 0;
	for (int first = 0, last; first < WEEKDAY_COUNT; first = last + 1) {
		for (last = first; last + 1 < WEEKDAY_COUNT && ranges_equal(&window->days[first], &window->days[last + 1]);)
			last++;
		if ((window->days[first].count > 0) != open)
			continue;
		fputs(runs++ > 0 ? ", " : before, out);
		words_day_run(out, (enum weekday)first, (enum weekday)last);
		if (!open)
			continue;
		fputc(' ', out);
		words_ranges(out, &window->days[first]);
	}
	return runs;
}

static bool
every_day_is_equal(const struct window_rule *window)
{
	for (int day = 1; day < WEEKDAY_COUNT; day++)
		if (!ranges_equal(&window->days[0], &window->days[day]))
			return false;
	return true;
}

bool
window_is_never_open(const struct window_rule *window)
{
	return every_day_is_equal(window) && window->days[0].count == 0;
}

void
words_days(FILE *out, const struct window_rule *window)
{
	if (every_day_is_equal(window)) {
		fputs("every day ", out);
		words_ranges(out, &window->days[0]);
		return;
	}
	const int open = words_day_runs(out, window, true, "");
	(void)words_day_runs(out, window, false, open > 0 ? "; not on " : "not on ");
}

/* Conditions ------------------------------------------------------------------------------------------------------------------------------ */

static const struct word_kind {
	const char *kind, *yes, *no; /* with the value in the place of % */
} word_kinds[] = {
	{"region:", "the person is in %", "the person is not in %"},
	{"number:", "the number is one of %", "the number is none of %"},
	{"sender:", "the sender is in %", "the sender is not in %"},
	{"sender_type:", "the sender's address is of type %", "the sender's address is not of type %"},
	{"tag:", "the campaign is about %", "the campaign is not about %"},
	{"template:free_form", "the text is no template", "the text is a template"},
	{"first_message", "it is the first message of the business to the person", "the business has written to the person before"},
	{"consent:", "the consent shows %", "the consent does not show %"},
};
enum { WORD_KINDS = sizeof word_kinds / sizeof *word_kinds };

/* The value as a person reads it: evidence has words of its own. */
static const char *
value_words(const struct word_kind *kind, const char *value)
{
	for (int i = 0; strcmp(kind->kind, "consent:") == 0 && i < EVIDENCE_COUNT; i++)
		if (strcmp(evidence_name((enum evidence)i), value) == 0)
			return evidence_words((enum evidence)i);
	return value;
}

static void
words_fact(FILE *out, const char *word, bool negated)
{
	for (size_t i = 0; i < WORD_KINDS; i++) {
		const struct word_kind *kind = &word_kinds[i];
		const size_t length = strlen(kind->kind);
		if (strncmp(word, kind->kind, length) != 0)
			continue;
		for (const char *text = negated ? kind->no : kind->yes; *text != '\0'; text++)
			if (*text == '%')
				fputs(value_words(kind, word + length), out);
			else
				fputc(*text, out);
		return;
	}
	fprintf(out, "%s%s", negated ? "not " : "", word);
}

static bool
is_word_character(char c)
{
	return isalnum((unsigned char)c) || strchr(":_-", c) != NULL;
}

void
words_condition(FILE *out, const struct predicate *predicate)
{
	bool negated = false;
	for (const char *text = predicate_text(predicate); *text != '\0';) {
		char word[PREDICATE_WORD_MAX + 1];
		size_t length = 0;
		while (text[length] != '\0' && is_word_character(text[length]))
			length++;
		if (length == 0) {
			if (!(negated && *text == ' '))
				fprintf(out, "%s%c", negated ? "not " : "", *text);
			negated = negated && *text == ' ';
			text++;
			continue;
		}
		snprintf(word, sizeof word, "%.*s", (int)length, text);
		text += length;
		if (strcmp(word, "not") == 0)
			negated = true;
		else {
			words_fact(out, word, negated);
			negated = false;
		}
	}
}
