/*
 * rulebook_digest - one number for what a rule says: equal texts, equal numbers
 *
 * Every key and value of the group counts, at any depth, the section it stands in as well; comments, blanks and the order of keys do not, the order
 * of a list does. A slot planned under another digest waits for the next plan (law_terms_hash), so a number that changed without need would only
 * cost time, one that did not change would send what is forbidden.
 */
#ifndef DAYPART_CONF_RULEBOOK_DIGEST_H
#define DAYPART_CONF_RULEBOOK_DIGEST_H

#include <libconfig.h>
#include <stdint.h>

uint64_t rulebook_digest(const char *section, const config_setting_t *group);

#endif
