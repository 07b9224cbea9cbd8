/*
 * reload - what HUP changes in a running daemon's settings, and what waits for a restart
 *
 *     if (reload_settings(&settings, config, &err) != STATUS_OK) ... the settings are as they were ...
 *
 * Texts of the old settings are freed: whoever needs one for longer has a copy. Those that the pool and the listener were started with live on.
 */
#ifndef DAYPART_SCHEDULER_RELOAD_H
#define DAYPART_SCHEDULER_RELOAD_H

#include "conf/settings.h"

/* Reads the settings again. What takes effect only at a start keeps its value, and a warning names it when the new one differs. */
MUST_CHECK enum status reload_settings(struct settings *settings, const char *config, struct err *err);

#endif
