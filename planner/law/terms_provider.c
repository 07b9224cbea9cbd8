/*
 * terms_provider - the part of terms_book.h about businesses that let another one send for them
 *
 * Admission asks for one record of an item. So a record that a platform asks of the business stands for the two of them: it counts from when both have
 * theirs until one of them ends, by the rule's own good_for.
 */
#include <stdlib.h>
#include <string.h>

#include "terms_book.h"

/* Columns of terms_provider. */
enum { ITEM, GIVEN_ON, VALID_UNTIL };

static const struct date NEVER = {INT32_MAX};

/* The rule by which a platform asks this item of a business, or NULL. */
static const struct rule *
platform_rule(const struct rulebook *rulebook, const char *item)
{
	for (size_t i = 0; i < rulebook->regime_count; i++)
		for (size_t r = 0; rulebook->regimes[i].kind == REGIME_PLATFORM && r < rulebook->regimes[i].rule_count; r++) {
			const struct rule *rule = &rulebook->regimes[i].rules[r];
			if (rule->kind == RULE_RECORD && rule->record.subject == SUBJECT_BUSINESS && strcmp(rule->record.item, item) == 0)
				return rule;
		}
	return NULL;
}

static struct date
end_of(const struct record_rule *rule, struct date given_on, struct date valid_until)
{
	const int64_t worn = given_on.days + rule->good_for.us / US_PER_DAY;
	return rule->good_for.us > 0 && worn < valid_until.days ? (struct date){(int32_t)worn} : valid_until;
}

static enum status
read_date(const PGresult *rows, int row, int column, struct date otherwise, struct date *out, struct err *err)
{
	*out = otherwise;
	return PQgetisnull(rows, row, column) ? STATUS_OK : date_parse(PQgetvalue(rows, row, column), out, err);
}

/* While both count; nothing when that is never. */
static enum status
add_both(
	const struct attestation *own, const struct record_rule *rule, const PGresult *rows, int row, struct terms_book *book, struct err *err)
{
	struct date given_on, valid_until;
	if (read_date(rows, row, GIVEN_ON, own->given_on, &given_on, err) != STATUS_OK ||
		read_date(rows, row, VALID_UNTIL, NEVER, &valid_until, err) != STATUS_OK)
		return err->status;
	const struct date own_end = end_of(rule, own->given_on, own->valid_until), end = end_of(rule, given_on, valid_until);
	const struct attestation both = {.subject = own->subject,
		.item = own->item,
		.given_on = own->given_on.days > given_on.days ? own->given_on : given_on,
		.valid_until = own_end.days < end.days ? own_end : end};
	if (both.valid_until.days > both.given_on.days)
		book->bound[book->terms.attestation_count++] = both;
	return STATUS_OK;
}

static enum status
bind(struct terms_book *book, const struct rulebook *rulebook, const PGresult *rows, struct err *err)
{
	const struct attestation *own = book->terms.attestations;
	const size_t count = book->terms.attestation_count;
	enum status status = STATUS_OK;
	book->terms.attestation_count = 0;
	for (size_t i = 0; i < count && status == STATUS_OK; i++) {
		const struct rule *rule = own[i].subject == SUBJECT_BUSINESS ? platform_rule(rulebook, own[i].item) : NULL;
		if (rule == NULL)
			book->bound[book->terms.attestation_count++] = own[i];
		for (int row = 0; rule != NULL && row < PQntuples(rows) && status == STATUS_OK; row++)
			if (strcmp(PQgetvalue(rows, row, ITEM), own[i].item) == 0)
				status = add_both(&own[i], &rule->record, rows, row, book, err);
	}
	book->terms.attestations = book->bound;
	return status;
}

enum status
terms_book_bind_provider(struct session *session, const struct rulebook *rulebook, struct terms_book *book, struct err *err)
{
	PGresult *rows;
	if (session_query(session, &sql_query_terms_provider, &book->terms.business, 1, &rows, err) != STATUS_OK)
		return err->status;
	enum status status = STATUS_OK;
	if (PQntuples(rows) > 0) { /* each pair of records makes one at most */
		book->bound = calloc(book->terms.attestation_count * (size_t)(PQntuples(rows) + 1) + 1, sizeof *book->bound);
		status = book->bound != NULL ? bind(book, rulebook, rows, err) : err_set(err, STATUS_NO_MEMORY, "out of memory");
	}
	PQclear(rows);
	return status;
}
