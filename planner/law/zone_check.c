#include "zone_check.h"

#include <stdlib.h>

#include "conf/second_opinion.h"

enum { WHICH_MAX = 256 };

static void
tell_difference(const struct zone_check *check, const struct zone_difference *difference)
{
	char which[WHICH_MAX], at[INSTANT_TEXT_MAX];

	if (difference->missing)
		snprintf(which, sizeof(which), "%s: libical cannot read it", difference->name);
	else
		snprintf(which, sizeof(which), "%s: offset %d s here, %d s by libical from %s", difference->name, (int)difference->ours_s,
			(int)difference->theirs_s, instant_format(difference->at, 0, at));
	check->on_finding(check->context, which);
}

/* Keeps the names that this host has in `names`, tells of the others, returns how many are kept. */
static size_t
names_of_host(const struct zone_check *check, const PGresult *rows, const char **names)
{
	size_t count = 0;
	char which[WHICH_MAX];

	for (int i = 0; i < PQntuples(rows); i++) {
		const char *name = PQgetvalue(rows, i, 0);

		if (zone_set_find(check->zones, name) != NULL) {
			names[count++] = name;
			continue;
		}
		snprintf(which, sizeof(which), "%s: not in the zone data of this host", name);
		check->on_finding(check->context, which);
	}
	return count;
}

static enum status
check_names(const struct zone_check *check, const PGresult *rows, struct err *err)
{
	const size_t room = (size_t)PQntuples(rows) + 1;
	const char **names = calloc(room, sizeof(*names));
	struct zone_difference *differences = calloc(room, sizeof(*differences));
	struct zone_question question = {.names = names, .span = check->span};
	enum status status = STATUS_OK;
	size_t count;

	if (names == NULL || differences == NULL) {
		status = err_set(err, STATUS_NO_MEMORY, "out of memory");
		goto done;
	}
	question.count = names_of_host(check, rows, names);
	count = zone_second_opinion(check->zones, &question, differences);
	for (size_t i = 0; i < count; i++)
		tell_difference(check, &differences[i]);
done:
	free(differences);
	free((void *)names);
	return status;
}

enum status
zone_check(struct session *session, const struct zone_check *check, struct err *err)
{
	PGresult *rows;
	enum status status = session_query(session, &sql_query_zones_in_use, NULL, 0, &rows, err);

	if (status != STATUS_OK)
		return status;
	status = check_names(check, rows, err);
	PQclear(rows);
	return status;
}
