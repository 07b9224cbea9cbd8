/*
 * adoption_rule - may this host release from this copy of the database? What the database and the host's token file say, as one decision
 *
 *     verdict = adoption_judge(&facts);
 *
 * | database | file                             | verdict    |
 * | -------- | -------------------------------- | ---------- |
 * | no token | none, or one that saw no beat    | FIRST      |
 * | no token | one that saw a beat              | WENT_BACK  |
 * | token    | none                             | NOT_HERE   |
 * | token    | another                          | OTHER      |
 * | token    | the same, beat ahead of database | WENT_BACK  |
 * | token    | the same                         | OURS       |
 *
 * A database may be a minute behind what was seen here: an asynchronous standby that takes over has lost the last moments, and must not stop
 * the installation; a backup that is put in place of the database is older. A rehearsal needs no token.
 */
#ifndef DAYPART_SCHEDULER_POLICY_ADOPTION_RULE_H
#define DAYPART_SCHEDULER_POLICY_ADOPTION_RULE_H

#include <stdbool.h>

#include "planner/core/instant.h"

#define ADOPTION_BEHIND_MAX (60 * US_PER_SECOND)

struct adoption_facts {
	bool rehearsal;
	const char *database_token; /* NULL: none */
	struct instant database_beat;
	const char *file_token; /* NULL: no file */
	struct instant file_beat;
};

/* -infinity: before the first beat. */
#define ADOPTION_NO_BEAT ((struct instant){INT64_MIN})

enum adoption_verdict { ADOPTION_OURS, ADOPTION_FIRST, ADOPTION_NOT_HERE, ADOPTION_OTHER, ADOPTION_WENT_BACK };

enum adoption_verdict adoption_judge(const struct adoption_facts *facts);

#endif
