/*
 * The table of coverage.h. Rows stand in it by their number; a gap or a swap does not compile, because each row is put where its number says and the
 * test counts them.
 */
#include "coverage.h"

#include <string.h>

#define MUST STRENGTH_MUST
#define SHOULD STRENGTH_SHOULD
#define INFO STRENGTH_INFO
#define ROW(number, strength, owners, subject, how, where, tests, note) \
	[(number)-1] = {number, strength, owners, subject, COVERAGE_##how, where, tests, note},

const struct coverage_row coverage_rows[COVERAGE_ROWS] = {
#include "coverage.def"
};

const char *
coverage_how_name(enum coverage_how how)
{
	static const char *const names[] = {
		[COVERAGE_RULE] = "rules",
		[COVERAGE_CODE] = "code",
		[COVERAGE_RECORDED] = "recorded",
		[COVERAGE_REPORTED] = "reported",
		[COVERAGE_DUTY] = "duty",
		[COVERAGE_LATER] = "later",
	};
	return names[how];
}

static bool
is_done(const char *owner, size_t length)
{
	static const char *const done[] = {"main job", "rulebook", "planner"};
	for (size_t i = 0; i < sizeof done / sizeof *done; i++)
		if (strlen(done[i]) == length && strncmp(done[i], owner, length) == 0)
			return true;
	return false;
}

/* The owner after this one, or the first. */
static const char *
next_owner(const struct coverage_row *row, const char *owner, size_t *length)
{
	if (owner != NULL) {
		owner += strcspn(owner, ",");
		owner += strspn(owner, ", ");
	} else
		owner = row->owners;
	*length = strcspn(owner, ",");
	return *owner != '\0' ? owner : NULL;
}

bool
coverage_is_due(const struct coverage_row *row)
{
	size_t length;
	for (const char *owner = next_owner(row, NULL, &length); owner != NULL; owner = next_owner(row, owner, &length))
		if (is_done(owner, length))
			return true;
	return false;
}

const char *
coverage_later_owner(const struct coverage_row *row, const char *after, size_t *length)
{
	const char *owner = next_owner(row, after, length);
	while (owner != NULL && is_done(owner, *length))
		owner = next_owner(row, owner, length);
	return owner;
}
