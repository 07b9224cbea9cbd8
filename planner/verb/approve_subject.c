/*
 * approve_subject - templates, senders, businesses and wordings are approved before any campaign uses them
 *
 * Where they will be used is not known yet. So only what is missing everywhere refuses; what single countries ask besides is shown, and asked again when
 * a campaign goes there. That a platform has not approved a template yet does not refuse either: our own approval comes first.
 */
#include "approve.h"

#include <stdlib.h>
#include <string.h>

#include "planner/vet_records.h"

struct shown {
	const char *what, *name;
	bool changed;
};

/* Showing --------------------------------------------------------------------------------------------------------------------------------- */

static void
write_outcome(struct output *output, const struct shown *shown)
{
	static const struct output_column columns[] = {{"approved", OUTPUT_TEXT}, {"name", OUTPUT_TEXT}, {"changed", OUTPUT_BOOL}};

	output_record(output, "approval", columns, 3, (const char *const[]){shown->what, shown->name, shown->changed ? "t" : "f"});
}

/* Approves unless an approval fits already, so that a script may repeat it. */
static enum status
approve_unless_current(
	struct context *context, enum subject subject, const char *name, const char *note, bool *out_changed, struct err *err)
{
	bool current = false;
	enum status status = approve_is_current(context->session, subject, name, &current, err);

	if (status == STATUS_OK && !current)
		status = approve_record(context, subject, name, note, err);
	*out_changed = status == STATUS_OK && !current;
	return status;
}

static enum status
refuse(const char *what, const char *name, size_t problems, struct err *err)
{
	err_set(err, STATUS_INVALID, "%s \"%s\" cannot be approved: %zu problem%s everywhere", what, name, problems, problems == 1 ? "" : "s");
	return err_hint(err, "Each problem above names its cure. Then approve again.");
}

/* Templates ------------------------------------------------------------------------------------------------------------------------------- */

static size_t
count_everywhere(const struct vetting *vetting)
{
	size_t count = 0;

	for (size_t i = 0; i < vetting_binding_count(vetting); i++) {
		const struct vetting_finding *finding = vetting_at(vetting, i);

		count += finding->reason != REASON_TEMPLATE_NOT_APPROVED && strcmp(finding->places, VETTING_EVERYWHERE) == 0;
	}
	return count;
}

static enum status
vet_and_approve_template(
	struct context *context, const char *name, const char *note, struct vet_desk *desk, struct vet *vet, bool *out_changed, struct err *err)
{
	static const struct vetting_assumption this_approval = {SUBJECT_TEMPLATE, "approval"};
	enum status status = vet_desk_open(context, desk, err);
	size_t problems;

	if (status == STATUS_OK)
		status = vet_template(desk, name, &this_approval, 1, vet, err);
	if (status == STATUS_NOT_FOUND)
		return err_hint(err, "Import it first: daypart import templates");
	if (status != STATUS_OK)
		return status;
	problems = count_everywhere(vet->vetting);
	if (problems > 0)
		return refuse("template", name, problems, err);
	return approve_unless_current(context, SUBJECT_TEMPLATE, name, note, out_changed, err);
}

static enum status
show_template(const struct context *context, const struct vet *vet, const struct shown *shown, bool approved, struct err *err)
{
	struct output *output;

	if (output_open(context->format, stdout, &output, err) != STATUS_OK)
		return err->status;
	vet_write(output, vet, 1, VET_PROBLEMS);
	vet_write(output, vet, 1, VET_ADVICE);
	if (approved)
		write_outcome(output, shown);
	return output_close(&output, err);
}

int
approve_template(struct context *context, const char *name, const char *note)
{
	struct shown shown = {"template", name, false};
	struct vet_desk desk = {.book = NULL};
	struct vet vet = {.name = NULL};
	struct err err = ERR_INIT, ignored = ERR_INIT;
	enum status status = session_begin(context->session, SESSION_READ_COMMITTED, &err);

	if (status == STATUS_OK)
		status = vet_and_approve_template(context, name, note, &desk, &vet, &shown.changed, &err);
	if (status == STATUS_OK)
		status = session_commit(context->session, &err);
	session_rollback(context->session);
	if (vet.vetting != NULL &&
		show_template(context, &vet, &shown, status == STATUS_OK, status == STATUS_OK ? &err : &ignored) != STATUS_OK &&
		status == STATUS_OK)
		status = err.status;
	vet_clear(&vet);
	vet_desk_close(&desk);
	return status == STATUS_OK ? EXIT_OK : context_fail(context, &err);
}

/* Senders and businesses ------------------------------------------------------------------------------------------------------------------ */

struct owner {
	struct context *context;
	enum subject subject;
	const char *name, *note;
	char *business;
	uint32_t channels;
	struct vet_desk desk;
	struct vet_record_list records;
	bool changed;
};

static enum status
read_owner(struct owner *owner, struct err *err)
{
	const char *const params[] = {subject_name(owner->subject), owner->name};
	enum channel channel;
	PGresult *rows;

	if (session_query(owner->context->session, &sql_query_lifecycle_owner, params, 2, &rows, err) != STATUS_OK)
		return err->status;
	if (PQntuples(rows) == 0) {
		err_set(err, STATUS_NOT_FOUND, "there is no %s \"%s\"", subject_name(owner->subject), owner->name);
		err_hint(err, "Import it first: daypart import %s", owner->subject == SUBJECT_SENDER ? "senders" : "businesses");
	} else if ((owner->business = strdup(PQgetvalue(rows, 0, 0))) == NULL) {
		err_set(err, STATUS_NO_MEMORY, "out of memory");
	} else {
		owner->channels = channel_parse(PQgetvalue(rows, 0, 1), &channel) ? CHANNEL_BIT(channel) : ALL_CHANNELS;
	}
	PQclear(rows);
	return err->status;
}

static enum status
vet_and_approve_owner(struct owner *owner, struct err *err)
{
	enum status status = read_owner(owner, err);
	size_t everywhere = 0;

	if (status == STATUS_OK)
		status = vet_desk_open(owner->context, &owner->desk, err);
	if (status == STATUS_OK)
		status = vet_records_read(&owner->desk,
			&(struct vet_owner){owner->subject, owner->business, owner->subject == SUBJECT_SENDER ? owner->name : NULL, owner->channels},
			&owner->records, err);
	if (status != STATUS_OK)
		return status;
	for (size_t i = 0; i < owner->records.count; i++)
		everywhere += owner->records.items[i].everywhere;
	if (everywhere > 0)
		return refuse(subject_name(owner->subject), owner->name, everywhere, err);
	return approve_unless_current(owner->context, owner->subject, owner->name, owner->note, &owner->changed, err);
}

static void
write_records(struct output *output, const char *table, const struct owner *owner, bool everywhere)
{
	static const struct output_column columns[] = {
		{"regime", OUTPUT_TEXT}, {"rule", OUTPUT_TEXT}, {"source", OUTPUT_TEXT}, {"what", OUTPUT_TEXT}};

	output_table(output, table, columns, 4);
	for (size_t i = 0; i < owner->records.count; i++) {
		const struct vet_record *record = &owner->records.items[i];

		if (record->everywhere == everywhere)
			output_row(output, (const char *const[]){record->regime->id, record->rule->id, record->rule->sources, record->what});
	}
}

static enum status
show_owner(const struct owner *owner, bool approved, struct err *err)
{
	struct output *output;

	if (output_open(owner->context->format, stdout, &output, err) != STATUS_OK)
		return err->status;
	write_records(output, "problems", owner, true);
	write_records(output, "advice", owner, false);
	if (approved)
		write_outcome(output, &(struct shown){subject_name(owner->subject), owner->name, owner->changed});
	return output_close(&output, err);
}

static int
approve_owner(struct owner *owner)
{
	struct session *session = owner->context->session;
	struct err err = ERR_INIT, ignored = ERR_INIT;
	enum status status = session_begin(session, SESSION_READ_COMMITTED, &err);

	if (status == STATUS_OK)
		status = vet_and_approve_owner(owner, &err);
	if (status == STATUS_OK)
		status = session_commit(session, &err);
	session_rollback(session);
	if (owner->desk.book != NULL && show_owner(owner, status == STATUS_OK, status == STATUS_OK ? &err : &ignored) != STATUS_OK &&
		status == STATUS_OK)
		status = err.status;
	vet_records_clear(&owner->records);
	vet_desk_close(&owner->desk);
	free(owner->business);
	return status == STATUS_OK ? EXIT_OK : context_fail(owner->context, &err);
}

int
approve_sender(struct context *context, const char *name, const char *note)
{
	return approve_owner(&(struct owner){.context = context, .subject = SUBJECT_SENDER, .name = name, .note = note});
}

int
approve_business(struct context *context, const char *name, const char *note)
{
	return approve_owner(&(struct owner){.context = context, .subject = SUBJECT_BUSINESS, .name = name, .note = note});
}

/* Wordings -------------------------------------------------------------------------------------------------------------------------------- */

static enum status
approve_and_show(struct context *context, const char *business, const char *name, struct err *err)
{
	const char *const params[] = {business, name};
	struct output *output;
	PGresult *rows = NULL;
	enum status status = session_begin(context->session, SESSION_READ_COMMITTED, err);

	if (status == STATUS_OK)
		status = session_query(context->session, &sql_query_lifecycle_approve_wording, params, 2, NULL, err);
	if (status == STATUS_OK)
		status = session_query(context->session, &sql_query_lifecycle_wording, params, 2, &rows, err);
	if (status == STATUS_OK)
		status = session_commit(context->session, err);
	session_rollback(context->session);
	if (status == STATUS_OK && (status = output_open(context->format, stdout, &output, err)) == STATUS_OK) {
		output_result(output, "wording", rows);
		write_outcome(output, &(struct shown){"wording", name, true});
		status = output_close(&output, err);
	}
	PQclear(rows);
	return status;
}

int
approve_wording(struct context *context, const char *name)
{
	char *business = strdup(name), *slash = business != NULL ? strchr(business, '/') : NULL;
	struct err err = ERR_INIT;
	enum status status;

	if (slash == NULL) {
		free(business);
		err_set(&err, STATUS_INVALID, "--wording: \"%s\" is not BUSINESS/NAME", name);
		return context_fail_usage(context, &err);
	}
	*slash = '\0';
	status = approve_and_show(context, business, slash + 1, &err);
	free(business);
	return status == STATUS_OK ? EXIT_OK : context_fail(context, &err);
}
