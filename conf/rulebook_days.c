#include "rulebook_days.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Later keys override earlier ones. */
static const struct day_key {
	const char *name;
	enum weekday first, last;
} DAY_KEYS[] = {
	{"every_day", MONDAY, SUNDAY},
	{"weekdays", MONDAY, FRIDAY},
	{"weekends", SATURDAY, SUNDAY},
	{"monday", MONDAY, MONDAY},
	{"tuesday", TUESDAY, TUESDAY},
	{"wednesday", WEDNESDAY, WEDNESDAY},
	{"thursday", THURSDAY, THURSDAY},
	{"friday", FRIDAY, FRIDAY},
	{"saturday", SATURDAY, SATURDAY},
	{"sunday", SUNDAY, SUNDAY},
};
enum { DAY_KEY_COUNT = sizeof DAY_KEYS / sizeof *DAY_KEYS, RANGE_TEXT_MAX = 24 };

static bool
parse_range(const char *text, size_t size, struct day_range *out)
{
	char copy[RANGE_TEXT_MAX];
	struct err ignored = ERR_INIT;
	while (size > 0 && isspace((unsigned char)*text)) {
		text++;
		size--;
	}
	while (size > 0 && isspace((unsigned char)text[size - 1]))
		size--;
	if (size >= sizeof copy)
		return false;
	memcpy(copy, text, size);
	copy[size] = '\0';
	char *dash = strchr(copy, '-');
	if (dash == NULL)
		return false;
	*dash = '\0';
	return day_time_parse(copy, &out->from, &ignored) == STATUS_OK && day_time_parse(dash + 1, &out->until, &ignored) == STATUS_OK &&
		out->from.s < 86400;
}

static bool
parse_ranges(const char *text, struct day_ranges *out)
{
	*out = (struct day_ranges){.count = 0};
	if (strcmp(text, "closed") == 0)
		return true;
	while (true) {
		const size_t size = strcspn(text, ",");
		if (out->count == DAY_RANGES_MAX || !parse_range(text, size, &out->ranges[out->count++]))
			return false;
		if (text[size] == '\0')
			return true;
		text += size + 1;
	}
}

static void
read_ranges(const struct rulebook_reader *reader, const config_setting_t *setting, struct day_ranges *out)
{
	const char *text = config_setting_get_string(setting);
	if (text == NULL || !parse_ranges(text, out))
		problem_add(reader->problems, reader->file, rulebook_line(setting),
			"%s: \"%s\" is not \"closed\" or up to %d ranges such as \"09:00-20:00\"", config_setting_name(setting),
			text != NULL ? text : "?", DAY_RANGES_MAX);
}

static void
check_day_keys(const struct rulebook_reader *reader, const config_setting_t *days)
{
	const char *keys[DAY_KEY_COUNT + 3];
	for (int i = 0; i < DAY_KEY_COUNT; i++)
		keys[i] = DAY_KEYS[i].name;
	keys[DAY_KEY_COUNT] = "holidays";
	keys[DAY_KEY_COUNT + 1] = "eves";
	keys[DAY_KEY_COUNT + 2] = "calendar";
	rulebook_check_keys(reader, days, keys, DAY_KEY_COUNT + 3);
}

/* Days that only a calendar knows. */
static void
read_calendar_days(const struct rulebook_reader *reader, const config_setting_t *days, struct window_rule *out)
{
	const config_setting_t *holidays = config_setting_get_member(days, "holidays");
	const config_setting_t *eves = config_setting_get_member(days, "eves");
	const config_setting_t *calendar = config_setting_get_member(days, "calendar");
	const char *name = calendar != NULL ? config_setting_get_string(calendar) : NULL;
	if (holidays == NULL && eves == NULL && calendar == NULL)
		return;
	if ((holidays == NULL && eves == NULL) || name == NULL || name[0] == '\0' || strlen(name) >= sizeof out->calendar) {
		problem_add(reader->problems, reader->file, rulebook_line(calendar != NULL ? calendar : days),
			"holidays or eves and calendar belong together, as in: holidays = \"closed\"; calendar = \"BR\"");
		return;
	}
	snprintf(out->calendar, sizeof out->calendar, "%s", name);
	out->on_holidays_replaced = holidays != NULL;
	out->on_eves_replaced = eves != NULL;
	if (holidays != NULL)
		read_ranges(reader, holidays, &out->holidays);
	if (eves != NULL)
		read_ranges(reader, eves, &out->eves);
}

void
rulebook_days_read(const struct rulebook_reader *reader, const config_setting_t *days, struct window_rule *out)
{
	bool covered[WEEKDAY_COUNT] = {false};
	check_day_keys(reader, days);
	for (int i = 0; i < DAY_KEY_COUNT; i++) {
		const config_setting_t *member = config_setting_get_member(days, DAY_KEYS[i].name);
		struct day_ranges ranges = {.count = 0};
		if (member == NULL)
			continue;
		read_ranges(reader, member, &ranges);
		for (int day = DAY_KEYS[i].first; day <= (int)DAY_KEYS[i].last; day++) {
			out->days[day] = ranges;
			covered[day] = true;
		}
	}
	for (int day = 0; day < WEEKDAY_COUNT; day++)
		if (!covered[day]) {
			problem_add(reader->problems, reader->file, rulebook_line(days),
				"days: not every day of the week is named; say \"closed\" where nothing may be sent");
			break;
		}
	read_calendar_days(reader, days, out);
}
