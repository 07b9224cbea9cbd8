#include "reload.h"

#include <string.h>

#include "conf/log.h"

/* What only takes effect at a start, and differs, is named: nothing is refused silently. */
static void
warn_of_restart(const struct settings *old, const struct settings *new)
{
	if (strcmp(old->database, new->database) != 0)
		log_message(SEVERITY_WARNING, "the new setting \"database\" takes effect when daypartd is restarted");
	if (strcmp(old->release_monitor, new->release_monitor) != 0)
		log_message(SEVERITY_WARNING, "the new setting \"release.monitor\" takes effect when daypartd is restarted");
	if (old->release_workers != new->release_workers)
		log_message(SEVERITY_WARNING, "the new setting \"release.workers\" takes effect when daypartd is restarted");
	if (old->release_in_flight != new->release_in_flight)
		log_message(SEVERITY_WARNING, "the new setting \"release.in_flight\" takes effect when daypartd is restarted");
	if (strcmp(old->release_jsonl_file, new->release_jsonl_file) != 0)
		log_message(SEVERITY_WARNING, "the new setting \"release.jsonl_file\" takes effect when daypartd is restarted");
	if (old->release_sink != new->release_sink)
		log_message(SEVERITY_WARNING, "the new setting \"release.sink\" takes effect when daypartd is restarted");
}

/* The texts that the pool and the sink were started with must go on living: what takes effect at a start is carried over. */
static void
swap_settings(struct settings *settings, struct settings *fresh)
{
	struct settings old = *settings;
	char *database = fresh->database;

	warn_of_restart(settings, fresh);
	fresh->database = old.database;
	fresh->release_sink = old.release_sink;
	fresh->release_workers = old.release_workers;
	*settings = *fresh;
	old.database = database;
	settings_free(&old);
}

enum status
reload_settings(struct settings *settings, const char *config, struct err *err)
{
	struct settings fresh;

	if (settings_load(config, &fresh, err) != STATUS_OK)
		return err->status;
	swap_settings(settings, &fresh);
	return STATUS_OK;
}
