/*
 * adoption - a restored copy of the database sends nothing until somebody says that it shall
 *
 *     status = adoption_check(session, settings->release_token_file, &adoption, &err);    // at the start: refuses with what to do
 *     status = adoption_beat(&adoption, session, &err);                                   // before leases are renewed: refuses likewise
 *     status = adoption_adopt(session, settings->release_token_file, &err);               // daypartd --adopt
 *     status = adoption_join(session, settings->release_token_file, &err);                // daypartd --join
 *
 * Slots that are in a backup have left since, so whoever restores one has messages to send twice. The database holds a token; each host that
 * releases from it holds the same in a file outside (token_file.h), under a name that tells copies of the database apart. The very first
 * start writes both without a word. Then:
 *   - another host, another server, another database in it: no file, refused;
 *   - an older backup in place of the database: the file has seen a later beat than the database remembers, refused. The beat is an instant
 *     that only grows; a daemon at work moves it with each renewal of its leases, and notes it in the file now and then;
 *   - a standby that takes over: the same files, the same token, at most some lost seconds: goes on (policy/adoption_rule.h).
 * --adopt: this copy shall release. What is due is held (reason `adopted`) until a person says of each campaign that nobody got it, what nobody
 * has taken from the outbox is dropped likewise, and then both get a new token. --join: one more host beside daemons that are at work now; a
 * restored copy has none. Copying the file of another host does the same.
 *
 * Rehearsals need none of it. Blocks: for main and for workers; one thread at a time.
 */
#ifndef DAYPART_SCHEDULER_ADOPTION_H
#define DAYPART_SCHEDULER_ADOPTION_H

#include "sql/session.h"
#include "token_file.h"

struct adoption {
	bool needed; /* false: a rehearsal */
	char path[PATH_MAX];
	struct token_content content;
	struct instant written; /* the beat that the file has */
	char timeline[16];      /* of the server at the last beat; empty: before the first */
	bool taken_over; /* it was another one before: what this process knows of the database may be undone; whoever has acted clears it */
};

/* STATUS_INVALID: this host may not release from this database, and why. */
MUST_CHECK enum status adoption_check(struct session *session, const char *setting, struct adoption *out, struct err *err);
MUST_CHECK enum status adoption_beat(struct adoption *adoption, struct session *session, struct err *err);
MUST_CHECK enum status adoption_adopt(struct session *session, const char *setting, struct err *err);
MUST_CHECK enum status adoption_join(struct session *session, const char *setting, struct err *err);

#endif
