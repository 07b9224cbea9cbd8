/*
 * rulebook_days - the `days` group of a window rule: weekdays and holidays as ranges of local time
 *
 * Internal to the rulebook reader; rulebook_file.h documents the format.
 */
#ifndef DAYPART_CONF_RULEBOOK_DAYS_H
#define DAYPART_CONF_RULEBOOK_DAYS_H

#include "rulebook_read.h"

void rulebook_days_read(const struct rulebook_reader *reader, const config_setting_t *days, struct window_rule *out);

#endif
