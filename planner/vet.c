#include "vet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "planner/core/series.h"

/* Columns of lint_campaign. */
enum { STARTS_AT, ENDS_AT, STATUS, RRULE };

static const int64_t ZONES_BEFORE_US = 40 * US_PER_DAY;
static const int64_t LONGEST_CAMPAIGN_US = 730 * US_PER_DAY; /* as the planner has it */
static const int64_t TEMPLATE_SPAN_US = 7 * US_PER_DAY;      /* a template alone is vetted for the next week */

enum status
vet_desk_open(const struct context *context, struct vet_desk *out, struct err *err)
{
	const int64_t now = context->now.us;
	const struct lawbook_source source = {.zoneinfo_dir = context->settings.zoneinfo_dir,
		.horizon = {{now - ZONES_BEFORE_US}, {now + LONGEST_CAMPAIGN_US + ZONES_BEFORE_US}}};
	*out = (struct vet_desk){.session = context->session, .now = context->now};
	if (lawbook_load(context->session, &source, &out->book, err) != STATUS_OK)
		return err->hint[0] != '\0' ? err->status : err_hint(err, "Put one in force: daypart rules load");
	out->rulebook = out->book->law.rulebook;
	out->zones = out->book->zones;
	return STATUS_OK;
}

void
vet_desk_close(struct vet_desk *desk)
{
	lawbook_free(&desk->book);
}

void
vet_clear(struct vet *vet)
{
	vetting_free(&vet->vetting);
	audience_places_free(&vet->places);
	terms_book_free(&vet->terms);
	free(vet->name);
	*vet = (struct vet){.name = NULL};
}

/* Vetting --------------------------------------------------------------------------------------------------------------------------------- */

static struct vetting_setup
setup_of(const struct vet_desk *desk, const struct vet *vet)
{
	return (struct vetting_setup){.rulebook = desk->rulebook,
		.zones = desk->zones,
		.campaign = vet->is_campaign ? &vet->campaign : NULL,
		.span = {desk->now, {desk->now.us + (vet->is_campaign ? LONGEST_CAMPAIGN_US : TEMPLATE_SPAN_US)}}};
}

static enum status
add_places(struct vet *vet, struct err *err)
{
	enum status status = STATUS_OK;
	for (size_t i = 0; i < vet->places->count && status == STATUS_OK; i++) {
		const struct audience_place *place = vet->places->items[i];
		if (place->held == REASON_NONE)
			status = vetting_add(vet->vetting, &place->place, place->number, place->people, err);
	}
	return status;
}

static enum status
judge(const struct vetting_setup *setup, struct vet *vet, struct err *err)
{
	enum status status = vetting_create(setup, &vet->vetting, err);
	if (status == STATUS_OK)
		status = vet->places != NULL && vet->places->people > 0 ? add_places(vet, err) : vetting_add_regions(vet->vetting, err);
	return status == STATUS_OK ? vetting_finish(vet->vetting, err) : status;
}

static enum status
judge_stored(const struct vet_desk *desk, const struct vetting_assumption *assumptions, size_t count, struct vet *vet, struct err *err)
{
	const struct terms_book *terms = vet->terms;
	const struct campaign_words words = {.sender_country = terms->sender_country,
		.sender_type = terms->sender_type,
		.tags = terms->terms.tags,
		.tag_count = terms->terms.tag_count,
		.partial_tags = terms->partial_tags,
		.partial_tag_count = terms->partial_tag_count,
		.waived = terms->waived,
		.waived_until = terms->waived_until,
		.waived_count = terms->waived_count};
	struct vetting_setup setup = setup_of(desk, vet);
	setup.terms = &terms->terms;
	setup.words = &words;
	setup.channel = terms->channel;
	setup.assumptions = assumptions;
	setup.assumption_count = count;
	return judge(&setup, vet, err);
}

/* Of a series those of the occurrence that is next: what is about to go out. With what is wrong with a rule campaign_problem() refuses, in its words. */
static enum status
parse_times(const struct vet_desk *desk, const PGresult *rows, struct campaign_facts *out, struct err *err)
{
	struct occurrence first, next;
	if (campaign_time_parse(PQgetvalue(rows, 0, STARTS_AT), &first.starts_at, err) != STATUS_OK ||
		campaign_time_parse(PQgetvalue(rows, 0, ENDS_AT), &first.ends_at, err) != STATUS_OK ||
		campaign_time_date(PQgetvalue(rows, 0, STARTS_AT), &first.date, err) != STATUS_OK)
		return err->status;
	next = first;
	struct err fault = ERR_INIT;
	if (!PQgetisnull(rows, 0, RRULE) && series_find(&first, PQgetvalue(rows, 0, RRULE), desk->now, &next, &fault) == STATUS_NO_MEMORY) {
		*err = fault;
		return err->status;
	}
	out->starts_at = next.starts_at;
	out->ends_at = next.ends_at;
	return STATUS_OK;
}

static enum status
read_times(const struct vet_desk *desk, struct vet *vet, struct err *err)
{
	const char *const params[] = {vet->name};
	PGresult *rows;
	if (session_query(desk->session, &sql_query_lint_campaign, params, 1, &rows, err) != STATUS_OK)
		return err->status;
	enum status status = STATUS_OK;
	if (PQntuples(rows) == 0)
		status = err_set(err, STATUS_NOT_FOUND, "there is no campaign \"%s\"", vet->name);
	else
		status = parse_times(desk, rows, &vet->campaign, err);
	if (status == STATUS_OK)
		snprintf(vet->status, sizeof vet->status, "%s", PQgetvalue(rows, 0, STATUS));
	PQclear(rows);
	return status;
}

static enum status
name_it(struct vet *out, const char *name, bool is_campaign, struct err *err)
{
	*out = (struct vet){.name = strdup(name), .is_campaign = is_campaign};
	return out->name != NULL ? STATUS_OK : err_set(err, STATUS_NO_MEMORY, "out of memory");
}

enum status
vet_campaign(const struct vet_desk *desk, const char *name, const struct vetting_assumption *assumptions, size_t assumption_count,
	struct vet *out, struct err *err)
{
	enum status status = name_it(out, name, true, err);
	if (status == STATUS_OK)
		status = read_times(desk, out, err);
	if (status == STATUS_OK)
		status = terms_book_read(desk->session, name, &out->terms, err);
	if (status == STATUS_OK)
		status = terms_book_bind_provider(desk->session, desk->rulebook, out->terms, err);
	if (status == STATUS_OK)
		status = audience_places_read(desk->session, name, desk->zones, &out->places, err);
	if (status == STATUS_OK)
		status = judge_stored(desk, assumptions, assumption_count, out, err);
	if (status != STATUS_OK)
		vet_clear(out);
	return status;
}

enum status
vet_template(const struct vet_desk *desk, const char *name, const struct vetting_assumption *assumptions, size_t assumption_count,
	struct vet *out, struct err *err)
{
	enum status status = name_it(out, name, false, err);
	if (status == STATUS_OK)
		status = terms_book_read_template(desk->session, name, &out->terms, err);
	if (status == STATUS_OK)
		status = terms_book_bind_provider(desk->session, desk->rulebook, out->terms, err);
	if (status == STATUS_OK)
		status = judge_stored(desk, assumptions, assumption_count, out, err);
	if (status != STATUS_OK)
		vet_clear(out);
	return status;
}

enum status
vet_filed(const struct vet_desk *desk, const struct filed_template *template, struct vet *out, struct err *err)
{
	static const struct vetting_assumption records[] = {
		{SUBJECT_BUSINESS, NULL}, {SUBJECT_SENDER, NULL}, {SUBJECT_TEMPLATE, NULL}, {SUBJECT_CAMPAIGN, NULL}};
	const struct campaign_words words = {
		.sender_country = "", .sender_type = "", .tags = template->terms.tags, .tag_count = template->terms.tag_count};
	enum status status = name_it(out, template->name, false, err);
	struct vetting_setup setup = setup_of(desk, out);
	setup.terms = &template->terms;
	setup.words = &words;
	setup.channel = template->channel;
	setup.assumptions = records;
	setup.assumption_count = sizeof records / sizeof *records;
	if (status == STATUS_OK)
		status = judge(&setup, out, err);
	if (status != STATUS_OK)
		vet_clear(out);
	return status;
}

/* Writing --------------------------------------------------------------------------------------------------------------------------------- */

static void
write_finding(struct output *output, const struct vet *vet, const struct vetting_finding *finding)
{
	const bool counted = vet->places != NULL && vet->places->people > 0;
	char people[SESSION_PARAM_MAX];
	output_row(output,
		(const char *const[]){vet->name, finding->rules, finding->sources, counted ? session_param_int(finding->people, people) : NULL,
			finding->places, finding->languages[0] != '\0' ? finding->languages : "all", finding->what});
}

size_t
vet_write(struct output *output, const struct vet *vets, size_t count, enum vet_part part)
{
	static const struct output_column columns[] = {{"name", OUTPUT_TEXT}, {"rules", OUTPUT_TEXT}, {"sources", OUTPUT_TEXT},
		{"people", OUTPUT_NUMBER}, {"places", OUTPUT_TEXT}, {"languages", OUTPUT_TEXT}, {"what", OUTPUT_TEXT}};
	size_t rows = 0;
	output_table(output, part == VET_PROBLEMS ? "problems" : "advice", columns, sizeof columns / sizeof *columns);
	for (size_t i = 0; i < count; i++)
		for (size_t f = 0; f < vetting_count(vets[i].vetting); f++) {
			const struct vetting_finding *finding = vetting_at(vets[i].vetting, f);
			if ((finding->reason != REASON_NONE) != (part == VET_PROBLEMS))
				continue;
			write_finding(output, &vets[i], finding);
			rows++;
		}
	return rows;
}
