#include "reach.h"

int64_t
reach_people_under(const struct reach *reach, const struct regime *regime)
{
	const struct audience_places *places = reach->places;
	int64_t people = 0;

	for (size_t i = 0; i < places->count; i++) {
		const struct audience_place *place = places->items[i];
		bool covered = regime->everywhere;

		for (size_t r = 0; r < place->place.region_count; r++)
			covered |= regime_covers(regime, place->place.regions[r]);
		people += place->held == REASON_NONE && covered ? place->people : 0;
	}
	return people;
}

/* Whether any rule of it binds a campaign of this kind. */
static bool
concerns(const struct regime *regime, const struct reach *reach)
{
	for (size_t r = 0; r < regime->rule_count; r++)
		if ((regime->rules[r].channels & CHANNEL_BIT(reach->channel)) != 0 &&
			(regime->rules[r].categories & CATEGORY_BIT(reach->category)) != 0 && rule_binds(reach->rulebook, regime, &regime->rules[r]))
			return true;
	return false;
}

/* The first cell is the campaign's, where there is one. */
static void
write_row(struct output *output, const struct reach *reach, const char *const cells[])
{
	output_row(output, reach->campaign != NULL ? cells : cells + 1);
}

void
reach_begin_regimes(struct output *output, bool names_campaign)
{
	static const struct output_column columns[] = {
		{"campaign", OUTPUT_TEXT}, {"regime", OUTPUT_TEXT}, {"people", OUTPUT_NUMBER}, {"title", OUTPUT_TEXT}};

	output_table(output, "audience", names_campaign ? columns : columns + 1, names_campaign ? 4 : 3);
}

void
reach_write_regimes(struct output *output, const struct reach *reach)
{
	char number[SESSION_PARAM_MAX];

	for (size_t i = 0; i < reach->rulebook->regime_count; i++) {
		const struct regime *regime = &reach->rulebook->regimes[i];
		const int64_t people = concerns(regime, reach) ? reach_people_under(reach, regime) : 0;

		if (people > 0)
			write_row(output, reach, (const char *const[]){reach->campaign, regime->id, session_param_int(people, number), regime->title});
	}
}

void
reach_begin_held(struct output *output, bool names_campaign)
{
	static const struct output_column columns[] = {
		{"campaign", OUTPUT_TEXT}, {"reason", OUTPUT_TEXT}, {"people", OUTPUT_NUMBER}, {"text", OUTPUT_TEXT}, {"cure", OUTPUT_TEXT}};

	output_table(output, "held", names_campaign ? columns : columns + 1, names_campaign ? 5 : 4);
}

void
reach_write_held(struct output *output, const struct reach *reach)
{
	char number[SESSION_PARAM_MAX];

	for (size_t r = 0; r < reason_table_count; r++) {
		const struct reason_info *reason = &reason_table[r];
		int64_t people = 0;

		for (size_t i = 0; i < reach->places->count; i++)
			people += reach->places->items[i]->held == reason->code ? reach->places->items[i]->people : 0;
		if (people > 0)
			write_row(output, reach,
				(const char *const[]){reach->campaign, reason->name, session_param_int(people, number), reason->text, reason->cure});
	}
}
