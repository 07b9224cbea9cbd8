#include "forecast.h"

#include <stdio.h>

#include "planner/core/number.h"

enum { SAMPLE_PEOPLE = 10 };

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
		const char *cells[12] = {campaign->name, campaign->sender};
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
					(const char *const[]){campaign->name, reason->kind == REASON_HELD ? "held" : "suppressed",
						session_param_int(people, text), reason->text, reason->cure});
		}
	}
}

/* People spread evenly over the slots of the campaign with most of them. */
static const struct planned_campaign *
largest_campaign(const struct planning *planning)
{
	const struct planned_campaign *largest = NULL;
	for (size_t i = 0; i < planning->campaign_count; i++)
		if (planning->campaigns[i].plan != NULL &&
			(largest == NULL || run_plan_slot_count(planning->campaigns[i].plan) > run_plan_slot_count(largest->plan)))
			largest = &planning->campaigns[i];
	return largest;
}

static enum status
pick_sample(const struct planned_campaign *campaign, size_t count, struct planned_slot out[SAMPLE_PEOPLE], struct err *err)
{
	enum status status = STATUS_OK;
	for (size_t n = 0; n < count && status == STATUS_OK; n++)
		status = run_plan_slots(campaign->plan, n * run_plan_slot_count(campaign->plan) / count, 1, &out[n], err);
	return status;
}

static enum status
read_sample_phones(const struct planning *planning, const struct planned_slot *sample, size_t count, PGresult **out, struct err *err)
{
	struct array_text people = ARRAY_TEXT_INIT;
	for (size_t n = 0; n < count; n++)
		array_text_add_int(&people, sample[n].recipient_id);
	const char *const params[] = {array_text(&people)};
	enum status status = params[0] != NULL ? session_query(planning->options.context->session, &sql_query_plan_sample, params, 1, out, err)
										   : err_set(err, STATUS_NO_MEMORY, "out of memory");
	array_text_free(&people);
	return status;
}

static void
print_sample_row(const struct planned_campaign *campaign, const struct planned_slot *slot, const char *phone, struct output *output)
{
	const struct plan_class *class = class_table_at(campaign->classes, slot->class);
	char due[INSTANT_TEXT_MAX], local[INSTANT_TEXT_MAX], not_after[INSTANT_TEXT_MAX];
	output_row(output,
		(const char *const[]){campaign->name, phone, class->place.regions[0], class->place.zones[0], instant_format(slot->due_at, 0, due),
			instant_format(slot->due_at, zone_offset_s(class->zones[0], slot->due_at), local),
			instant_format(slot->not_after, 0, not_after), class->law.regimes});
}

static enum status
print_sample(const struct planning *planning, struct output *output, struct err *err)
{
	static const struct output_column columns[] = {{"campaign", OUTPUT_TEXT}, {"phone", OUTPUT_TEXT}, {"region", OUTPUT_TEXT},
		{"zone", OUTPUT_TEXT}, {"due", OUTPUT_TEXT}, {"local", OUTPUT_TEXT}, {"not_after", OUTPUT_TEXT}, {"regimes", OUTPUT_TEXT}};
	const struct planned_campaign *campaign = largest_campaign(planning);
	const size_t slots = campaign != NULL ? run_plan_slot_count(campaign->plan) : 0;
	const size_t count = slots < SAMPLE_PEOPLE ? slots : SAMPLE_PEOPLE;
	struct planned_slot sample[SAMPLE_PEOPLE];
	PGresult *phones;
	if (count == 0)
		return STATUS_OK;
	enum status status = pick_sample(campaign, count, sample, err);
	if (status == STATUS_OK)
		status = read_sample_phones(planning, sample, count, &phones, err);
	if (status != STATUS_OK)
		return status;
	output_table(output, "sample", columns, sizeof columns / sizeof *columns);
	for (int row = 0; row < PQntuples(phones); row++)
		print_sample_row(campaign, &sample[session_int(phones, row, 0) - 1], PQgetvalue(phones, row, 1), output);
	PQclear(phones);
	return STATUS_OK;
}

enum status
forecast_print(const struct planning *planning, struct err *err)
{
	struct output *output;
	enum status status = output_open(planning->options.context->format, stdout, &output, err);
	if (status != STATUS_OK)
		return status;
	print_plan(planning, output);
	print_reasons(planning, output);
	status = print_sample(planning, output, err);
	struct err close_err = ERR_INIT;
	if (output_close(&output, &close_err) != STATUS_OK && status == STATUS_OK) {
		*err = close_err;
		status = err->status;
	}
	return status;
}
