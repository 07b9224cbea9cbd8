/*
 * import_kind - implementation: one table per kind
 */
#include "import_kind.h"

#include <stdlib.h>
#include <string.h>

#include "conf/nearest.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static const struct import_column business_columns[] = {
	{"name", true, "how everything else refers to it"},
	{"legal_name", false, "as registered"},
	{"country", false, "ISO 3166-1, two letters"},
	{"privacy_policy_url", false, "where the privacy policy is published"},
	{"privacy_policy_version", false, "which version of it is in force"},
	{"support_email", false, "customer service"},
	{"support_phone", false, "customer service, toll-free where there is one"},
	{"website", false, "the business's own pages"},
	{"provider", false, "name of the business that sends for it"},
};

static const struct import_column sender_columns[] = {
	{"name", true, "how campaigns refer to it"},
	{"business", true, "name of the business"},
	{"channel", true, "whatsapp or sms"},
	{"address", true, "number, short code or account name"},
	{"country", false, "ISO 3166-1, two letters"},
	{"registered_on", false, "date"},
	{"trust_level", false, "as the network states it"},
	{"throughput_per_s", false, "messages per second, 10 when absent"},
	{"daily_limit", false, "most messages a day, besides what law and network allow"},
	{"portfolio", false, "shares a budget with senders of the same portfolio"},
	{"status", false, "active or suspended"},
	{"identifier", false, "registered identifier that messages show: ABCORG"},
	{"transport", false, "official when absent: the provider's own interface"},
	{"escalation", false, "how a person reaches a human: phone, email, web, ..."},
	{"receives_replies", false, "true when absent"},
	{"granted_daily_limit", false, "messages a day that the network has granted"},
	{"granted_on", false, "date; with granted_daily_limit"},
	{"portfolio_limit", false, "people in any 24 hours, as the platform states it"},
	{"headroom_percent", false, "of its throughput, kept free for what people send"},
};

static const struct import_column template_columns[] = {
	{"name", true, "how campaigns refer to it"},
	{"language", true, "BCP 47, such as pt-BR"},
	{"business", true, "name of the business"},
	{"channel", true, "whatsapp or sms"},
	{"category", true, "marketing, transactional, ...; mixed and unknown are marketing"},
	{"body", true, "text with {{variable}}"},
	{"variables", false, "declarations: first_name text(40), total number(12)"},
	{"status", false, "draft, pending, approved, rejected, paused or disabled"},
	{"approved_on", false, "date"},
	{"free_form", false, "true: no platform approved it; to people who wrote lately"},
	{"tags", false, "goods and uses: alcohol dating"},
	{"submitted_on", false, "date on which the platform got it"},
	{"verified_on", false, "date on which the platform last confirmed it"},
};

static const struct import_column recipient_columns[] = {
	{"phone", true, "+ and country code"},
	{"region", false, "ISO 3166-1 or 3166-2"},
	{"timezone", false, "IANA name"},
	{"language", false, "BCP 47"},
	{"source", false, "where the contact comes from; bought ones are not stored"},
	{"preferred_hour", false, "local hour in which they like to be written to, 0 to 23"},
};

static const struct import_column consent_columns[] = {
	{"phone", true, "+ and country code"},
	{"business", true, "name of the business"},
	{"channel", true, "whatsapp or sms"},
	{"category", true, "marketing, transactional, ..."},
	{"given_at", false, "time with an offset"},
	{"method", false, "by what means"},
	{"wording", false, "what the person saw: the name of a wording, or its text"},
	{"supplied_by_person", false, "true when the person gave the number"},
	{"ip", false, "address the consent came from"},
	{"signature", false, "electronic signature"},
	{"tax_id", false, "CPF or the like"},
	{"source", false, "source channel"},
	{"confirmed_at", false, "time of the second confirmation, with an offset"},
	{"document", false, "reference to a kept paper"},
	{"customer_reference", false, "by which the business knows the person as a customer"},
	{"night_hours", false, "true when agreed apart to messages at night"},
	{"state", false, "granted (when absent), withdrawn, or refused when asked"},
};

static const struct import_column opt_out_columns[] = {
	{"phone", true, "+ and country code"},
	{"business", false, "name of the business; empty: every business"},
	{"channel", false, "whatsapp, sms or all"},
	{"category", false, "a category or all"},
	{"at", false, "time with an offset; empty: now"},
	{"source", false, "how the request came"},
};

static const struct import_column audience_columns[] = {
	{"audience", true, "its name"},
	{"phone", true, "+ and country code"},
	{"business", false, "name of the business; needed when the audience is new"},
};

static const struct import_column campaign_columns[] = {
	{"name", true, "how everything else refers to it"},
	{"sender", true, "name of the sender"},
	{"template", true, "name of the template"},
	{"audience", true, "name of the audience"},
	{"also_audiences", false, "names of more audiences, with ; between"},
	{"except_audiences", false, "audiences whose people get nothing, with ; between"},
	{"template_b", false, "the other template of a split"},
	{"split_percent", false, "how many of a hundred people get template_b"},
	{"first_template", false, "for people whom the business never sent anything"},
	{"category", false, "marketing when absent, mixed or unknown"},
	{"starts_at", true, "time with an offset, or \"2026-11-23 09:00 local\""},
	{"ends_at", true, "the same"},
	{"local_from", false, "earliest time of the recipient's day"},
	{"local_to", false, "latest time of the recipient's day"},
	{"rrule", false, "how it recurs: FREQ=WEEKLY;BYDAY=MO"},
	{"priority", false, "1 is planned first"},
	{"pacing", false, "asap, even, or at (from send_at on)"},
	{"send_at", false, "time of the recipient's day, with pacing at"},
	{"catch_up", false, "drop or next_window"},
	{"holdout_percent", false, "0 to 100"},
	{"offer_terms", false, "terms of the offer"},
	{"offer_expires_on", false, "the last day of the offer"},
	{"tags", false, "goods and uses: alcohol dating"},
	{"subject", false, "what it is about, in words of your own; unknown when absent"},
};

static const struct import_column wording_columns[] = {
	{"business", true, "name of the business"},
	{"name", true, "how consents cite it"},
	{"language", true, "BCP 47, such as pt-BR"},
	{"body", true, "exactly what the person reads"},
	{"kinds", false, "categories it speaks of, with blanks; marketing when absent"},
	{"names_channels", false, "channels it names: whatsapp sms"},
	{"names_business", false, "true when it names the business"},
	{"says_marketing", false, "true when it says \"marketing messages\""},
	{"privacy_policy_url", false, "privacy policy that it cites"},
	{"privacy_policy_version", false, "version of it"},
};

static const struct import_column attestation_columns[] = {
	{"subject", true, "business, sender, template or campaign"},
	{"name", true, "which one"},
	{"item", true, "as daypart rules show names it: 10dlc.tax_number"},
	{"given_on", true, "date; a renewal is a row of its own"},
	{"valid_until", false, "the first date on which it no longer counts"},
	{"reference", false, "where the document is kept"},
	{"note", false, "free text"},
};

static const struct import_column send_columns[] = {
	{"phone", true, "+ and country code"},
	{"business", true, "name of the business"},
	{"channel", true, "whatsapp or sms"},
	{"category", true, "marketing, transactional, ..."},
	{"sent_at", true, "time with an offset"},
	{"reference", false, "the other system's id of the message"},
};

static const struct import_column feedback_columns[] = {
	{"sender", true, "whom it is about"},
	{"kind", true, "complaint, block, violation or rating"},
	{"at", true, "time with an offset"},
	{"phone", false, "who said so, when it is known; opts that person out"},
	{"campaign", false, "which one it is about; else that of the last message"},
	{"template", false, "the same; of a rating: rates the template, not the sender"},
	{"rating", false, "of kind rating: green, yellow, red or unknown"},
	{"reference", false, "the provider's id of it"},
	{"note", false, "free text"},
};

static const struct import_column sender_state_columns[] = {
	{"sender", true, "name of the sender"},
	{"state", true, "blacklisted, or terminated for good"},
	{"since", true, "date of the decision"},
	{"blacklisted_until", false, "the first date on which it may send again; not of terminated"},
	{"reason", true, "what was decided by whom"},
};

const struct import_kind import_kinds[IMPORT_KINDS] = {
	{"businesses", business_columns, COUNT(business_columns), false, NULL},
	{"senders", sender_columns, COUNT(sender_columns), false, NULL},
	{"templates", template_columns, COUNT(template_columns), false, NULL},
	{"wordings", wording_columns, COUNT(wording_columns), false, NULL},
	{"recipients", recipient_columns, COUNT(recipient_columns), true, &sql_query_vacuum_recipient},
	{"consents", consent_columns, COUNT(consent_columns), false, &sql_query_vacuum_consent},
	{"opt-outs", opt_out_columns, COUNT(opt_out_columns), false, &sql_query_vacuum_suppression},
	{"audiences", audience_columns, COUNT(audience_columns), false, &sql_query_vacuum_audience_member},
	{"campaigns", campaign_columns, COUNT(campaign_columns), false, NULL},
	{"attestations", attestation_columns, COUNT(attestation_columns), false, NULL},
	{"sends", send_columns, COUNT(send_columns), false, &sql_query_vacuum_outside_send},
	{"feedback", feedback_columns, COUNT(feedback_columns), false, NULL},
	{"sender-states", sender_state_columns, COUNT(sender_state_columns), false, NULL},
};

const char *const import_reject_columns[IMPORT_REJECT_COLUMNS] = {"line", "field", "reason"};

const struct import_kind *
import_kind_find(const char *name)
{
	for (int i = 0; i < IMPORT_KINDS; i++)
		if (strcmp(import_kinds[i].name, name) == 0)
			return &import_kinds[i];
	return NULL;
}

const char *
import_kind_names(void)
{
	return "businesses senders templates wordings recipients consents opt-outs audiences campaigns attestations sends feedback "
		   "sender-states";
}

static bool
is_variable(const struct import_kind *kind, const char *name)
{
	const size_t prefix = strlen(IMPORT_VARIABLE_PREFIX);

	return kind->takes_variables && strncmp(name, IMPORT_VARIABLE_PREFIX, prefix) == 0 && name[prefix] != '\0';
}

static bool
is_known(const struct import_kind *kind, const char *name)
{
	for (int i = 0; i < kind->column_count; i++)
		if (strcmp(kind->columns[i].name, name) == 0)
			return true;
	for (int i = 0; i < IMPORT_REJECT_COLUMNS; i++)
		if (strcmp(import_reject_columns[i], name) == 0)
			return true;
	return is_variable(kind, name);
}

static void
list_columns(const struct import_kind *kind, char *out, size_t size)
{
	size_t length = 0;

	for (int i = 0; i < kind->column_count && length < size; i++)
		length += (size_t)snprintf(out + length, size - length, "%s%s", i > 0 ? " " : "", kind->columns[i].name);
	if (kind->takes_variables && length < size)
		snprintf(out + length, size - length, " " IMPORT_VARIABLE_PREFIX "NAME");
}

static enum status
refuse_unknown(const struct import_kind *kind, const char *name, struct err *err)
{
	char columns[ERR_HINT_MAX / 2];
	const char *names[CSV_FIELDS_MAX];
	const char *nearest;

	for (int i = 0; i < kind->column_count; i++)
		names[i] = kind->columns[i].name;
	nearest = nearest_word(name, names, (size_t)kind->column_count);
	list_columns(kind, columns, sizeof(columns));
	err_set(err, STATUS_INVALID, "unknown column \"%s\"", name);
	if (nearest)
		return err_hint(err, "did you mean \"%s\"? Columns of %s: %s", nearest, kind->name, columns);
	return err_hint(err, "columns of %s: %s", kind->name, columns);
}

/* What stands between columns instead of commas: where a comma is in numbers, spreadsheets save semicolons. NULL: nothing known to us. */
static const char *
wrong_separator(const struct import_kind *kind, const char *line)
{
	static const struct {
		char sign;
		const char *name;
	} separators[] = {{';', "semicolons"}, {'\t', "tabs"}};

	for (size_t i = 0; i < sizeof(separators) / sizeof(separators[0]); i++) {
		const char *end = strchr(line, separators[i].sign);
		char *first = end != NULL ? strndup(line, (size_t)(end - line)) : NULL;
		const bool found = first != NULL && is_known(kind, first);

		free(first);
		if (found)
			return separators[i].name;
	}
	return NULL;
}

/* A file without a header; its first line may hold a phone number, so it is not quoted. */
static enum status
check_names_columns(const struct import_kind *kind, const struct csv_record *header, struct err *err)
{
	char columns[ERR_HINT_MAX / 2];
	const char *separator = header->count == 1 ? wrong_separator(kind, header->fields[0].text) : NULL;

	for (int i = 0; i < header->count; i++)
		if (is_known(kind, header->fields[i].text))
			return STATUS_OK;
	if (separator != NULL) {
		err_set(err, STATUS_INVALID, "between the columns of the first line stand %s", separator);
		return err_hint(err, "save the file with commas, and with fields that hold a comma in double quotes");
	}
	list_columns(kind, columns, sizeof(columns));
	err_set(err, STATUS_INVALID, "the first line names no known column");
	return err_hint(err, "columns of %s: %s", kind->name, columns);
}

static int
count_column(const struct csv_record *header, const char *name)
{
	int count = 0;

	for (int i = 0; i < header->count; i++)
		count += strcmp(header->fields[i].text, name) == 0;
	return count;
}

enum status
import_header_check(const struct import_kind *kind, const struct csv_record *header, struct err *err)
{
	if (check_names_columns(kind, header, err) != STATUS_OK)
		return err->status;
	for (int i = 0; i < header->count; i++) {
		const char *name = header->fields[i].text;

		if (!is_known(kind, name))
			return refuse_unknown(kind, name, err);
		if (count_column(header, name) > 1) {
			err_set(err, STATUS_INVALID, "column \"%s\" is given twice", name);
			return err_hint(err, "leave one of them out");
		}
	}
	for (int i = 0; i < kind->column_count; i++) {
		const struct import_column *column = &kind->columns[i];

		if (column->required && count_column(header, column->name) == 0) {
			err_set(err, STATUS_INVALID, "column \"%s\" is missing", column->name);
			return err_hint(err, "%s need it: %s", kind->name, column->help);
		}
	}
	return STATUS_OK;
}

void
import_kinds_print(FILE *out)
{
	for (int i = 0; i < IMPORT_KINDS; i++) {
		const struct import_kind *kind = &import_kinds[i];

		fprintf(out, "\n%s\n", kind->name);
		for (int c = 0; c < kind->column_count; c++)
			fprintf(out, "  %-22s  %s%s\n", kind->columns[c].name, kind->columns[c].help, kind->columns[c].required ? " (needed)" : "");
		if (kind->takes_variables)
			fprintf(out, "  %-22s  %s\n", IMPORT_VARIABLE_PREFIX "NAME", "the person's value of a template variable");
	}
}
