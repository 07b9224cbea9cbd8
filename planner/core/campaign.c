#include "campaign.h"

#include <ctype.h>
#include <string.h>

/* Length of `text` without a trailing "local", or 0 when it does not end so. */
static size_t
local_part(const char *text)
{
	size_t size = strlen(text);
	while (size > 0 && isspace((unsigned char)text[size - 1]))
		size--;
	if (size < 6 || strncmp(text + size - 5, "local", 5) != 0)
		return 0;
	size -= 5;
	while (size > 0 && isspace((unsigned char)text[size - 1]))
		size--;
	return size;
}

static enum status
bad_local_time(const char *text, struct err *err)
{
	(void)err_set(err, STATUS_INVALID, "\"%s\" is not a local campaign time", text);
	return err_hint(err, "write a date and a time, for example: 2026-11-23 09:00 local");
}

static enum status
local_time_parse(const char *text, size_t size, struct wall *out, struct err *err)
{
	char copy[CAMPAIGN_TIME_MAX];
	if (size < 12 || size >= sizeof copy || (text[10] != ' ' && text[10] != 'T'))
		return bad_local_time(text, err);
	memcpy(copy, text, size);
	copy[size] = '\0';
	copy[10] = '\0';
	struct date date;
	struct day_time time;
	if (date_parse(copy, &date, err) != STATUS_OK || day_time_parse(copy + 11, &time, err) != STATUS_OK)
		return bad_local_time(text, err);
	*out = wall_at(date, time);
	return STATUS_OK;
}

enum status
campaign_time_parse(const char *text, struct campaign_time *out, struct err *err)
{
	size_t local = local_part(text);
	*out = (struct campaign_time){.local = local > 0};
	return local > 0 ? local_time_parse(text, local, &out->wall, err) : instant_parse(text, &out->at, err);
}

enum status
campaign_time_date(const char *text, struct date *out, struct err *err)
{
	char day[11] = "";
	strncpy(day, text, sizeof day - 1);
	return date_parse(day, out, err);
}

static struct instant
latest_start(const struct campaign_time *time, const struct zone *const *zones, size_t zone_count)
{
	struct instant start = time->at;
	for (size_t i = 0; time->local && i < zone_count; i++) {
		struct instant opening = zone_opening(zones[i], time->wall);
		start = i == 0 ? opening : instant_max(start, opening);
	}
	return start;
}

static struct instant
earliest_end(const struct campaign_time *time, const struct zone *const *zones, size_t zone_count)
{
	struct instant end = time->at;
	for (size_t i = 0; time->local && i < zone_count; i++) {
		struct instant closing = zone_closing(zones[i], time->wall);
		end = i == 0 ? closing : instant_min(end, closing);
	}
	return end;
}

struct interval
campaign_span(const struct campaign_facts *facts, const struct zone *const *zones, size_t zone_count)
{
	return (struct interval){latest_start(&facts->starts_at, zones, zone_count), earliest_end(&facts->ends_at, zones, zone_count)};
}
