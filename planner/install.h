/*
 * install - fills a migrated schema with what the program and this host know: key, word lists, zones, rulebook
 *
 *     struct install install = {.session = session, .settings = &context->settings, .on_done = report, .context = output};
 *     if (install_installation(&install, rehearsal, &err) != STATUS_OK) ...
 *
 * Each step runs inside the caller's transaction, changes only what differs and tells `on_done` what it did; a step with nothing to do is
 * silent. So a second run says nothing.
 */
#ifndef DAYPART_PLANNER_INSTALL_H
#define DAYPART_PLANNER_INSTALL_H

#include <stdbool.h>

#include "conf/settings.h"
#include "planner/core/zone.h"
#include "sql/session.h"

struct install {
	struct session *session;
	const struct settings *settings;
	struct instant now;
	void (*on_done)(void *context, const char *what, const char *done);
	void *context;
};

/* The installation's row and its secret key, which is made once and never changed. Refused: turning an installation into a rehearsal, and going
 * on without the key under which people are stored. */
MUST_CHECK enum status install_installation(const struct install *install, bool rehearsal, struct err *err);

/* Reasons, evidence bits and regions of this program; the zones of this host; the ledger's first part. */
MUST_CHECK enum status install_words(const struct install *install, const struct zone_set *zones, struct err *err);

/* Rules and calendars of the settings' folders, after they have been read as a plan would read them. */
MUST_CHECK enum status install_rulebook(const struct install *install, const struct zone_set *zones, struct err *err);

#endif
