/*
 * calendar - implementation
 *
 * Every holiday within the coverage is worked out while parsing and kept in a sorted array; asking is a binary search. libical takes the text
 * apart; recurrence.h steps through rules. Around it, because of what libical 3.0.16 does:
 * - icalcomponent_foreach_recurrence is not used: it makes a whole day one day longer, and forgets some RDATEs.
 * - A text with errors parses without one: they are counted, and the first is reported.
 * - 31 February passes for a valid date: dates are checked by date_is_valid.
 * - Texts of properties and kinds may be NULL.
 * - A component has one cursor for all walks over its properties: no walk may happen inside another.
 */
#include "calendar.h"

#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"
#include "recurrence.h"

enum { LONGEST_EVENT_DAYS = 31, MOST_EXCEPTIONS = 400 };

struct holiday {
	struct date date;
	char name[CALENDAR_DAY_NAME_MAX];
};

struct calendar {
	char name[CALENDAR_NAME_MAX], area[CALENDAR_NAME_MAX];
	struct date first, last;
	struct holiday *holidays; /* by date, one a date */
	size_t count, room;
};

/* The text that is being read, and where in it. */
struct reading {
	struct calendar *calendar;
	const char *text;
	size_t event_number; /* from 1; 0: before the first */
	size_t occurrences;
	struct err *err;
};

/* One event, understood. */
struct event {
	icalcomponent *component;
	struct date start;
	int length_days;
	const char *name;
	struct date exceptions[MOST_EXCEPTIONS];
	size_t exception_count;
};

static size_t
line_of_event(const char *text, size_t event_number)
{
	static const char begin[] = "BEGIN:VEVENT";
	size_t line = 1, seen = 0;

	for (const char *at = text; at != NULL && *at != '\0'; at = strchr(at, '\n'), line++) {
		at += *at == '\n';
		seen += strncmp(at, begin, sizeof(begin) - 1) == 0;
		if (seen == event_number)
			return line;
	}
	return line;
}

/* An absent text of libical is an empty one. */
static const char *
text_of(const char *text)
{
	return text != NULL ? text : "";
}

static enum status
refuse(struct reading *in, const char *what, const char *text)
{
	err_set(in->err, STATUS_INVALID, "calendar \"%s\": %s", in->calendar->name, what);
	return err_detail(in->err, "line %zu: \"%.*s\"", line_of_event(in->text, in->event_number), (int)strcspn(text, "\r\n"), text);
}

static enum status
refuse_property(struct reading *in, const char *what, icalproperty *property)
{
	return refuse(in, what, text_of(icalproperty_as_ical_string(property)));
}

/* The error is set already; says where. */
static enum status
refuse_rule(struct reading *in)
{
	return err_wrap(in->err, "calendar \"%s\", line %zu", in->calendar->name, line_of_event(in->text, in->event_number));
}

static enum status
out_of_memory(struct reading *in)
{
	return err_set(in->err, STATUS_NO_MEMORY, "out of memory for calendar \"%s\"", in->calendar->name);
}

/* Only a whole day that exists is a date. */
static bool
read_date(struct icaltimetype time, struct date *out)
{
	const struct civil civil = {time.year, time.month, time.day};

	if (!time.is_date || !date_is_valid(civil))
		return false;
	*out = date_from_civil(civil);
	return true;
}

static icalproperty *
only_property(icalcomponent *component, icalproperty_kind kind)
{
	icalproperty *property = icalcomponent_get_first_property(component, kind);

	return property != NULL && icalcomponent_get_next_property(component, kind) == NULL ? property : NULL;
}

/* Nothing, or the first mistake that libical noted down in the component or in one inside it. */
static const char *
first_mistake(icalcomponent *component)
{
	icalproperty *property = icalcomponent_get_first_property(component, ICAL_XLICERROR_PROPERTY);

	if (property != NULL)
		return text_of(icalproperty_get_xlicerror(property));
	return icalcomponent_count_errors(component) > 0 ? "inside it" : NULL;
}

/* Of a name that is too long, as many whole UTF-8 characters as there is room for. */
static size_t
length_that_fits(const char *name)
{
	size_t length = strlen(name);

	if (length < CALENDAR_DAY_NAME_MAX)
		return length;
	length = CALENDAR_DAY_NAME_MAX - 1;
	while (length > 0 && ((unsigned char)name[length] & 0xC0) == 0x80)
		length--;
	return length;
}

static enum status
add_holiday(struct reading *in, struct date date, const char *name)
{
	struct calendar *calendar = in->calendar;
	struct holiday *holidays;

	if (date.days < calendar->first.days || date.days > calendar->last.days)
		return STATUS_OK;
	holidays = grow(calendar->holidays, calendar->count, &calendar->room, sizeof(*holidays));
	if (holidays == NULL)
		return out_of_memory(in);
	calendar->holidays = holidays;
	holidays[calendar->count] = (struct holiday){.date = date};
	memcpy(holidays[calendar->count++].name, name, length_that_fits(name));
	return STATUS_OK;
}

static bool
is_excepted(const struct event *event, struct date date)
{
	for (size_t i = 0; i < event->exception_count; i++) {
		if (event->exceptions[i].days == date.days)
			return true;
	}
	return false;
}

static enum status
add_occurrence(struct reading *in, const struct event *event, struct date start)
{
	if (++in->occurrences > CALENDAR_MAX_DAYS)
		return refuse(in, "too many days", event->name);
	if (is_excepted(event, start))
		return STATUS_OK;
	for (int i = 0; i < event->length_days; i++) {
		if (add_holiday(in, (struct date){start.days + i}, event->name) != STATUS_OK)
			return in->err->status;
	}
	return STATUS_OK;
}

/* DTSTART, or every instance of the rule, of which DTSTART is the first. */
static enum status
add_instances(struct reading *in, const struct event *event)
{
	icalproperty *property = icalcomponent_get_first_property(event->component, ICAL_RRULE_PROPERTY);
	enum status status = STATUS_OK;
	struct recurrence *recurrence;
	struct date date;

	if (property == NULL)
		return add_occurrence(in, event, event->start);
	if (only_property(event->component, ICAL_RRULE_PROPERTY) == NULL)
		return refuse_property(in, "more than one RRULE", property);
	if (recurrence_parse(text_of(icalproperty_get_value_as_string(property)), event->start, &recurrence, in->err) != STATUS_OK)
		return refuse_rule(in);
	while (status == STATUS_OK && recurrence_next(recurrence, &date) && date.days <= in->calendar->last.days)
		status = add_occurrence(in, event, date);
	recurrence_free(&recurrence);
	return status;
}

static enum status
add_dates(struct reading *in, const struct event *event)
{
	icalproperty *property = icalcomponent_get_first_property(event->component, ICAL_RDATE_PROPERTY);
	struct date date;

	for (; property != NULL; property = icalcomponent_get_next_property(event->component, ICAL_RDATE_PROPERTY)) {
		if (!read_date(icalproperty_get_rdate(property).time, &date))
			return refuse_property(in, "not a date that exists", property);
		/* DTSTART is often repeated among the RDATEs; duplicates fall out when the days are sorted. */
		if (add_occurrence(in, event, date) != STATUS_OK)
			return in->err->status;
	}
	return STATUS_OK;
}

static enum status
read_exceptions(struct reading *in, struct event *event)
{
	icalproperty *property = icalcomponent_get_first_property(event->component, ICAL_EXDATE_PROPERTY);

	event->exception_count = 0;
	for (; property != NULL; property = icalcomponent_get_next_property(event->component, ICAL_EXDATE_PROPERTY)) {
		if (event->exception_count == MOST_EXCEPTIONS)
			return refuse_property(in, "too many EXDATEs in one event", property);
		if (!read_date(icalproperty_get_exdate(property), &event->exceptions[event->exception_count++]))
			return refuse_property(in, "not a date that exists", property);
	}
	return STATUS_OK;
}

/* What would change the days of an event and is not followed. */
static enum status
check_unsupported(struct reading *in, icalcomponent *component)
{
	icalproperty *property = icalcomponent_get_first_property(component, ICAL_ANY_PROPERTY);

	for (; property != NULL; property = icalcomponent_get_next_property(component, ICAL_ANY_PROPERTY)) {
		const icalproperty_kind kind = icalproperty_isa(property);

		if (kind == ICAL_EXRULE_PROPERTY || kind == ICAL_RECURRENCEID_PROPERTY ||
			(kind == ICAL_STATUS_PROPERTY && icalproperty_get_status(property) == ICAL_STATUS_CANCELLED))
			return refuse_property(in, "not followed; remove it and list the days instead", property);
	}
	return STATUS_OK;
}

static enum status
read_length(struct reading *in, struct event *event)
{
	icalproperty *end = icalcomponent_get_first_property(event->component, ICAL_DTEND_PROPERTY);
	icalproperty *duration = icalcomponent_get_first_property(event->component, ICAL_DURATION_PROPERTY);
	int64_t days = 1;

	if (end != NULL) {
		struct date date;

		if (!read_date(icalproperty_get_dtend(end), &date))
			return refuse_property(in, "not a date that exists", end);
		days = (int64_t)date.days - event->start.days; /* DTEND is exclusive */
	} else if (duration != NULL) {
		const struct icaldurationtype length = icalproperty_get_duration(duration);
		const bool whole_days = !length.is_neg && length.hours == 0 && length.minutes == 0 && length.seconds == 0;

		days = whole_days ? (int64_t)length.days + WEEKDAY_COUNT * (int64_t)length.weeks : 0;
	}
	if (days < 1 || days > LONGEST_EVENT_DAYS)
		return refuse_property(in, "an event lasts 1 to 31 whole days", end != NULL ? end : duration);
	event->length_days = (int)days;
	return STATUS_OK;
}

static enum status
read_event(struct reading *in, struct event *event)
{
	icalproperty *start = only_property(event->component, ICAL_DTSTART_PROPERTY);
	icalproperty *summary = icalcomponent_get_first_property(event->component, ICAL_SUMMARY_PROPERTY);
	const char *mistake = first_mistake(event->component);

	if (mistake != NULL)
		return refuse(in, "malformed event", mistake);
	if (start == NULL)
		return refuse(in, "an event needs one DTSTART", "BEGIN:VEVENT");
	if (!read_date(icalproperty_get_dtstart(start), &event->start))
		return refuse_property(in, "not a date that exists", start);
	if (summary == NULL)
		return refuse(in, "an event needs a SUMMARY", "BEGIN:VEVENT");
	event->name = text_of(icalproperty_get_summary(summary));
	if (check_unsupported(in, event->component) != STATUS_OK || read_exceptions(in, event) != STATUS_OK)
		return in->err->status;
	return read_length(in, event);
}

static enum status
read_component(struct reading *in, icalcomponent *component)
{
	struct event event = {.component = component};

	if (icalcomponent_isa(component) == ICAL_VTIMEZONE_COMPONENT)
		return STATUS_OK; /* whole days have no zone, but programs export some */
	if (icalcomponent_isa(component) != ICAL_VEVENT_COMPONENT)
		return refuse(in, "only VEVENT is followed", text_of(icalcomponent_kind_to_string(icalcomponent_isa(component))));
	in->event_number++;
	if (read_event(in, &event) != STATUS_OK || add_instances(in, &event) != STATUS_OK)
		return in->err->status;
	return add_dates(in, &event);
}

/* The value of an X- property of the calendar itself, or an empty text. */
static const char *
own_property(icalcomponent *root, const char *name)
{
	icalproperty *property = icalcomponent_get_first_property(root, ICAL_X_PROPERTY);

	for (; property != NULL; property = icalcomponent_get_next_property(root, ICAL_X_PROPERTY)) {
		if (strcmp(text_of(icalproperty_get_x_name(property)), name) == 0)
			return text_of(icalproperty_get_x(property));
	}
	return "";
}

static enum status
read_coverage(struct reading *in, const char *text)
{
	enum { DATE_LENGTH = 10 };
	struct calendar *calendar = in->calendar;
	struct err ignored = ERR_INIT;
	char first[DATE_LENGTH + 1];

	snprintf(first, sizeof(first), "%.*s", DATE_LENGTH, text);
	if (strlen(text) != 2 * DATE_LENGTH + 1 || text[DATE_LENGTH] != '/' || date_parse(first, &calendar->first, &ignored) != STATUS_OK ||
		date_parse(text + DATE_LENGTH + 1, &calendar->last, &ignored) != STATUS_OK || calendar->first.days > calendar->last.days) {
		refuse(in, "no usable X-DAYPART-COVERAGE", text);
		return err_hint(in->err, "say for which days the calendar speaks: X-DAYPART-COVERAGE:2024-01-01/2040-12-31");
	}
	return STATUS_OK;
}

static enum status
read_area(struct reading *in, const char *text)
{
	const size_t length = strlen(text);

	if (length == 0 || length >= CALENDAR_NAME_MAX) {
		refuse(in, "no usable X-DAYPART-AREA", text);
		return err_hint(in->err, "say where its holidays are kept: X-DAYPART-AREA:BR");
	}
	memcpy(in->calendar->area, text, length);
	return STATUS_OK;
}

static enum status
read_root(struct reading *in, icalcomponent *root)
{
	icalproperty *mistake;

	if (icalcomponent_isa(root) != ICAL_VCALENDAR_COMPONENT)
		return refuse(in, "not one VCALENDAR", text_of(icalcomponent_kind_to_string(icalcomponent_isa(root))));
	mistake = icalcomponent_get_first_property(root, ICAL_XLICERROR_PROPERTY);
	if (mistake != NULL)
		return refuse(in, "malformed calendar", text_of(icalproperty_get_xlicerror(mistake)));
	if (read_coverage(in, own_property(root, "X-DAYPART-COVERAGE")) != STATUS_OK)
		return in->err->status;
	if (read_area(in, own_property(root, "X-DAYPART-AREA")) != STATUS_OK)
		return in->err->status;
	for (icalcomponent *component = icalcomponent_get_first_component(root, ICAL_ANY_COMPONENT); component != NULL;
		 component = icalcomponent_get_next_component(root, ICAL_ANY_COMPONENT)) {
		if (read_component(in, component) != STATUS_OK)
			return in->err->status;
	}
	return in->calendar->count > 0 ? STATUS_OK : refuse(in, "no holiday within its coverage", "VCALENDAR");
}

static int
compare_holidays(const void *a, const void *b)
{
	const struct holiday *left = a, *right = b;

	if (left->date.days != right->date.days)
		return left->date.days < right->date.days ? -1 : 1;
	return strcmp(left->name, right->name);
}

static void
sort_holidays(struct calendar *calendar)
{
	size_t kept = 0;

	qsort(calendar->holidays, calendar->count, sizeof(calendar->holidays[0]), compare_holidays);
	for (size_t i = 0; i < calendar->count; i++) {
		if (kept == 0 || calendar->holidays[kept - 1].date.days != calendar->holidays[i].date.days)
			calendar->holidays[kept++] = calendar->holidays[i];
	}
	calendar->count = kept;
}

static enum status
read_text(struct reading *in)
{
	icalcomponent *root;
	enum status status;

	icalerror_set_errors_are_fatal(0); /* a wrong text must not abort the program, however libical was built */
	root = icalparser_parse_string(in->text);
	if (root == NULL)
		return refuse(in, "not an iCalendar text", in->text);
	status = read_root(in, root);
	icalcomponent_free(root);
	if (status == STATUS_OK)
		sort_holidays(in->calendar);
	return status;
}

/* The text with a NUL at its end, which libical wants; NULL without memory. */
static char *
terminated(const char *text, size_t size)
{
	char *copy = malloc(size + 1);

	if (copy != NULL) {
		memcpy(copy, text, size);
		copy[size] = '\0';
	}
	return copy;
}

enum status
calendar_parse(const char *name, const char *text, size_t size, struct calendar **out, struct err *err)
{
	struct reading in = {.err = err};
	enum status status = STATUS_NO_MEMORY;
	char *copy;

	if (strlen(name) == 0 || strlen(name) >= CALENDAR_NAME_MAX)
		return err_set(err, STATUS_INVALID, "\"%s\" cannot name a calendar: 1 to %d bytes", name, CALENDAR_NAME_MAX - 1);
	if (size > CALENDAR_FILE_MAX_BYTES || memchr(text, '\0', size) != NULL)
		return err_set(err, STATUS_INVALID, "calendar \"%s\": longer than %d bytes, or not a text", name, CALENDAR_FILE_MAX_BYTES);
	copy = terminated(text, size);
	in.text = copy;
	in.calendar = calloc(1, sizeof(*in.calendar));
	if (copy == NULL || in.calendar == NULL) {
		err_set(err, STATUS_NO_MEMORY, "out of memory for calendar \"%s\"", name);
		goto done;
	}
	memcpy(in.calendar->name, name, strlen(name));
	status = read_text(&in);

done:
	free(copy);
	if (status == STATUS_OK)
		*out = in.calendar;
	else
		calendar_free(&in.calendar);
	return status;
}

void
calendar_free(struct calendar **calendar)
{
	if (*calendar != NULL)
		free((*calendar)->holidays);
	free(*calendar);
	*calendar = NULL;
}

static int
compare_date(const void *key, const void *item)
{
	const struct date *date = key;
	const struct holiday *holiday = item;

	return (date->days > holiday->date.days) - (date->days < holiday->date.days);
}

static const struct holiday *
find_holiday(const struct calendar *calendar, struct date date)
{
	return bsearch(&date, calendar->holidays, calendar->count, sizeof(calendar->holidays[0]), compare_date);
}

enum day_kind
calendar_day(const struct calendar *calendar, struct date date)
{
	if (date.days < calendar->first.days || date.days > calendar->last.days)
		return DAY_UNKNOWN;
	return find_holiday(calendar, date) != NULL ? DAY_HOLIDAY : DAY_ORDINARY;
}

const char *
calendar_day_name(const struct calendar *calendar, struct date date)
{
	const struct holiday *holiday = find_holiday(calendar, date);

	return holiday != NULL ? holiday->name : NULL;
}

const char *
calendar_name(const struct calendar *calendar)
{
	return calendar->name;
}

const char *
calendar_area(const struct calendar *calendar)
{
	return calendar->area;
}

struct date
calendar_first(const struct calendar *calendar)
{
	return calendar->first;
}

struct date
calendar_last(const struct calendar *calendar)
{
	return calendar->last;
}
