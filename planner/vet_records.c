#include "vet_records.h"

#include <stdlib.h>
#include <string.h>

#include "planner/core/grow.h"

/* Columns of terms_attestations. */
enum { SUBJECT, ITEM, GIVEN_ON, VALID_UNTIL };

struct hearing {
	struct vet_record_list *list;
	const struct regime *regime;
};

void
vet_records_clear(struct vet_record_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i].what);
	free(list->items);
	*list = (struct vet_record_list){.items = NULL};
}

static void
on_problem(void *context, const struct rule *rule, enum reason reason, const char *what)
{
	const struct hearing *hearing = context;
	struct vet_record_list *list = hearing->list;
	struct vet_record *items = grow(list->items, list->count, &list->room, sizeof *items);
	char *copy = strdup(what);
	(void)reason;
	if (items != NULL)
		list->items = items;
	if (items == NULL || copy == NULL) {
		free(copy);
		list->no_memory = true;
		return;
	}
	items[list->count++] = (struct vet_record){hearing->regime, rule, hearing->regime->everywhere && rule->when == NULL, copy};
}

static bool
is_asked(const struct vet_desk *desk, const struct vet_owner *owner, const struct regime *regime, const struct rule *rule)
{
	return rule->kind == RULE_RECORD && rule->record.subject == owner->subject && strcmp(rule->record.item, "approval") != 0 &&
		(rule->channels & owner->channels) != 0 && rule_binds(desk->rulebook, regime, rule);
}

/* A law of this one rule. */
static void
judge(const struct vet_desk *desk, const struct rule *rule, const struct terms *terms, struct hearing *hearing)
{
	const struct zone *utc = zone_set_find(desk->zones, "UTC");
	const struct variant none = {.language = "", .text = ""};
	struct law law = LAW_INIT;
	law.of[RULE_RECORD] = (struct rule_list){&rule, 1};
	(void)admission_judge(
		&law, terms, &none, &utc, utc != NULL, (struct interval){desk->now, {desk->now.us + US_PER_DAY}}, on_problem, hearing);
}

static void
judge_all(const struct vet_desk *desk, const struct vet_owner *owner, const struct terms *terms, struct vet_record_list *out)
{
	for (size_t i = 0; i < desk->rulebook->regime_count; i++) {
		const struct regime *regime = &desk->rulebook->regimes[i];
		struct hearing hearing = {out, regime};
		for (size_t r = 0; r < regime->rule_count; r++)
			if (is_asked(desk, owner, regime, &regime->rules[r]))
				judge(desk, &regime->rules[r], terms, &hearing);
	}
}

static enum status
date_at(const PGresult *rows, int row, int column, struct date otherwise, struct date *out, struct err *err)
{
	*out = otherwise;
	return PQgetisnull(rows, row, column) ? STATUS_OK : date_parse(PQgetvalue(rows, row, column), out, err);
}

/* Records of the subject only. */
static enum status
take_attestations(const PGresult *rows, enum subject subject, struct attestation *out, size_t *out_count, struct err *err)
{
	enum status status = STATUS_OK;
	*out_count = 0;
	for (int row = 0; row < PQntuples(rows) && status == STATUS_OK; row++) {
		struct attestation *record = &out[*out_count];
		if (strcmp(PQgetvalue(rows, row, SUBJECT), subject_name(subject)) != 0)
			continue;
		*record = (struct attestation){.subject = subject, .item = PQgetvalue(rows, row, ITEM)};
		status = date_at(rows, row, GIVEN_ON, (struct date){INT32_MIN}, &record->given_on, err);
		if (status == STATUS_OK)
			status = date_at(rows, row, VALID_UNTIL, (struct date){INT32_MAX}, &record->valid_until, err);
		++*out_count;
	}
	return status;
}

enum status
vet_records_read(const struct vet_desk *desk, const struct vet_owner *owner, struct vet_record_list *out, struct err *err)
{
	const char *const params[] = {owner->business, owner->sender, NULL, NULL, NULL, NULL};
	struct terms terms = {.business = "", .legal_name = "", .identifier = "", .offer_expires_on = {INT32_MAX}};
	PGresult *rows;
	if (session_query(desk->session, &sql_query_terms_attestations, params, 6, &rows, err) != STATUS_OK)
		return err->status;
	struct attestation *attestations = calloc((size_t)PQntuples(rows) + 1, sizeof *attestations);
	enum status status = attestations != NULL ? take_attestations(rows, owner->subject, attestations, &terms.attestation_count, err)
											  : err_set(err, STATUS_NO_MEMORY, "out of memory");
	terms.attestations = attestations;
	if (status == STATUS_OK)
		judge_all(desk, owner, &terms, out);
	free(attestations);
	PQclear(rows);
	if (status == STATUS_OK && out->no_memory)
		status = err_set(err, STATUS_NO_MEMORY, "out of memory");
	return status;
}
