/*
 * rules_hours - the table of hours of `daypart rules show`: days with the same hours in one row, and the rules that leave just these
 */
#include <stdio.h>
#include <stdlib.h>

#include "planner/law_week.h"
#include "planner/law_words.h"
#include "rules.h"

/* Comparing ------------------------------------------------------------------------------------------------------------------------------- */

static bool
hours_equal(const struct week_hours *a, const struct week_hours *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->ranges[i].from.s != b->ranges[i].from.s || a->ranges[i].until.s != b->ranges[i].until.s)
			return false;
	return true;
}

static bool
days_equal(const struct law_week *a, int day, const struct law_week *b, int other)
{
	for (int sort = 0; sort < DAY_SORT_COUNT; sort++)
		if (!hours_equal(&a->hours[day][sort], &b->hours[other][sort]))
			return false;
	return true;
}

static bool
weeks_equal(const struct law_week *a, const struct law_week *b)
{
	for (int day = 0; day < WEEKDAY_COUNT; day++)
		if (!days_equal(a, day, b, day))
			return false;
	return true;
}

static bool
is_always_open(const struct law_week *week, int day)
{
	struct law_week open;

	law_week_merge(&(struct law)LAW_INIT, (struct date){0}, &open);
	return days_equal(week, day, &open, day);
}

/* Telling --------------------------------------------------------------------------------------------------------------------------------- */

static void
tell_hours(FILE *out, const struct week_hours *hours)
{
	struct day_ranges some;

	if (hours->count == 0)
		fputs("not at all", out);
	for (size_t i = 0; i < hours->count; i += some.count) {
		for (some.count = 0; some.count < DAY_RANGES_MAX && i + some.count < hours->count; some.count++)
			some.ranges[some.count] = hours->ranges[i + some.count];
		fputs(i > 0 ? " and " : "", out);
		words_ranges(out, &some);
	}
}

/* Rules whose own hours on this day are what is left; when no rule alone leaves that, all that take something away. */
static void
tell_deciding(FILE *out, const struct law *law, struct date on, const struct law_week *week, int day)
{
	bool any = false;

	for (int pass = 0; pass < 2 && !any; pass++)
		for (size_t i = 0; i < law->of[RULE_WINDOW].count; i++) {
			const struct rule *rule = law->of[RULE_WINDOW].items[i];
			struct law_week own;

			if (!law_week_holds(rule, on))
				continue;
			law_week_of(rule, &own);
			if (is_always_open(&own, day) || (pass == 0 && !days_equal(&own, day, week, day)))
				continue;
			fprintf(out, "%s%s", any ? " " : "", rule->id);
			any = true;
		}
}

struct row {
	const struct law *law;
	const struct law_week *week;
	struct date on;
	int first, last;
};

enum { DAYS, HOURS, BEFORE_HOLIDAYS, ON_HOLIDAYS, RULES, CELLS };

static void
tell_cell(FILE *out, const struct row *row, int cell)
{
	static const enum day_sort sorts[CELLS] = {[HOURS] = DAY_OF_WEEK, [BEFORE_HOLIDAYS] = DAY_OF_EVE, [ON_HOLIDAYS] = DAY_OF_HOLIDAY};

	if (cell == DAYS && row->last - row->first + 1 == WEEKDAY_COUNT)
		fputs("every day", out);
	else if (cell == DAYS)
		words_day_run(out, (enum weekday)row->first, (enum weekday)row->last);
	else if (cell == RULES)
		tell_deciding(out, row->law, row->on, row->week, row->first);
	else if (cell != HOURS && hours_equal(&row->week->hours[row->first][sorts[cell]], &row->week->hours[row->first][DAY_OF_WEEK]))
		fputs("the same", out);
	else
		tell_hours(out, &row->week->hours[row->first][sorts[cell]]);
}

static enum status
write_row(struct output *output, const struct row *row, const char *channel)
{
	const char *cells[CELLS + 1] = {channel};
	char *texts[CELLS] = {NULL};
	enum status status = STATUS_OK;

	for (int cell = 0; cell < CELLS; cell++) {
		size_t size;
		FILE *out = open_memstream(&texts[cell], &size);

		if (out == NULL) {
			status = STATUS_NO_MEMORY;
			break;
		}
		tell_cell(out, row, cell);
		fclose(out);
		cells[cell + 1] = texts[cell];
	}
	if (status == STATUS_OK)
		output_row(output, cells);
	for (int cell = 0; cell < CELLS; cell++)
		free(texts[cell]);
	return status;
}

static enum status
write_week(struct output *output, const struct law *law, struct date on, const char *channel)
{
	struct law_week week;
	enum status status = STATUS_OK;

	law_week_merge(law, on, &week);
	for (struct row row = {law, &week, on, 0, 0}; row.first < WEEKDAY_COUNT && status == STATUS_OK; row.first = row.last + 1) {
		for (row.last = row.first; row.last + 1 < WEEKDAY_COUNT && days_equal(&week, row.first, &week, row.last + 1);)
			row.last++;
		status = write_row(output, &row, channel);
	}
	return status;
}

enum status
rules_write_hours(struct output *output, const struct rules_question *question, const struct rules_view *view, struct err *err)
{
	static const struct output_column columns[] = {{"channel", OUTPUT_TEXT}, {"day", OUTPUT_TEXT}, {"hours", OUTPUT_TEXT},
		{"before_a_holiday", OUTPUT_TEXT}, {"on_a_holiday", OUTPUT_TEXT}, {"rules", OUTPUT_TEXT}};
	struct law_week whatsapp, sms;
	enum status status = STATUS_OK;

	law_week_merge(&view->laws[CHANNEL_WHATSAPP], question->on, &whatsapp);
	law_week_merge(&view->laws[CHANNEL_SMS], question->on, &sms);
	output_table(output, "hours", columns, CELLS + 1);
	if (question->channels == ALL_CHANNELS && weeks_equal(&whatsapp, &sms))
		status = write_week(output, &view->laws[CHANNEL_WHATSAPP], question->on, "every");
	else
		for (int channel = 0; channel < CHANNEL_COUNT && status == STATUS_OK; channel++)
			if ((question->channels & CHANNEL_BIT(channel)) != 0)
				status = write_week(output, &view->laws[channel], question->on, channel_name((enum channel)channel));
	return status == STATUS_OK ? STATUS_OK : err_set(err, status, "out of memory");
}
