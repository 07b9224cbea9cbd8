/*
 * install - fills a migrated schema with what the program and this host know: key, word lists, zones, rulebook
 *
 *     struct install install = {.session = session, .on_done = report, .context = output};
 *     if (install_installation(&install, rehearsal, &err) != STATUS_OK) ...
 *
 * Each step runs inside the caller's transaction, changes only what differs and tells `on_done` what it did; a step with nothing to do is
 * silent. So a second run says nothing.
 */
#ifndef DAYPART_PLANNER_INSTALL_H
#define DAYPART_PLANNER_INSTALL_H

#include <stdbool.h>

#include "conf/law_text.h"
#include "conf/protected_file.h"
#include "conf/settings.h"
#include "planner/core/zone.h"
#include "sql/session.h"

struct install {
	struct session *session;
	void (*on_done)(void *context, const char *what, const char *done);
	void *context;
};

/* The installation's row and its secret key, which is made once and never changed. Refused: turning an installation into a rehearsal, and going
 * on without the key under which people are stored. */
MUST_CHECK enum status install_installation(const struct install *install, bool rehearsal, struct err *err);

/* Reasons, evidence bits and regions of this program; the zones of this host; the ledger's first part. */
MUST_CHECK enum status install_words(const struct install *install, const struct zone_set *zones, struct err *err);

/* All files of two folders as one law; every problem of all files is logged with file, line, field and cure, those of zones too. Free texts and law,
 * also after an error. */
MUST_CHECK enum status install_check_law(const char *rulebook_dir, const char *calendar_dir, const struct zone_set *zones,
	struct law_texts *out_texts, struct parsed_law *out_law, struct err *err);
/* Rules and calendars of the settings' folders, read and checked as a plan would read them; every problem is logged. To be done before the
 * transaction. Free the texts with law_texts_free, also after an error. */
MUST_CHECK enum status install_read_law(
	const struct settings *settings, const struct zone_set *zones, struct law_texts *out, struct err *err);
/* Methods and sources of consent that mean something to the law: those of this program, and of the rulebook's prohibitions those that never count. When
 * any of them changed, what consents show is written anew. */
MUST_CHECK enum status install_consent_words(const struct install *install, const struct rulebook *rulebook, struct err *err);
/* Stores the texts as a rulebook, unless it is known by its hash, puts it in force, and writes its words of consent. */
MUST_CHECK enum status install_rulebook(const struct install *install, const struct law_texts *texts, struct err *err);

/* The settings' file of words for what nobody is chosen by; every problem is logged. To be done before the transaction. Free the words with
 * protected_words_free, also after an error. */
MUST_CHECK enum status install_read_protected(const struct settings *settings, struct protected_words *out, struct err *err);
/* Makes them those that segments are judged by. */
MUST_CHECK enum status install_protected(const struct install *install, const struct protected_words *protected, struct err *err);

#endif
