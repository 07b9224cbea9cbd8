/* One look in thousands finds something new, so what was read is kept as a text as well, by which it is compared. */
#include "lane_limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Columns from the first on. */
enum { TRUST, REGISTERED_ON, GRANTED_LIMIT, GRANTED_ON, PORTFOLIO_LIMIT, DAILY_LIMIT, TIERS, LANES };

static enum status
no_memory(struct err *err)
{
	return err_set(err, STATUS_NO_MEMORY, "out of memory");
}

static char *
join_columns(const PGresult *rows, int row, int first)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return NULL;
	for (int column = first; column < first + LANE_LIMITS_COLUMNS; column++)
		(void)fprintf(out, "%s\n", PQgetvalue(rows, row, column));
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

/* "{3,4}". */
static enum status
read_lanes(const char *text, struct lane_limits *out, struct err *err)
{
	char *rest;

	out->lanes_text = strdup(text);
	out->lanes = calloc(strlen(text) + 1, sizeof(*out->lanes));
	if (out->lanes_text == NULL || out->lanes == NULL)
		return no_memory(err);
	for (const char *at = text; *at == '{' || *at == ','; at = rest) {
		const long id = strtol(at + 1, &rest, 10);

		if (rest == at + 1)
			break;
		out->lanes[out->lane_count++] = (int16_t)id;
	}
	return STATUS_OK;
}

/* "2026-11-27 1000 2026-12-04 0": from each day on so many, 0: no limit. */
static enum status
read_tiers(const char *text, struct lane_limits *out, struct err *err)
{
	char *copy = strdup(text), *rest;
	size_t count = 0;

	out->tiers = calloc(strlen(text) / 2 + 1, sizeof(*out->tiers));
	if (copy == NULL || out->tiers == NULL)
		(void)no_memory(err);
	for (char *word = err->status == STATUS_OK ? strtok_r(copy, " ", &rest) : NULL; word != NULL; word = strtok_r(NULL, " ", &rest)) {
		const char *limit = strtok_r(NULL, " ", &rest);

		if (date_parse(word, &out->tiers[count].from, err) != STATUS_OK)
			break;
		out->tiers[count++].limit = limit != NULL ? (int32_t)strtol(limit, NULL, 10) : 0;
	}
	free(copy);
	out->sender.daily_tiers = out->tiers;
	out->sender.daily_tier_count = count;
	return err->status;
}

static enum status
read_date(const PGresult *rows, int row, int column, struct date *out, struct err *err)
{
	out->days = INT32_MIN;
	return PQgetisnull(rows, row, column) ? STATUS_OK : date_parse(PQgetvalue(rows, row, column), out, err);
}

static enum status
read_sender(const PGresult *rows, int row, int first, struct lane_limits *out, struct err *err)
{
	struct sender_facts *sender = &out->sender;

	sender->trust = out->text; /* the first line */
	out->text[strcspn(out->text, "\n")] = '\0';
	sender->granted_limit = (int32_t)session_int(rows, row, first + GRANTED_LIMIT);
	sender->portfolio_limit = (int32_t)session_int(rows, row, first + PORTFOLIO_LIMIT);
	sender->daily_limit = (int32_t)session_int(rows, row, first + DAILY_LIMIT);
	if (read_date(rows, row, first + REGISTERED_ON, &sender->registered_on, err) == STATUS_OK &&
		read_date(rows, row, first + GRANTED_ON, &sender->granted_on, err) == STATUS_OK &&
		read_tiers(PQgetvalue(rows, row, first + TIERS), out, err) == STATUS_OK)
		return read_lanes(PQgetvalue(rows, row, first + LANES), out, err);
	return err->status;
}

enum status
lane_limits_read(const PGresult *rows, int row, int first_column, int64_t per_1000_s, struct lane_limits **out, struct err *err)
{
	struct lane_limits *limits = calloc(1, sizeof(*limits));

	*out = limits;
	if (limits == NULL)
		return no_memory(err);
	limits->text = join_columns(rows, row, first_column);
	limits->sender.rate_milli = per_1000_s;
	if (limits->text == NULL)
		return no_memory(err);
	return read_sender(rows, row, first_column, limits, err);
}

void
lane_limits_free(struct lane_limits **limits)
{
	struct lane_limits *gone = *limits;

	*limits = NULL;
	if (gone == NULL)
		return;
	free(gone->tiers);
	free(gone->lanes);
	free(gone->lanes_text);
	free(gone->text);
	free(gone);
}

/* Trust is the first line, and ends where the others begin. */
bool
lane_limits_same(const struct lane_limits *a, const struct lane_limits *b)
{
	return a != NULL && b != NULL && strcmp(a->text, b->text) == 0 &&
		strcmp(a->text + strlen(a->text) + 1, b->text + strlen(b->text) + 1) == 0;
}
