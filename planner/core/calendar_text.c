/*
 * calendar_text - implementation
 *
 * libical takes the text apart; recurrence.h steps through rules. Around it, because of what libical 3.0.16 does:
 * - icalcomponent_foreach_recurrence is not used: it makes a whole day one day longer, and forgets some RDATEs.
 * - A text with errors parses without one: they are counted, and the first of each component is reported.
 * - 31 February passes for a valid date: dates are checked by date_is_valid.
 * - Texts of properties and kinds may be NULL.
 * - A component has one cursor for all walks over its properties: no walk may happen inside another.
 * - It knows no lines: calendar_lines.h looks for them in the text, when there is a mistake.
 *
 * A mistake ends the event it is in; reading goes on with the next one.
 */
#include "calendar_text.h"

#include <libical/ical.h>
#include <stdio.h>
#include <string.h>

#include "calendar_lines.h"
#include "grow.h"
#include "recurrence.h"

enum { LONGEST_EVENT_DAYS = 31, MOST_EXCEPTIONS = 400, MISTAKE_TEXT_MAX = 200 };

/* One event, understood. */
struct event {
	icalcomponent *component;
	struct date start;
	int length_days;
	const char *name;
	struct date exceptions[MOST_EXCEPTIONS];
	size_t exception_count;
};

/* ---- mistakes ------------------------------------------------------------------------------------------------------------------------- */

/* An absent text of libical is an empty one. */
static const char *
text_of(const char *text)
{
	return text != NULL ? text : "";
}

static enum status
refuse_line(struct calendar_text *in, int line, const char *what, const char *text, const char *cure)
{
	char shown[MISTAKE_TEXT_MAX];
	const struct calendar_mistake mistake = {.line = line, .what = what, .text = shown, .cure = cure};

	snprintf(shown, sizeof(shown), "%.*s", (int)strcspn(text, "\r\n"), text);
	if (in->mistakes++ == 0) {
		err_set(in->err, STATUS_INVALID, "calendar \"%s\": %s", in->name, what);
		err_detail(in->err, "line %d: \"%s\"", mistake.line, shown);
		err_hint(in->err, "%s", cure);
	}
	if (in->on_mistake != NULL)
		in->on_mistake(in->context, &mistake);
	return STATUS_INVALID;
}

static enum status
refuse(struct calendar_text *in, const char *what, const char *text, const char *cure)
{
	return refuse_line(in, calendar_line_of(in->text, in->event_number, text), what, text, cure);
}

/* What libical noted down ends with the text that it could not use: "Can't parse as DATE value in DTSTART property. Removing ...: 2024". */
static enum status
refuse_noted(struct calendar_text *in, const char *what, const char *noted)
{
	const char *piece = strrchr(noted, ' ');

	return refuse_line(
		in, calendar_line_with(in->text, in->event_number, piece != NULL ? piece + 1 : ""), what, noted, "correct or remove this line");
}

static enum status
refuse_property(struct calendar_text *in, const char *what, icalproperty *property, const char *cure)
{
	return refuse(in, what, text_of(icalproperty_as_ical_string(property)), cure);
}

static enum status
refuse_date(struct calendar_text *in, icalproperty *property)
{
	return refuse_property(in, "not a date that exists", property, "write whole days with eight digits, as in DTSTART;VALUE=DATE:20261225");
}

static enum status
out_of_memory(struct calendar_text *in)
{
	return err_set(in->err, STATUS_NO_MEMORY, "out of memory for calendar \"%s\"", in->name);
}

/* The first mistake that libical noted down in the component, or in one inside it, or NULL. */
static const char *
noted_mistake(icalcomponent *component)
{
	icalproperty *property = icalcomponent_get_first_property(component, ICAL_XLICERROR_PROPERTY);

	if (property != NULL)
		return text_of(icalproperty_get_xlicerror(property));
	return icalcomponent_count_errors(component) > 0 ? "something inside it" : NULL;
}

/* ---- days ----------------------------------------------------------------------------------------------------------------------------- */

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
add_holiday(struct calendar_text *in, struct date date, const char *name)
{
	struct holidays *out = in->out;
	struct holiday *items;

	if (date.days < out->first.days || date.days > out->last.days)
		return STATUS_OK;
	items = grow(out->items, out->count, &out->room, sizeof(*items));
	if (items == NULL)
		return out_of_memory(in);
	out->items = items;
	items[out->count] = (struct holiday){.date = date};
	memcpy(items[out->count++].name, name, length_that_fits(name));
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
add_occurrence(struct calendar_text *in, const struct event *event, struct date start)
{
	enum status status = STATUS_OK;

	if (++in->occurrences > CALENDAR_MAX_DAYS)
		return refuse(in, "too many days", CALENDAR_BEGIN_EVENT, "begin and end the rule near the coverage, with DTSTART and UNTIL");
	if (is_excepted(event, start))
		return STATUS_OK;
	for (int i = 0; i < event->length_days && status == STATUS_OK; i++)
		status = add_holiday(in, (struct date){start.days + i}, event->name);
	return status;
}

static icalproperty *
only_property(icalcomponent *component, icalproperty_kind kind)
{
	icalproperty *property = icalcomponent_get_first_property(component, kind);

	return property != NULL && icalcomponent_get_next_property(component, kind) == NULL ? property : NULL;
}

/* DTSTART, or every instance of the rule, of which DTSTART is the first. */
static enum status
add_instances(struct calendar_text *in, const struct event *event)
{
	icalproperty *property = icalcomponent_get_first_property(event->component, ICAL_RRULE_PROPERTY);
	enum status status = STATUS_OK;
	struct err err = ERR_INIT;
	struct recurrence *recurrence;
	struct date date;

	if (property == NULL)
		return add_occurrence(in, event, event->start);
	if (only_property(event->component, ICAL_RRULE_PROPERTY) == NULL)
		return refuse_property(in, "more than one RRULE", property, "write an event for each rule");
	if (recurrence_parse(text_of(icalproperty_get_value_as_string(property)), event->start, &recurrence, &err) != STATUS_OK)
		return err.status == STATUS_NO_MEMORY ? out_of_memory(in) : refuse_property(in, err.primary, property, err.hint);
	while (status == STATUS_OK && recurrence_next(recurrence, &date) && date.days <= in->out->last.days)
		status = add_occurrence(in, event, date);
	recurrence_free(&recurrence);
	return status;
}

static enum status
add_dates(struct calendar_text *in, const struct event *event)
{
	icalproperty *property = icalcomponent_get_first_property(event->component, ICAL_RDATE_PROPERTY);
	enum status status = STATUS_OK;
	struct date date;

	for (; property != NULL && status == STATUS_OK; property = icalcomponent_get_next_property(event->component, ICAL_RDATE_PROPERTY)) {
		if (!read_date(icalproperty_get_rdate(property).time, &date))
			return refuse_date(in, property);
		status = add_occurrence(in, event, date); /* DTSTART is often repeated among the RDATEs: one date may come several times */
	}
	return status;
}

/* ---- events --------------------------------------------------------------------------------------------------------------------------- */

static enum status
read_exceptions(struct calendar_text *in, struct event *event)
{
	icalproperty *property = icalcomponent_get_first_property(event->component, ICAL_EXDATE_PROPERTY);

	event->exception_count = 0;
	for (; property != NULL; property = icalcomponent_get_next_property(event->component, ICAL_EXDATE_PROPERTY)) {
		if (event->exception_count == MOST_EXCEPTIONS)
			return refuse_property(in, "too many EXDATEs in one event", property, "list the days that are left as RDATE instead");
		if (!read_date(icalproperty_get_exdate(property), &event->exceptions[event->exception_count++]))
			return refuse_date(in, property);
	}
	return STATUS_OK;
}

/* What would change the days of an event and is not followed. */
static enum status
check_unsupported(struct calendar_text *in, icalcomponent *component)
{
	icalproperty *property = icalcomponent_get_first_property(component, ICAL_ANY_PROPERTY);

	for (; property != NULL; property = icalcomponent_get_next_property(component, ICAL_ANY_PROPERTY)) {
		const icalproperty_kind kind = icalproperty_isa(property);

		if (kind == ICAL_EXRULE_PROPERTY || kind == ICAL_RECURRENCEID_PROPERTY ||
			(kind == ICAL_STATUS_PROPERTY && icalproperty_get_status(property) == ICAL_STATUS_CANCELLED))
			return refuse_property(in, "not followed", property, "remove it, and list the days that are meant as RDATE");
	}
	return STATUS_OK;
}

static enum status
read_length(struct calendar_text *in, struct event *event)
{
	icalproperty *end = icalcomponent_get_first_property(event->component, ICAL_DTEND_PROPERTY);
	icalproperty *duration = icalcomponent_get_first_property(event->component, ICAL_DURATION_PROPERTY);
	int64_t days = 1;

	if (end != NULL) {
		struct date date;

		if (!read_date(icalproperty_get_dtend(end), &date))
			return refuse_date(in, end);
		days = (int64_t)date.days - event->start.days; /* DTEND is exclusive */
	} else if (duration != NULL) {
		const struct icaldurationtype length = icalproperty_get_duration(duration);
		const bool whole_days = !length.is_neg && length.hours == 0 && length.minutes == 0 && length.seconds == 0;

		days = whole_days ? (int64_t)length.days + WEEKDAY_COUNT * (int64_t)length.weeks : 0;
	}
	if (days < 1 || days > LONGEST_EVENT_DAYS)
		return refuse_property(in, "an event lasts 1 to 31 whole days", end != NULL ? end : duration,
			"DTEND is the day after the last one; without it the event is one day");
	event->length_days = (int)days;
	return STATUS_OK;
}

static enum status
read_event(struct calendar_text *in, struct event *event)
{
	icalproperty *start = only_property(event->component, ICAL_DTSTART_PROPERTY);
	icalproperty *summary = icalcomponent_get_first_property(event->component, ICAL_SUMMARY_PROPERTY);
	const char *mistake = noted_mistake(event->component);
	enum status status;

	if (mistake != NULL)
		return refuse_noted(in, "malformed event", mistake);
	if (start == NULL)
		return refuse(
			in, "an event needs one DTSTART", CALENDAR_BEGIN_EVENT, "say on which day it first falls: DTSTART;VALUE=DATE:20261225");
	if (!read_date(icalproperty_get_dtstart(start), &event->start))
		return refuse_date(in, start);
	if (summary == NULL)
		return refuse(in, "an event needs a SUMMARY", CALENDAR_BEGIN_EVENT, "name the holiday: SUMMARY:Christmas Day");
	event->name = text_of(icalproperty_get_summary(summary));
	status = check_unsupported(in, event->component);
	if (status == STATUS_OK)
		status = read_exceptions(in, event);
	return status == STATUS_OK ? read_length(in, event) : status;
}

static enum status
read_component(struct calendar_text *in, icalcomponent *component)
{
	const char *kind = text_of(icalcomponent_kind_to_string(icalcomponent_isa(component)));
	struct event event = {.component = component};
	enum status status;

	if (icalcomponent_isa(component) == ICAL_VTIMEZONE_COMPONENT)
		return STATUS_OK; /* whole days have no zone, but programs export some */
	if (icalcomponent_isa(component) != ICAL_VEVENT_COMPONENT) {
		char begin[MISTAKE_TEXT_MAX];

		snprintf(begin, sizeof(begin), "BEGIN:%s", kind);
		return refuse(in, "only VEVENT is followed", begin, "remove it up to its END line");
	}
	in->event_number++;
	status = read_event(in, &event);
	if (status == STATUS_OK)
		status = add_instances(in, &event);
	return status == STATUS_OK ? add_dates(in, &event) : status;
}

/* ---- the calendar --------------------------------------------------------------------------------------------------------------------- */

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
read_coverage(struct calendar_text *in, const char *text)
{
	enum { DATE_LENGTH = 10 };
	struct err ignored = ERR_INIT;
	char first[DATE_LENGTH + 1], whole[MISTAKE_TEXT_MAX];

	snprintf(first, sizeof(first), "%.*s", DATE_LENGTH, text);
	if (strlen(text) == 2 * DATE_LENGTH + 1 && text[DATE_LENGTH] == '/' && date_parse(first, &in->out->first, &ignored) == STATUS_OK &&
		date_parse(text + DATE_LENGTH + 1, &in->out->last, &ignored) == STATUS_OK && in->out->first.days <= in->out->last.days)
		return STATUS_OK;
	snprintf(whole, sizeof(whole), "X-DAYPART-COVERAGE:%s", text);
	return refuse(
		in, "no usable X-DAYPART-COVERAGE", whole, "say for which days the calendar speaks: X-DAYPART-COVERAGE:2024-01-01/2040-12-31");
}

static enum status
read_area(struct calendar_text *in, const char *text)
{
	char whole[MISTAKE_TEXT_MAX];
	const size_t length = strlen(text);

	if (length > 0 && length < CALENDAR_NAME_MAX) {
		memcpy(in->out->area, text, length);
		return STATUS_OK;
	}
	snprintf(whole, sizeof(whole), "X-DAYPART-AREA:%s", text);
	return refuse(in, "no usable X-DAYPART-AREA", whole, "say where its holidays are kept: X-DAYPART-AREA:BR");
}

/* Without coverage no day can be told, so that is asked before; a mistake in an event is told, and the next event is read. */
static enum status
read_events(struct calendar_text *in, icalcomponent *root)
{
	icalcomponent *component = icalcomponent_get_first_component(root, ICAL_ANY_COMPONENT);

	for (; component != NULL && in->mistakes < CALENDAR_MAX_MISTAKES;
		 component = icalcomponent_get_next_component(root, ICAL_ANY_COMPONENT)) {
		if (read_component(in, component) == STATUS_NO_MEMORY)
			return STATUS_NO_MEMORY;
	}
	if (in->mistakes == 0 && in->out->count == 0) {
		in->event_number = 0;
		return refuse(in, "no holiday within its coverage", "X-DAYPART-COVERAGE", "correct the coverage, or add the holidays of its years");
	}
	return in->mistakes == 0 ? STATUS_OK : STATUS_INVALID;
}

static enum status
read_root(struct calendar_text *in, icalcomponent *root)
{
	const icalcomponent_kind kind = icalcomponent_isa(root);
	icalproperty *noted = icalcomponent_get_first_property(root, ICAL_XLICERROR_PROPERTY);
	enum status coverage, area;

	if (kind != ICAL_VCALENDAR_COMPONENT)
		return refuse(in, "not one VCALENDAR", in->text, "keep one calendar, and nothing else, in a file");
	if (noted != NULL)
		(void)refuse_noted(in, "malformed calendar", text_of(icalproperty_get_xlicerror(noted)));
	coverage = read_coverage(in, own_property(root, "X-DAYPART-COVERAGE"));
	area = read_area(in, own_property(root, "X-DAYPART-AREA"));
	return coverage != STATUS_OK ? coverage : area != STATUS_OK ? area : read_events(in, root);
}

enum status
calendar_text_read(struct calendar_text *in, struct holidays *out)
{
	icalcomponent *root;
	enum status status;

	in->out = out;
	icalerror_set_errors_are_fatal(0); /* a wrong text must not abort the program, however libical was built */
	root = icalparser_parse_string(in->text);
	if (root == NULL)
		return refuse(in, "not an iCalendar text", in->text, "a calendar begins with BEGIN:VCALENDAR and ends with END:VCALENDAR");
	status = read_root(in, root);
	icalcomponent_free(root);
	return status;
}
