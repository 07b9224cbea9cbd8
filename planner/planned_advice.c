#include "planned_advice.h"

#include <stdlib.h>
#include <string.h>

#include "planner/core/advice.h"
#include "rule_words.h"

/* Columns of lifecycle_advice. */
enum { AS_OF, RULE, PEOPLE };

enum status
planned_advice_read(struct session *session, const char *campaign, PGresult **out, struct err *err)
{
	return session_query(session, &sql_query_lifecycle_advice, &campaign, 1, out, err);
}

static bool
concerns(const struct reach *reach, const struct regime *regime, const struct rule *rule)
{
	return advice_judges(rule->kind) && (rule->channels & CHANNEL_BIT(reach->channel)) != 0 &&
		(rule->categories & CATEGORY_BIT(reach->category)) != 0 && rule_advises(reach->rulebook, regime, rule);
}

/* Of the last plan; "0" when it was told of nobody, NULL without such a plan. */
static const char *
people_against(const PGresult *told, const struct rule *rule)
{
	for (int row = 0; row < PQntuples(told); row++)
		if (strcmp(PQgetvalue(told, row, RULE), rule->id) == 0)
			return PQgetvalue(told, row, PEOPLE);
	return PQntuples(told) > 0 ? "0" : NULL;
}

static enum status
write_rule(struct output *output, const PGresult *told, const struct rule *rule, int64_t people, struct err *err)
{
	char number[SESSION_PARAM_MAX], *says = words_written(words_says, rule);
	if (says == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	output_row(output,
		(const char *const[]){rule->id, session_param_int(people, number), people_against(told, rule),
			PQntuples(told) > 0 ? PQgetvalue(told, 0, AS_OF) : NULL, says});
	free(says);
	return STATUS_OK;
}

enum status
planned_advice_write(struct output *output, const struct reach *reach, const PGresult *told, struct err *err)
{
	static const struct output_column columns[] = {
		{"rule", OUTPUT_TEXT}, {"people", OUTPUT_NUMBER}, {"against", OUTPUT_NUMBER}, {"as_planned", OUTPUT_TEXT}, {"says", OUTPUT_TEXT}};
	enum status status = STATUS_OK;
	bool begun = false;
	for (size_t i = 0; i < reach->rulebook->regime_count; i++) {
		const struct regime *regime = &reach->rulebook->regimes[i];
		const int64_t people = reach_people_under(reach, regime);
		for (size_t r = 0; people > 0 && r < regime->rule_count && status == STATUS_OK; r++) {
			if (!concerns(reach, regime, &regime->rules[r]))
				continue;
			if (!begun)
				output_table(output, "planned_advice", columns, sizeof columns / sizeof *columns);
			begun = true;
			status = write_rule(output, told, &regime->rules[r], people, err);
		}
	}
	return status;
}
