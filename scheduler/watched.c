#include "watched.h"

#include <stdlib.h>

/* Columns of watched_breakers and of watched_uncertain. */
enum { SCOPE, NAME, RULE, TRIPPED };
enum { SENDER, COUNT };

static enum status
list_breakers(struct watched *watched, struct err *err)
{
	const int count = PQntuples(watched->breaker_rows);

	watched->breakers = calloc((size_t)count + 1, sizeof(*watched->breakers));
	if (watched->breakers == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	for (int row = 0; row < count; row++)
		watched->breakers[watched->breaker_count++] = (struct watched_breaker){
			.scope = PQgetvalue(watched->breaker_rows, row, SCOPE),
			.name = PQgetvalue(watched->breaker_rows, row, NAME),
			.rule = PQgetvalue(watched->breaker_rows, row, RULE),
			.tripped = session_bool(watched->breaker_rows, row, TRIPPED),
		};
	return STATUS_OK;
}

static enum status
list_uncertain(struct watched *watched, struct err *err)
{
	const int count = PQntuples(watched->uncertain_rows);

	watched->uncertain = calloc((size_t)count + 1, sizeof(*watched->uncertain));
	if (watched->uncertain == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	for (int row = 0; row < count; row++)
		watched->uncertain[watched->uncertain_count++] =
			(struct watched_uncertain){PQgetvalue(watched->uncertain_rows, row, SENDER), session_int(watched->uncertain_rows, row, COUNT)};
	return STATUS_OK;
}

enum status
watched_read(struct session *session, struct watched *out, struct err *err)
{
	*out = (struct watched){.breakers = NULL};
	if (session_query(session, &sql_query_watched_breakers, NULL, 0, &out->breaker_rows, err) == STATUS_OK &&
		session_query(session, &sql_query_watched_uncertain, NULL, 0, &out->uncertain_rows, err) == STATUS_OK &&
		list_breakers(out, err) == STATUS_OK && list_uncertain(out, err) == STATUS_OK)
		return STATUS_OK;
	watched_clear(out);
	return err->status;
}

void
watched_clear(struct watched *watched)
{
	free(watched->breakers);
	free(watched->uncertain);
	PQclear(watched->breaker_rows);
	PQclear(watched->uncertain_rows);
	*watched = (struct watched){.breakers = NULL};
}
