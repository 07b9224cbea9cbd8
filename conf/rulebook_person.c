#include "rulebook_kinds.h"

#include <string.h>

#include "rulebook_days.h"

static const char *
evidence_word(unsigned index)
{
	return evidence_name((enum evidence)index);
}

static void
read_days(const struct rulebook_reader *reader, const config_setting_t *group, struct window_rule *out)
{
	const config_setting_t *days = config_setting_get_member(group, "days");
	if (days == NULL || !config_setting_is_group(days))
		rulebook_complain(reader, group, "days", "must be a group, such as { every_day = \"08:00-21:00\"; }");
	else
		rulebook_days_read(reader, days, out);
}

void
rulebook_read_window(const struct rulebook_reader *reader, const config_setting_t *group, struct rule *out)
{
	if (rulebook_has(group, "clock"))
		rulebook_read_clock(reader, group, out->window.fixed_zone, sizeof out->window.fixed_zone);
	if (rulebook_has(group, "emergency"))
		out->window.emergency = rulebook_read_bool(reader, group, "emergency");
	read_days(reader, group, &out->window);
}

/* It can close nothing, so a stronger word than info would promise too much. */
void
rulebook_read_preference(const struct rulebook_reader *reader, const config_setting_t *group, struct rule *out)
{
	if (out->strength != STRENGTH_INFO)
		rulebook_complain(reader, group, "strength", "of a preference must be \"info\": it ranks instants and forbids none");
	read_days(reader, group, &out->window);
}

/* Days on which fewer may be sent: only holidays, for only of them do the documents speak. */
static void
read_cap_days(const struct rulebook_reader *reader, const config_setting_t *group, struct cap_rule *out)
{
	static const char *const keys[] = {"holidays", "calendar"};
	const config_setting_t *days = config_setting_get_member(group, "days");
	if (!config_setting_is_group(days)) {
		rulebook_complain(reader, group, "days", "must be a group, such as { holidays = 1; calendar = \"IN\"; }");
		return;
	}
	rulebook_check_keys(reader, days, keys, sizeof keys / sizeof *keys);
	out->on_holidays = (uint16_t)rulebook_read_number(reader, days, "holidays", 1, 10000);
	rulebook_read_copy(reader, days, "calendar", out->calendar, sizeof out->calendar);
	if (out->period != CAP_CALENDAR_DAY)
		rulebook_complain(reader, group, "days", "belongs to per = \"calendar day\"; take it out");
	else if (out->n > 0 && out->on_holidays >= out->n)
		rulebook_complain(reader, days, "holidays", "must be less than n, the number on other days");
}

void
rulebook_read_cap(const struct rulebook_reader *reader, const config_setting_t *group, struct rule *out)
{
	static const char *const counted[] = {"messages", "channels"}, *const same[] = {"subject"};
	const char *per = rulebook_read_text(reader, group, "per");
	struct err ignored = ERR_INIT;
	out->cap.n = (uint16_t)rulebook_read_number(reader, group, "n", 1, 10000);
	if (strcmp(per, "calendar day") == 0)
		out->cap.period = CAP_CALENDAR_DAY;
	else if (strcmp(per, "calendar month") == 0)
		out->cap.period = CAP_CALENDAR_MONTH;
	else if (duration_parse(per, &out->cap.length, &ignored) == STATUS_OK && out->cap.length.us > 0 &&
		out->cap.length.us <= RULEBOOK_DAYS_MAX * US_PER_DAY)
		out->cap.period = CAP_ROLLING;
	else if (per[0] != '\0')
		rulebook_complain(reader, group, "per",
			"\"%s\" is not \"calendar day\", \"calendar month\" or a length of up to %d days such as \"31d\"", per, RULEBOOK_DAYS_MAX);
	if (rulebook_has(group, "days"))
		read_cap_days(reader, group, &out->cap);
	if (rulebook_has(group, "of"))
		out->cap.of_channels = rulebook_read_word(reader, group, "of", counted, 2) == 1;
	if (rulebook_has(group, "same"))
		out->cap.same_subject = rulebook_read_word(reader, group, "same", same, 1) == 0;
	if (out->cap.of_channels && out->cap.n > 1)
		rulebook_complain(reader, group, "n", "must be 1 when channels are counted: more of them is no limit");
}

void
rulebook_read_consent(const struct rulebook_reader *reader, const config_setting_t *group, struct rule *out)
{
	out->consent.required = rulebook_read_bool(reader, group, "required");
	if (rulebook_has(group, "evidence"))
		out->consent.evidence = rulebook_read_words(reader, group, "evidence", evidence_word, EVIDENCE_COUNT);
	if (rulebook_has(group, "good_for"))
		out->consent.good_for = rulebook_read_duration(reader, group, "good_for", RULEBOOK_DAYS_MAX);
}

void
rulebook_read_session(const struct rulebook_reader *reader, const config_setting_t *group, struct rule *out)
{
	out->session.length = rulebook_read_duration(reader, group, "length", 366);
}
