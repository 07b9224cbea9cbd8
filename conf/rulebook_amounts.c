#include "rulebook_kinds.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void
read_tier(const struct rulebook_reader *reader, const config_setting_t *group, void *out, size_t index)
{
	static const char *const keys[] = {"trust", "n"};
	struct volume_tier *tiers = out, *tier = &tiers[index];
	rulebook_check_keys(reader, group, keys, COUNT(keys));
	rulebook_read_id(reader, group, "trust", tier->trust, sizeof tier->trust);
	tier->n = rulebook_read_limit(reader, group, "n", 0);
	for (size_t i = 0; i < index; i++)
		if (tier->trust[0] != '\0' && strcmp(tiers[i].trust, tier->trust) == 0)
			rulebook_complain(reader, group, "trust", "\"%s\" has a tier already; take one out", tier->trust);
}

/* A rolling length, or the calendar day of a fixed clock. */
static void
read_volume_period(const struct rulebook_reader *reader, const config_setting_t *group, struct volume_rule *out)
{
	const bool by_day = strcmp(rulebook_read_text(reader, group, "per"), "day") == 0;
	if (!by_day && rulebook_has(group, "per"))
		out->length = rulebook_read_duration(reader, group, "per", 366);
	if (by_day != rulebook_has(group, "clock"))
		rulebook_complain(reader, group, "clock",
			by_day ? "is missing; a day needs one, such as \"America/Los_Angeles\"" : "belongs to per = \"day\"; take it out");
	else if (by_day)
		rulebook_read_clock(reader, group, out->fixed_zone, sizeof out->fixed_zone);
}

void
rulebook_read_volume(const struct rulebook_reader *reader, const config_setting_t *group, struct rule *out)
{
	static const char *const scopes[] = {"sender", "portfolio"};
	struct volume_rule *volume = &out->volume;
	volume->scope = (enum volume_scope)rulebook_read_word(reader, group, "scope", scopes, COUNT(scopes));
	volume->people = rulebook_has(group, "people") && rulebook_read_bool(reader, group, "people");
	read_volume_period(reader, group, volume);
	volume->n = rulebook_read_limit(reader, group, "n", 1);
	if (rulebook_has(group, "granted_max"))
		volume->granted_max = rulebook_read_limit(reader, group, "granted_max", 1);
	if (rulebook_has(group, "raise_after"))
		volume->raise_after = rulebook_read_duration(reader, group, "raise_after", RULEBOOK_DAYS_MAX);
	if (rulebook_has(group, "raise_after") && !rulebook_has(group, "granted_max"))
		rulebook_complain(reader, group, "raise_after", "needs granted_max, the most that a raise can allow");
	if (volume->granted_max > 0 && volume->granted_max < volume->n)
		rulebook_complain(reader, group, "granted_max", "must not be less than n");
	if (rulebook_has(group, "tiers"))
		volume->tier_count = (uint8_t)rulebook_read_groups(reader, group, "tiers", TIERS_MAX, read_tier, volume->tiers);
}

void
rulebook_read_rate(const struct rulebook_reader *reader, const config_setting_t *group, struct rule *out)
{
	out->rate.n = rulebook_read_number(reader, group, "n", 1, 1000000);
	out->rate.per = rulebook_read_duration(reader, group, "per", 1);
	out->rate.pair = rulebook_has(group, "pair") && rulebook_read_bool(reader, group, "pair");
}

void
rulebook_read_opt_out(const struct rulebook_reader *reader, const config_setting_t *group, struct rule *out)
{
	static const char *const words[] = {"allowed", "required", "forbidden"};
	struct opt_out_rule *opt_out = &out->opt_out;
	if (rulebook_has(group, "deadline"))
		opt_out->deadline = rulebook_read_duration(reader, group, "deadline", 366);
	if (rulebook_has(group, "confirmation"))
		opt_out->confirmation = (enum confirmation)rulebook_read_word(reader, group, "confirmation", words, COUNT(words));
	if (rulebook_has(group, "confirm_within"))
		opt_out->confirm_within = rulebook_read_duration(reader, group, "confirm_within", 366);
	if (rulebook_has(group, "keep_for"))
		opt_out->keep_for = rulebook_read_duration(reader, group, "keep_for", RULEBOOK_DAYS_MAX);
	if (opt_out->confirm_within.us > 0 && opt_out->confirmation == CONFIRMATION_FORBIDDEN)
		rulebook_complain(reader, group, "confirm_within", "belongs to no confirmation; take it out, or confirmation = \"forbidden\"");
	if (!rulebook_has(group, "deadline") && !rulebook_has(group, "confirmation") && !rulebook_has(group, "confirm_within") &&
		!rulebook_has(group, "keep_for"))
		rulebook_complain(reader, group, "deadline", "is missing; write at least one of deadline, confirmation, confirm_within, keep_for");
}

void
rulebook_read_retention(const struct rulebook_reader *reader, const config_setting_t *group, struct rule *out)
{
	static const char *const classes[DATA_CLASS_COUNT] = {
		[DATA_PROFILE] = "profile", [DATA_EVIDENCE] = "evidence", [DATA_SUPPRESSION] = "suppression", [DATA_MESSAGES] = "messages"};
	static const char *const events[DATA_EVENT_COUNT] = {
		[AFTER_GRANT] = "grant", [AFTER_LAST_USE] = "last_use", [AFTER_OPT_OUT] = "opt_out"};
	struct retention_rule *retention = &out->retention;
	retention->data = (enum data_class)rulebook_read_word(reader, group, "data", classes, COUNT(classes));
	retention->after = (enum data_event)rulebook_read_word(reader, group, "after", events, COUNT(events));
	if (rulebook_has(group, "min"))
		retention->min = rulebook_read_duration(reader, group, "min", RULEBOOK_DAYS_MAX);
	if (rulebook_has(group, "max"))
		retention->max = rulebook_read_duration(reader, group, "max", RULEBOOK_DAYS_MAX);
	if (!rulebook_has(group, "min") && !rulebook_has(group, "max"))
		rulebook_complain(reader, group, "min", "is missing; write min, max or both");
}

void
rulebook_read_note(const struct rulebook_reader *reader, const config_setting_t *group, struct rule *out)
{
	out->note.text = strdup(rulebook_read_text(reader, group, "text"));
	reader->problems->no_memory |= out->note.text == NULL;
}
