/*
 * approve - a campaign is approved by a second person who has seen whom it reaches and what the law asks of it
 *
 * All is one transaction: what is shown is what is approved. The tables are printed after it, so that nothing is claimed that did not happen; a refusal
 * prints them too.
 */
#include "approve.h"

#include <string.h>

#include "lifecycle.h"
#include "planner/planned_advice.h"
#include "planner/reach.h"
#include "planner/segments.h"

struct approval {
	struct context *context;
	const char *name, *note;
	bool hold_rest; /* whom a problem concerns gets nothing; the others do */
	struct vet_desk desk;
	struct vet vet;
	bool vetted; /* asked about the law */
	bool changed;
	PGresult *advice; /* that the last plan told */
	PGresult *state;  /* of the campaign, once it is approved */
};

/* Approving ------------------------------------------------------------------------------------------------------------------------------- */

enum status
approve_record(struct context *context, enum subject subject, const char *name, const char *note, struct err *err)
{
	const char *const params[] = {subject_name(subject), name, note};

	return session_query(context->session, &sql_query_lifecycle_approve, params, 3, NULL, err);
}

enum status
approve_is_current(struct session *session, enum subject subject, const char *name, bool *out, struct err *err)
{
	const char *const params[] = {subject_name(subject), name};
	PGresult *rows;

	if (session_query(session, &sql_query_lifecycle_approved, params, 2, &rows, err) != STATUS_OK)
		return err->status;
	*out = PQntuples(rows) > 0 && session_bool(rows, 0, 0);
	PQclear(rows);
	return STATUS_OK;
}

/* F1: nobody joined between the count that is shown and the one that is approved. */
static enum status
check_audience(const struct approval *approval, struct err *err)
{
	const char *const params[] = {subject_name(SUBJECT_CAMPAIGN), approval->name};
	PGresult *rows;
	int64_t people;

	if (session_query(approval->context->session, &sql_query_lifecycle_approved, params, 2, &rows, err) != STATUS_OK)
		return err->status;
	people = PQntuples(rows) > 0 ? session_int(rows, 0, 1) : 0;
	PQclear(rows);
	if (people == approval->vet.places->people)
		return STATUS_OK;
	err_set(err, STATUS_CONFLICT, "the audience of campaign \"%s\" changed while it was being approved", approval->name);
	return err_hint(err, "Approve it again, and look at the new numbers.");
}

/* A draft changes its status with its approval; an approved campaign is approved again when it, or its audience, has changed since. */
static enum status
approve_vetted(struct approval *approval, struct err *err)
{
	struct session *session = approval->context->session;
	bool current = false;
	enum status status;

	if (strcmp(approval->vet.status, "approved") != 0) {
		status = lifecycle_change(session, approval->name, "approve", approval->note, &approval->changed, err);
	} else {
		status = approve_is_current(session, SUBJECT_CAMPAIGN, approval->name, &current, err);
		if (status == STATUS_OK && !current)
			status = approve_record(approval->context, SUBJECT_CAMPAIGN, approval->name, approval->note, err);
		approval->changed = !current;
	}
	if (status == STATUS_OK && approval->changed)
		status = check_audience(approval, err);
	return status;
}

/* What is neither a draft nor approved is not vetted: the reason why it cannot be approved is what matters then. */
static enum status
find_out(struct approval *approval, struct err *err)
{
	PGresult *rows;

	if (session_query(approval->context->session, &sql_query_lint_campaign, &approval->name, 1, &rows, err) != STATUS_OK)
		return err->status;
	if (PQntuples(rows) > 0) {
		const char *status = PQgetvalue(rows, 0, 2);

		approval->vetted = strcmp(status, "draft") == 0 || strcmp(status, "approved") == 0;
	}
	PQclear(rows);
	return STATUS_OK;
}

static int64_t
people_reached(const struct approval *approval)
{
	const struct audience_places *places = approval->vet.places;

	return places->people - places->held - vetting_people_refused(approval->vet.vetting);
}

/* F6: nobody goes on without what must be attested, not even for the others. */
static size_t
count_refusing(const struct approval *approval)
{
	const struct vetting *vetting = approval->vet.vetting;
	const size_t problems = vetting_binding_count(vetting);
	size_t attestations = 0;

	for (size_t i = 0; i < problems; i++)
		attestations += vetting_at(vetting, i)->reason == REASON_NOT_ATTESTED;
	return approval->hold_rest && people_reached(approval) > 0 ? attestations : problems;
}

static enum status
refuse_problems(const struct approval *approval, size_t problems, struct err *err)
{
	err_set(err, STATUS_INVALID, "campaign \"%s\" cannot be approved: %zu problem%s", approval->name, problems, problems == 1 ? "" : "s");
	if (!approval->hold_rest && people_reached(approval) > 0)
		return err_hint(err, "Each problem above names its cure; then approve again. Or let only those go who have none: --hold-rest");
	return err_hint(err, "Each problem above names its cure; then approve again.");
}

static enum status
vet_and_approve(struct approval *approval, struct err *err)
{
	static const struct vetting_assumption this_approval = {SUBJECT_CAMPAIGN, "approval"};
	enum status status = vet_desk_open(approval->context, &approval->desk, err);
	size_t problems;

	if (status == STATUS_OK)
		status = vet_campaign(&approval->desk, approval->name, &this_approval, 1, &approval->vet, err);
	if (status == STATUS_OK)
		status = planned_advice_read(approval->context->session, approval->name, &approval->advice, err);
	if (status != STATUS_OK)
		return status;
	problems = count_refusing(approval);
	return problems > 0 ? refuse_problems(approval, problems, err) : approve_vetted(approval, err);
}

/* Whoever approves sees whom a segment chooses now, not at the last plan. */
static enum status
refresh_segments(const struct approval *approval, struct err *err)
{
	bool fine = true;
	const enum status status = segments_refresh(approval->context, approval->name, &fine, err);

	if (status != STATUS_OK || fine)
		return status;
	(void)err_set(err, STATUS_INVALID, "campaign \"%s\" cannot be approved: a segment of it is not in order", approval->name);
	return err_hint(err, "Correct the segment, then approve again; view segment lists all.");
}

static enum status
run(struct approval *approval, struct err *err)
{
	struct session *session = approval->context->session;
	enum status status = find_out(approval, err);

	if (status == STATUS_OK)
		status = approval->vetted ? vet_and_approve(approval, err)
								  : lifecycle_change(session, approval->name, "approve", approval->note, &approval->changed, err);
	if (status == STATUS_OK)
		status = session_query(session, &sql_query_lifecycle_state, &approval->name, 1, &approval->state, err);
	return status;
}

/* Showing --------------------------------------------------------------------------------------------------------------------------------- */

/* F1: how many there are, whose place is not known, whom a problem concerns, and who is left. */
static void
show_reach(struct output *output, const struct approval *approval)
{
	static const struct output_column columns[] = {
		{"people", OUTPUT_NUMBER}, {"held", OUTPUT_NUMBER}, {"refused", OUTPUT_NUMBER}, {"reached", OUTPUT_NUMBER}};
	const int64_t numbers[] = {
		approval->vet.places->people, approval->vet.places->held, vetting_people_refused(approval->vet.vetting), people_reached(approval)};
	char texts[4][SESSION_PARAM_MAX];

	for (int i = 0; i < 4; i++)
		session_param_int(numbers[i], texts[i]);
	output_record(output, "reach", columns, 4, (const char *const[]){texts[0], texts[1], texts[2], texts[3]});
}

/* R-002, F1, F11: under which laws how many people fall, whose place is not known, and what goes against advice. */
static enum status
show_audience(struct output *output, const struct approval *approval, struct err *err)
{
	const struct terms_book *terms = approval->vet.terms;
	const struct reach reach = {approval->desk.rulebook, terms->channel, terms->terms.category, approval->vet.places, NULL};

	reach_begin_regimes(output, false);
	reach_write_regimes(output, &reach);
	reach_begin_held(output, false);
	reach_write_held(output, &reach);
	return approval->advice != NULL ? planned_advice_write(output, &reach, approval->advice, err) : STATUS_OK;
}

static enum status
show(const struct approval *approval, struct err *err)
{
	struct output *output;
	enum status status = STATUS_OK;

	if (output_open(approval->context->format, stdout, &output, err) != STATUS_OK)
		return err->status;
	if (approval->vet.vetting != NULL) {
		show_reach(output, approval);
		status = show_audience(output, approval, err);
		vet_write(output, &approval->vet, 1, VET_PROBLEMS);
		vet_write(output, &approval->vet, 1, VET_ADVICE);
	}
	if (approval->state != NULL)
		lifecycle_write(output, "campaign", approval->state, approval->changed,
			approval->changed ? "the next daypart plan gives it slots" : "nothing: it is approved as it is");
	struct err close_err = ERR_INIT;
	if (output_close(&output, &close_err) != STATUS_OK && status == STATUS_OK) {
		*err = close_err;
		status = err->status;
	}
	return status;
}

static int
finish(struct approval *approval, enum status status, const struct err *err)
{
	struct err shown = ERR_INIT;

	if ((approval->vet.vetting != NULL || approval->state != NULL) && show(approval, &shown) != STATUS_OK && status == STATUS_OK)
		return context_fail(approval->context, &shown);
	return status == STATUS_OK ? EXIT_OK : context_fail(approval->context, err);
}

int
approve_campaign(struct context *context, const char *name, const char *note, bool hold_rest)
{
	struct approval approval = {.context = context, .name = name, .note = note, .hold_rest = hold_rest};
	struct err err = ERR_INIT;
	enum status status = refresh_segments(&approval, &err);
	int code;

	if (status == STATUS_OK)
		status = session_begin(context->session, SESSION_READ_COMMITTED, &err);
	if (status == STATUS_OK)
		status = run(&approval, &err);
	if (status == STATUS_OK)
		status = session_commit(context->session, &err);
	session_rollback(context->session);
	code = finish(&approval, status, &err);
	PQclear(approval.advice);
	PQclear(approval.state);
	vet_clear(&approval.vet);
	vet_desk_close(&approval.desk);
	return code;
}

/* The verb -------------------------------------------------------------------------------------------------------------------------------- */

struct approve_arguments {
	const char *campaign, *template, *sender, *business, *wording, *note;
	bool hold_rest;
};

static enum status
parse(int argc, char **argv, struct approve_arguments *out, struct err *err)
{
	const struct cli_option options[] = {{"template", 0, CLI_TEXT, &out->template}, {"sender", 0, CLI_TEXT, &out->sender},
		{"business", 0, CLI_TEXT, &out->business}, {"wording", 0, CLI_TEXT, &out->wording}, {"note", 0, CLI_TEXT, &out->note},
		{"hold-rest", 0, CLI_FLAG, &out->hold_rest}};

	if (cli_parse(&argc, argv, options, sizeof(options) / sizeof(options[0]), CLI_REFUSE_UNKNOWN, err) != STATUS_OK ||
		cli_expect_operands(argc, argv, 0, 1, "CAMPAIGN", err) != STATUS_OK)
		return err->status;
	out->campaign = argc > 1 ? argv[1] : NULL;
	switch ((out->campaign != NULL) + (out->template != NULL) + (out->sender != NULL) + (out->business != NULL) + (out->wording != NULL)) {
	case 0:
		return err_set(err, STATUS_INVALID, "approve: missing CAMPAIGN");
	case 1:
		return STATUS_OK;
	default:
		return err_set(err, STATUS_INVALID, "approve: one thing at a time");
	}
}

int
verb_approve(struct context *context, int argc, char **argv)
{
	struct approve_arguments arguments = {.note = NULL};
	struct err err = ERR_INIT;
	int code;

	if (parse(argc, argv, &arguments, &err) != STATUS_OK)
		return context_fail_usage(context, &err);
	code = context_connect(context, CONTEXT_SCHEMA_CURRENT);
	if (code != EXIT_OK)
		return code;
	if (arguments.template != NULL)
		return approve_template(context, arguments.template, arguments.note);
	if (arguments.sender != NULL)
		return approve_sender(context, arguments.sender, arguments.note);
	if (arguments.business != NULL)
		return approve_business(context, arguments.business, arguments.note);
	if (arguments.wording != NULL)
		return approve_wording(context, arguments.wording);
	return approve_campaign(context, arguments.campaign, arguments.note, arguments.hold_rest);
}
