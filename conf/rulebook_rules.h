/*
 * rulebook_rules - the sections of a rulebook file: the keys that all rules share, and which reader each kind has
 *
 * Internal to the rulebook reader; rulebook_file.h documents the format.
 */
#ifndef DAYPART_CONF_RULEBOOK_RULES_H
#define DAYPART_CONF_RULEBOOK_RULES_H

#include "rulebook_read.h"

enum { RULEBOOK_SECTIONS = 17 };

/* The names of the sections, "windows" first. */
void rulebook_section_names(const char *out[RULEBOOK_SECTIONS]);

/* Reads all sections under `root` into the regime, which has no rules yet. */
void rulebook_rules_read(const struct rulebook_reader *reader, const config_setting_t *root, struct regime *regime);

#endif
