#include "forecast.h"

#include <stdio.h>
#include <stdlib.h>

#include "planning_sample.h"
#include "reach.h"
#include "rule_words.h"

enum { PLACES_TOLD_MAX = 3, PLACES_TEXT_MAX = (PLACES_TOLD_MAX + 1) * ZONE_NAME_MAX };

static void
print_plan(const struct planning *planning, struct output *output)
{
	static const struct output_column columns[] = {{"campaign", OUTPUT_TEXT}, {"sender", OUTPUT_TEXT}, {"audience", OUTPUT_NUMBER},
		{"done", OUTPUT_NUMBER}, {"kept", OUTPUT_NUMBER}, {"added", OUTPUT_NUMBER}, {"moved", OUTPUT_NUMBER}, {"cancelled", OUTPUT_NUMBER},
		{"without_slot", OUTPUT_NUMBER}, {"preferred", OUTPUT_NUMBER}, {"first_due", OUTPUT_TEXT}, {"last_due", OUTPUT_TEXT}};
	output_table(output, "plan", columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < planning->campaign_count; i++) {
		const struct planned_campaign *campaign = &planning->campaigns[i];
		const struct run_plan_counts *counts = planning_counts(campaign);
		if (counts == NULL)
			continue;
		const int64_t numbers[] = {counts->audience, counts->done, counts->kept, counts->added, counts->moved, counts->cancelled,
			counts->audience - counts->done - counts->kept - counts->added - counts->moved, counts->preferred};
		char text[8][SESSION_PARAM_MAX], first[INSTANT_TEXT_MAX], last[INSTANT_TEXT_MAX];
		const char *cells[12] = {campaign->label, campaign->sender};
		for (int n = 0; n < 8; n++)
			cells[n + 2] = session_param_int(numbers[n], text[n]);
		if (campaign->plan != NULL && run_plan_slot_count(campaign->plan) > 0) {
			cells[10] = instant_format(counts->first_due, 0, first);
			cells[11] = instant_format(counts->last_due, 0, last);
		}
		output_row(output, cells);
	}
}

static void
print_reasons(const struct planning *planning, struct output *output)
{
	static const struct output_column columns[] = {
		{"campaign", OUTPUT_TEXT}, {"kind", OUTPUT_TEXT}, {"people", OUTPUT_NUMBER}, {"reason", OUTPUT_TEXT}, {"cure", OUTPUT_TEXT}};
	output_table(output, "reasons", columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < planning->campaign_count; i++) {
		const struct planned_campaign *campaign = &planning->campaigns[i];
		const struct run_plan_counts *counts = planning_counts(campaign);
		for (size_t r = 0; counts != NULL && r < reason_table_count; r++) {
			const struct reason_info *reason = &reason_table[r];
			const int64_t people = counts->by_reason[reason->code];
			char text[SESSION_PARAM_MAX];
			if (people > 0)
				output_row(output,
					(const char *const[]){campaign->label, reason->kind == REASON_HELD ? "held" : "suppressed",
						session_param_int(people, text), reason->text, reason->cure});
		}
	}
}

static bool
goes_against_advice(const struct run_plan_counts *counts)
{
	for (size_t i = 0; counts != NULL && i < counts->advice_count; i++)
		if (counts->advice[i].people > 0)
			return true;
	return false;
}

static enum status
print_advice_of(const struct planned_campaign *campaign, const struct run_plan_counts *counts, struct output *output, struct err *err)
{
	for (size_t i = 0; i < counts->advice_count; i++) {
		const struct advice_count *advice = &counts->advice[i];
		if (advice->people <= 0)
			continue;
		char people[SESSION_PARAM_MAX], *says = words_written(words_says, advice->rule);
		if (says == NULL)
			return err_set(err, STATUS_NO_MEMORY, "out of memory");
		output_row(output, (const char *const[]){campaign->label, advice->rule->id, session_param_int(advice->people, people), says});
		free(says);
	}
	return STATUS_OK;
}

/* Whose planned messages go against what only advises (F11): nothing is held back for it. */
static enum status
print_advice(const struct planning *planning, struct output *output, struct err *err)
{
	static const struct output_column columns[] = {
		{"campaign", OUTPUT_TEXT}, {"rule", OUTPUT_TEXT}, {"people", OUTPUT_NUMBER}, {"says", OUTPUT_TEXT}};
	enum status status = STATUS_OK;
	bool begun = false;
	for (size_t i = 0; i < planning->campaign_count && status == STATUS_OK; i++) {
		const struct run_plan_counts *counts = planning_counts(&planning->campaigns[i]);
		if (!goes_against_advice(counts))
			continue;
		if (!begun)
			output_table(output, "advice", columns, sizeof columns / sizeof *columns);
		begun = true;
		status = print_advice_of(&planning->campaigns[i], counts, output, err);
	}
	return status;
}

/* What it would take to reach those for whom the sender is too slow: "at 20/s, 38212 of these cannot leave before 20:00". */
static void
print_left_over(const struct planning *planning, struct output *output)
{
	static const struct output_column columns[] = {
		{"campaign", OUTPUT_TEXT}, {"people", OUTPUT_NUMBER}, {"until", OUTPUT_TEXT}, {"text", OUTPUT_TEXT}};
	bool begun = false;
	for (size_t i = 0; i < planning->campaign_count; i++) {
		const struct planned_campaign *campaign = &planning->campaigns[i];
		if (campaign->plan == NULL || run_plan_counts(campaign->plan)->by_reason[REASON_NO_CAPACITY] == 0)
			continue;
		const struct instant relief = run_plan_counts(campaign->plan)->relief;
		char people[SESSION_PARAM_MAX], until[INSTANT_TEXT_MAX] = "", text[160];
		session_param_int(run_plan_counts(campaign->plan)->by_reason[REASON_NO_CAPACITY], people);
		if (relief.us < INT64_MAX)
			instant_format(relief, 0, until);
		snprintf(text, sizeof text, "at %g/s, %s of these cannot leave %s%s", (double)campaign->rate_milli / 1000, people,
			relief.us < INT64_MAX ? "before " : "within a year", until);
		if (!begun)
			output_table(output, "left_over", columns, sizeof columns / sizeof *columns);
		begun = true;
		output_row(output, (const char *const[]){campaign->label, people, relief.us < INT64_MAX ? until : NULL, text});
	}
}

static const char *
moved_instant(const PGresult *rows, int row, int column, char text[INSTANT_TEXT_MAX])
{
	struct instant at;
	struct err err = ERR_INIT;
	const char *stored = PQgetvalue(rows, row, column);
	return instant_parse(stored, &at, &err) == STATUS_OK ? instant_format(at, 0, text) : stored;
}

/* Which classes of people moved, and from when to when. */
static void
print_moved(const struct planning *planning, struct output *output)
{
	static const struct output_column columns[] = {{"campaign", OUTPUT_TEXT}, {"region", OUTPUT_TEXT}, {"zone", OUTPUT_TEXT},
		{"people", OUTPUT_NUMBER}, {"before_from", OUTPUT_TEXT}, {"before_until", OUTPUT_TEXT}, {"after_from", OUTPUT_TEXT},
		{"after_until", OUTPUT_TEXT}};
	if (planning->moved == NULL || PQntuples(planning->moved) == 0)
		return;
	output_table(output, "moved", columns, sizeof columns / sizeof *columns);
	for (int row = 0; row < PQntuples(planning->moved); row++) {
		char text[4][INSTANT_TEXT_MAX];
		const char *cells[8];
		for (int column = MOVED_CAMPAIGN; column <= MOVED_PEOPLE; column++)
			cells[column] = PQgetvalue(planning->moved, row, column);
		for (int column = MOVED_BEFORE_FROM; column <= MOVED_AFTER_UNTIL; column++)
			cells[column] = moved_instant(planning->moved, row, column, text[column - MOVED_BEFORE_FROM]);
		output_row(output, cells);
	}
}

static const char *
change_of(const struct sample_person *person)
{
	if (!person->has_slot)
		return "cancelled";
	if (!person->had_slot)
		return "added";
	return person->before.us == person->slot.due_at.us ? "kept" : "moved";
}

static const char *
reason_text(enum reason reason)
{
	for (size_t i = 0; i < reason_table_count; i++)
		if (reason_table[i].code == reason)
			return reason_table[i].text;
	return "";
}

/* "BR BR-PE": where the person may be. Of a number that may be anywhere in North America the first few of eighty. */
static const char *
join_places(const char *const *places, size_t count, char text[PLACES_TEXT_MAX])
{
	size_t length = 0;
	text[0] = '\0';
	for (size_t i = 0; i < count && i < PLACES_TOLD_MAX; i++)
		length += (size_t)snprintf(text + length, PLACES_TEXT_MAX - length, "%s%s", i > 0 ? " " : "", places[i]);
	if (count > PLACES_TOLD_MAX)
		snprintf(text + length, PLACES_TEXT_MAX - length, " and %zu more", count - PLACES_TOLD_MAX);
	return text;
}

static void
print_sample_person(const struct sample_person *person, struct output *output)
{
	char regions[PLACES_TEXT_MAX], zones[PLACES_TEXT_MAX], before[INSTANT_TEXT_MAX], due[INSTANT_TEXT_MAX], local[INSTANT_TEXT_MAX],
		not_after[INSTANT_TEXT_MAX];
	const char *cells[10] = {person->campaign->label, person->phone, change_of(person)};
	if (person->had_slot)
		cells[5] = instant_format(person->before, 0, before);
	if (person->has_slot) {
		const struct plan_class *class = class_table_at(person->campaign->classes, person->slot.class);
		const struct instant at = person->slot.due_at;
		cells[3] = join_places(class->place.regions, class->place.region_count, regions);
		cells[4] = join_places(class->place.zones, class->place.zone_count, zones);
		cells[6] = instant_format(at, 0, due);
		cells[7] = instant_format(at, zone_offset_s(class->zones[0], at), local);
		cells[8] = instant_format(person->slot.not_after, 0, not_after);
		cells[9] = class->law.regimes;
	} else
		cells[9] = reason_text(person->reason);
	output_row(output, cells);
}

static void
print_sample(const struct planning *planning, struct output *output)
{
	static const struct output_column columns[] = {{"campaign", OUTPUT_TEXT}, {"phone", OUTPUT_TEXT}, {"change", OUTPUT_TEXT},
		{"region", OUTPUT_TEXT}, {"zone", OUTPUT_TEXT}, {"before", OUTPUT_TEXT}, {"due", OUTPUT_TEXT}, {"local", OUTPUT_TEXT},
		{"not_after", OUTPUT_TEXT}, {"why", OUTPUT_TEXT}};
	if (planning->sample_count == 0)
		return;
	output_table(output, "sample", columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < planning->sample_count; i++)
		print_sample_person(&planning->sample[i], output);
}

/* Audiences ------------------------------------------------------------------------------------------------------------------------------- */

typedef void write_reach_fn(struct output *output, const struct reach *reach);

static void
write_reach(const struct planning *planning, struct audience_places *const *places, write_reach_fn *write, struct output *output)
{
	for (size_t i = 0; i < planning->campaign_count; i++) {
		const struct planned_campaign *campaign = &planning->campaigns[i];
		if (places[i] != NULL)
			write(output,
				&(struct reach){
					planning->law->law.rulebook, campaign->facts.channel, campaign->facts.category, places[i], campaign->label});
	}
}

/* Of a campaign that recurs once. */
static bool
is_told(const struct planning *planning, size_t index)
{
	const struct planned_campaign *campaigns = planning->campaigns;
	for (size_t i = 0; i < index; i++)
		if (campaigns[i].facts.campaign_id == campaigns[index].facts.campaign_id && planning_counts(&campaigns[i]) != NULL)
			return false;
	return planning_counts(&campaigns[index]) != NULL;
}

static enum status
read_places(const struct planning *planning, struct audience_places **places, struct err *err)
{
	struct session *session = planning->options.context->session;
	enum status status = session_begin(session, SESSION_REPEATABLE_READ_ONLY, err);
	for (size_t i = 0; i < planning->campaign_count && status == STATUS_OK; i++)
		if (is_told(planning, i))
			status = audience_places_read(session, planning->campaigns[i].name, planning->law->zones, &places[i], err);
	session_rollback(session);
	return status;
}

/* Whom the campaigns reach, by the laws they live under. It reads every audience once more: for those who look before they plan. */
static enum status
print_audiences(const struct planning *planning, struct output *output, struct err *err)
{
	struct audience_places **places = calloc(planning->campaign_count + 1, sizeof *places);
	if (places == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	const enum status status = read_places(planning, places, err);
	if (status == STATUS_OK) {
		reach_begin_regimes(output, true);
		write_reach(planning, places, reach_write_regimes, output);
		reach_begin_held(output, true);
		write_reach(planning, places, reach_write_held, output);
	}
	for (size_t i = 0; i < planning->campaign_count; i++)
		audience_places_free(&places[i]);
	free((void *)places);
	return status;
}

enum status
forecast_print(const struct planning *planning, bool with_audiences, struct err *err)
{
	struct output *output;
	enum status status = output_open(planning->options.context->format, stdout, &output, err);
	if (status != STATUS_OK)
		return status;
	if (with_audiences)
		status = print_audiences(planning, output, err);
	print_plan(planning, output);
	print_reasons(planning, output);
	if (status == STATUS_OK)
		status = print_advice(planning, output, err);
	print_left_over(planning, output);
	print_moved(planning, output);
	print_sample(planning, output);
	struct err close_err = ERR_INIT;
	if (output_close(&output, &close_err) != STATUS_OK && status == STATUS_OK) {
		*err = close_err;
		status = err->status;
	}
	return status;
}
