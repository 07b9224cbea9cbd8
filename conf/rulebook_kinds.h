/*
 * rulebook_kinds - what is particular to each kind of rule, read from its group; rulebook_file.h documents the format
 *
 * Internal to the rulebook reader. Each function fills the member of the rule's union that its kind uses; the common keys are read by
 * rulebook_rules.c, which also refuses unknown ones.
 */
#ifndef DAYPART_CONF_RULEBOOK_KINDS_H
#define DAYPART_CONF_RULEBOOK_KINDS_H

#include "rulebook_read.h"

typedef void rulebook_kind_fn(const struct rulebook_reader *reader, const config_setting_t *group, struct rule *out);

/* Whether and when one person may be sent a message: rulebook_person.c */
rulebook_kind_fn rulebook_read_window, rulebook_read_cap, rulebook_read_preference, rulebook_read_consent, rulebook_read_session;
/* What campaign, template, sender and business must be like: rulebook_terms.c */
rulebook_kind_fn rulebook_read_content, rulebook_read_template, rulebook_read_registration, rulebook_read_attestation,
	rulebook_read_registry, rulebook_read_prohibition;
/* How much, and what is kept: rulebook_amounts.c */
rulebook_kind_fn rulebook_read_volume, rulebook_read_rate, rulebook_read_opt_out, rulebook_read_retention, rulebook_read_note;
/* What stops a sender: rulebook_breaker.c */
rulebook_kind_fn rulebook_read_breaker;

#endif
