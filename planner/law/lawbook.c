#include "lawbook.h"

#include <stdlib.h>
#include <string.h>

#include "conf/log.h"
#include "conf/tzdb.h"
#include "planner/core/budget.h"
#include "planner/core/cap.h"

/* Columns of law_texts and law_emergencies. */
enum { RULEBOOK_ID, NAME, BODY };
enum { AREA, DECLARED_FROM, DECLARED_UNTIL };

static enum status
read_texts(struct session *session, struct law_texts *out, int32_t *out_rulebook_id, struct err *err)
{
	PGresult *rows;

	if (session_query(session, &sql_query_law_texts, NULL, 0, &rows, err) != STATUS_OK)
		return err->status;
	if (PQntuples(rows) == 0)
		err_set(err, STATUS_INVALID, "the database holds no rulebook");
	else
		*out_rulebook_id = (int32_t)session_int(rows, 0, RULEBOOK_ID);
	for (int row = 0; err->status == STATUS_OK && row < PQntuples(rows); row++)
		if (law_texts_add(out, PQgetvalue(rows, row, NAME), PQgetvalue(rows, row, BODY), err) != STATUS_OK)
			break;
	PQclear(rows);
	return err->status;
}

static void
on_problem(void *context, const char *file, int line, const char *what)
{
	(void)context;
	log_message(SEVERITY_ERROR, "rulebook: %s:%d: %s", file, line, what);
}

typedef enum status parse_fn(
	const struct law_texts *texts, law_problem_fn *on_problem, void *context, struct parsed_law *out, struct err *err);

static enum status
load_law(struct session *session, parse_fn *parse, struct parsed_law *out, int32_t *out_rulebook_id, struct err *err)
{
	struct law_texts texts = LAW_TEXTS_INIT;

	if (read_texts(session, &texts, out_rulebook_id, err) == STATUS_OK && parse(&texts, on_problem, NULL, out, err) != STATUS_OK)
		err_wrap(err, "rulebook %d", *out_rulebook_id);
	law_texts_free(&texts);
	return err->status;
}

enum status
lawbook_load_rules(struct session *session, struct parsed_law *out, int32_t *out_rulebook_id, struct err *err)
{
	return load_law(session, law_parse_rules, out, out_rulebook_id, err);
}

static void
on_left_out(void *context, const char *name, const struct err *why)
{
	(void)context;
	log_message(SEVERITY_WARNING, "time zone %s is left out, messages of people there are held: %s", name, why->primary);
}

static enum status
load_zones(const struct lawbook_source *source, struct lawbook *out, struct err *err)
{
	const struct tzdb_source zones = {.directory = source->zoneinfo_dir, .horizon = source->horizon, .on_left_out = on_left_out};

	return tzdb_load(&zones, &out->zones, err);
}

/* Emergencies ----------------------------------------------------------------------------------------------------------------------------- */

static enum status
read_emergency(const PGresult *rows, int row, struct emergencies *out, struct err *err)
{
	struct emergency *emergency = &out->items[row];

	(void)snprintf(out->areas[row], sizeof(out->areas[row]), "%s", PQgetvalue(rows, row, AREA));
	*emergency = (struct emergency){.area = out->areas[row], .declared = {.until = {INT64_MAX}}};
	if (instant_parse(PQgetvalue(rows, row, DECLARED_FROM), &emergency->declared.from, err) != STATUS_OK)
		return err->status;
	if (PQgetisnull(rows, row, DECLARED_UNTIL))
		return STATUS_OK;
	return instant_parse(PQgetvalue(rows, row, DECLARED_UNTIL), &emergency->declared.until, err);
}

static enum status
copy_emergencies(const PGresult *rows, struct emergencies *out, struct err *err)
{
	const size_t count = (size_t)PQntuples(rows);

	out->items = calloc(count + 1, sizeof(*out->items));
	out->areas = calloc(count + 1, sizeof(*out->areas));
	if (out->items == NULL || out->areas == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	for (size_t row = 0; row < count; row++)
		if (read_emergency(rows, (int)row, out, err) != STATUS_OK)
			return err_wrap(err, "emergency in %s", out->areas[row]);
	out->count = count;
	return STATUS_OK;
}

enum status
emergencies_read(struct session *session, struct instant since, struct emergencies *out, struct err *err)
{
	char since_text[SESSION_PARAM_MAX];
	const char *const params[] = {session_param_instant(since, since_text)};
	PGresult *rows;
	enum status status;

	*out = (struct emergencies){.items = NULL};
	if (session_query(session, &sql_query_law_emergencies, params, 1, &rows, err) != STATUS_OK)
		return err->status;
	status = copy_emergencies(rows, out, err);
	if (status != STATUS_OK)
		emergencies_free(out);
	PQclear(rows);
	return status;
}

void
emergencies_free(struct emergencies *emergencies)
{
	free(emergencies->items);
	free(emergencies->areas);
	*emergencies = (struct emergencies){.items = NULL};
}

static bool
emergencies_equal(const struct emergencies *a, const struct emergencies *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		const struct interval left = a->items[i].declared, right = b->items[i].declared;

		if (strcmp(a->items[i].area, b->items[i].area) != 0 || left.from.us != right.from.us || left.until.us != right.until.us)
			return false;
	}
	return true;
}

static void
take_emergencies(struct lawbook *book, struct emergencies *emergencies)
{
	emergencies_free(&book->emergencies);
	book->emergencies = *emergencies;
	*emergencies = (struct emergencies){.items = NULL};
	book->context.emergencies = book->emergencies.items;
	book->context.emergency_count = book->emergencies.count;
}

bool
lawbook_set_emergencies(struct lawbook *book, struct emergencies *emergencies)
{
	const bool same = emergencies_equal(&book->emergencies, emergencies);

	take_emergencies(book, emergencies);
	return !same;
}

/* The book -------------------------------------------------------------------------------------------------------------------------------- */

enum status
lawbook_load(struct session *session, const struct lawbook_source *source, struct lawbook **out, struct err *err)
{
	struct lawbook *book = calloc(1, sizeof(*book));
	struct emergencies emergencies;

	*out = NULL;
	if (book == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	if (load_law(session, law_parse, &book->law, &book->rulebook_id, err) != STATUS_OK || load_zones(source, book, err) != STATUS_OK ||
		emergencies_read(session, source->horizon.from, &emergencies, err) != STATUS_OK) {
		lawbook_free(&book);
		return err->status;
	}
	book->context = (struct window_context){
		.zones = book->zones, .calendars = (const struct calendar *const *)book->law.calendars, .calendar_count = book->law.calendar_count};
	take_emergencies(book, &emergencies);
	*out = book;
	return STATUS_OK;
}

void
lawbook_free(struct lawbook **book)
{
	struct lawbook *gone = *book;

	*book = NULL;
	if (gone == NULL)
		return;
	parsed_law_free(&gone->law);
	zone_set_free(&gone->zones);
	emergencies_free(&gone->emergencies);
	free(gone);
}

/* Calls back for every rule of a kind that is to be heard: that binds, or that advises. */
typedef bool heard_fn(const struct rulebook *rulebook, const struct regime *regime, const struct rule *rule);
typedef void rule_fn(void *context, const struct rule *rule);

static void
each_rule(const struct lawbook *book, enum rule_kind kind, heard_fn *is_heard, rule_fn *visit, void *context)
{
	const struct rulebook *rulebook = book->law.rulebook;

	for (size_t i = 0; i < rulebook->regime_count; i++)
		for (size_t r = 0; r < rulebook->regimes[i].rule_count; r++) {
			const struct rule *rule = &rulebook->regimes[i].rules[r];

			if (rule->kind == kind && is_heard(rulebook, &rulebook->regimes[i], rule))
				visit(context, rule);
		}
}

struct lookback {
	uint32_t categories, channels;
	struct instant now, earliest;
};

static void
look_back(void *context, const struct rule *rule)
{
	struct lookback *lookback = context;

	if ((rule->categories & lookback->categories) && (rule->channels & lookback->channels))
		lookback->earliest = instant_min(lookback->earliest, cap_lookback(&rule, 1, lookback->now));
}

/* The time between two messages to one person counts whatever else was sent to them. */
static void
look_back_of_pairs(void *context, const struct rule *rule)
{
	struct lookback *lookback = context;

	if (rule->rate.pair && (rule->categories & lookback->categories) && (rule->channels & lookback->channels))
		lookback->earliest = instant_min(lookback->earliest, (struct instant){lookback->now.us - budget_rule_gap(rule).us});
}

struct instant
lawbook_lookback(const struct lawbook *book, uint32_t categories, uint32_t channels, struct instant now)
{
	struct lookback lookback = {categories, channels, now, now};

	each_rule(book, RULE_CAP, rule_binds, look_back, &lookback);
	each_rule(book, RULE_CAP, rule_advises, look_back, &lookback);
	each_rule(book, RULE_RATE, rule_binds, look_back_of_pairs, &lookback);
	each_rule(book, RULE_RATE, rule_advises, look_back_of_pairs, &lookback);
	return lookback.earliest;
}

struct pace {
	const struct lawbook_sender *sender;
	struct date today;
	int64_t rate_milli;
};

/* What is not about the sender may be so for some message of it. */
static enum truth
sender_truth(const void *context, const char *word)
{
	const struct lawbook_sender *sender = context;
	const bool country = strncmp(word, "sender:", 7) == 0, type = strncmp(word, "sender_type:", 12) == 0;
	const char *known = country ? sender->country : type ? sender->type : "";

	if (*known == '\0')
		return TRUTH_UNKNOWN;
	return strcmp(known, word + (country ? 7 : 12)) == 0 ? TRUTH_TRUE : TRUTH_FALSE;
}

static void
slow_down(void *context, const struct rule *rule)
{
	struct pace *pace = context;
	const struct sender_facts facts = {.trust = "", .rate_milli = pace->sender->rate_milli};
	struct law law = LAW_INIT;
	int64_t rate_milli;

	if (!(rule->channels & CHANNEL_BIT(pace->sender->channel)) || rule->until.days <= pace->today.days ||
		predicate_judge(rule->when, sender_truth, pace->sender) == TRUTH_FALSE)
		return;
	law.of[RULE_RATE] = (struct rule_list){&rule, 1};
	rate_milli = budget_rate_milli(&law, &facts, (struct date){rule->from.days > pace->today.days ? rule->from.days : pace->today.days});
	pace->rate_milli = rate_milli < pace->rate_milli ? rate_milli : pace->rate_milli;
}

int64_t
lawbook_rate_milli(const struct lawbook *book, const struct lawbook_sender *sender, struct instant now)
{
	/* Yesterday in UTC may be today somewhere. */
	struct pace pace = {sender, {wall_date((struct wall){now.us}).days - 1}, sender->rate_milli};

	each_rule(book, RULE_RATE, rule_binds, slow_down, &pace);
	return budget_headroom(pace.rate_milli, sender->headroom_percent);
}
