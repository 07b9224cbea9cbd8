#include "breaker_watch.h"

#include <stdio.h>
#include <string.h>

#include "conf/log.h"
#include "planner/core/breaker.h"
#include "planner/core/merge.h"

enum { LIST_MAX = REGIME_REGIONS_MAX * REGION_CODE_MAX + 2 };

/* What others date a little ahead, as far as record_feedback() takes it, counts at once. */
static const int64_t AHEAD_US = US_PER_DAY;

/* Columns of breaker_events. */
enum { SUBJECT_ID, TEMPLATE, NAME, EVENTS, LATEST, ARMED, RECENT };

/* What both statements ask about a rule, as text. */
struct asked {
	struct session *session;
	const struct rule *rule;
	char since[SESSION_PARAM_MAX], until[SESSION_PARAM_MAX], recently[SESSION_PARAM_MAX];
	char regions[LIST_MAX], channels[LIST_MAX], categories[LIST_MAX];
	bool everywhere;
};

/* "{US,BR}": the words are the programs' own and need no quotes. */
static void
add_word(char list[LIST_MAX], const char *word)
{
	const size_t length = strlen(list);
	snprintf(list + (length > 0 ? length - 1 : 0), LIST_MAX - length, "%s%s}", length > 1 ? "," : "{", word);
}

static struct asked
ask(struct session *session, const struct regime *regime, const struct rule *rule, struct instant now)
{
	struct asked asked = {.session = session, .rule = rule, .everywhere = regime->everywhere};
	session_param_instant((struct instant){now.us - rule->breaker.per.us}, asked.since);
	session_param_instant((struct instant){now.us + AHEAD_US}, asked.until);
	session_param_instant((struct instant){now.us - BREAKER_BURST.us}, asked.recently);
	for (size_t i = 0; i < regime->region_count; i++)
		add_word(asked.regions, regime->regions[i]);
	for (unsigned i = 0; i < CHANNEL_COUNT; i++)
		if (rule->channels & CHANNEL_BIT(i))
			add_word(asked.channels, channel_name((enum channel)i));
	for (unsigned i = 0; i < CATEGORY_COUNT; i++)
		if (rule->categories & CATEGORY_BIT(i))
			add_word(asked.categories, category_name((enum category)i));
	return asked;
}

/* Acting ------------------------------------------------------------------------------------------------------------------------------------ */

static enum status
act(const struct asked *asked, const char *name, enum breaker_verdict verdict, const char *note, struct err *err)
{
	const struct breaker_rule *rule = &asked->rule->breaker;
	const bool trips = verdict == BREAKER_TRIPS;
	const char *const params[] = {breaker_scope_name(rule->scope), name, asked->rule->id, note, breaker_needs_name(rule->needs)};
	PGresult *rows;
	if (session_query(asked->session, trips ? &sql_query_breaker_trip : &sql_query_breaker_warn, params, trips ? 5 : 4, &rows, err) !=
		STATUS_OK)
		return err->status;
	if (session_bool(rows, 0, 0))
		log_event(trips ? SEVERITY_ERROR : SEVERITY_WARNING,
			&(struct log_about){.event = trips ? "breaker_tripped" : "breaker_warns",
				.scope = params[0],
				.subject = name,
				.rule = asked->rule->id,
				.reason = note},
			"%s \"%s\" %s: %s [%s]%s", params[0], name, trips ? "is stopped" : "comes near a limit", note, asked->rule->id,
			trips ? "; somebody must resume it: daypart resume" : "");
	PQclear(rows);
	return STATUS_OK;
}

static enum rating
rating_of(const char *name)
{
	for (int i = 0; i < RATING_COUNT; i++)
		if (strcmp(name, rating_name((enum rating)i)) == 0)
			return (enum rating)i;
	return RATING_UNKNOWN;
}

/* No further than the verdict depends on it. */
static enum status
count_messages(const struct asked *asked, const PGresult *found, int row, struct breaker_counts *counts, struct err *err)
{
	char most[SESSION_PARAM_MAX];
	const char *const params[] = {breaker_scope_name(asked->rule->breaker.scope), PQgetvalue(found, row, SUBJECT_ID),
		PQgetvalue(found, row, TEMPLATE), asked->since, asked->until, asked->everywhere ? NULL : asked->regions, asked->channels,
		asked->categories, session_param_int(breaker_messages_needed(&asked->rule->breaker, counts), most)};
	PGresult *rows;
	if (!breaker_is_rate(asked->rule->breaker.metric))
		return STATUS_OK;
	if (session_query(asked->session, &sql_query_breaker_sent, params, 9, &rows, err) != STATUS_OK)
		return err->status;
	counts->sent = session_int(rows, 0, 0);
	PQclear(rows);
	return STATUS_OK;
}

static enum status
judge(const struct asked *asked, const PGresult *found, int row, struct err *err)
{
	struct breaker_counts counts = {.events = session_int(found, row, EVENTS),
		.recent = session_int(found, row, RECENT),
		.rating = rating_of(PQgetvalue(found, row, LATEST))};
	char note[BREAKER_TEXT_MAX];
	if (!session_bool(found, row, ARMED))
		return STATUS_OK;
	if (count_messages(asked, found, row, &counts, err) != STATUS_OK)
		return err->status;
	const enum breaker_verdict verdict = breaker_judge(&asked->rule->breaker, &counts);
	if (verdict == BREAKER_RESTS)
		return STATUS_OK;
	breaker_tell(&asked->rule->breaker, &counts, note);
	return act(asked, PQgetvalue(found, row, NAME), verdict, note, err);
}

/* Rules ------------------------------------------------------------------------------------------------------------------------------------- */

static enum status
watch_rule(const struct asked *asked, struct err *err)
{
	const struct breaker_rule *rule = &asked->rule->breaker;
	char within[64];
	const char *const params[] = {asked->rule->id, breaker_metric_name(rule->metric), breaker_scope_name(rule->scope), asked->since,
		asked->until, within, asked->everywhere ? NULL : asked->regions, asked->channels, asked->categories, asked->recently};
	PGresult *rows;
	snprintf(within, sizeof within, "%lld seconds", (long long)(BREAKER_ANSWER.us / US_PER_SECOND));
	if (session_query(asked->session, &sql_query_breaker_events, params, 10, &rows, err) != STATUS_OK)
		return err->status;
	for (int row = 0; row < PQntuples(rows) && err->status == STATUS_OK; row++)
		(void)judge(asked, rows, row, err);
	PQclear(rows);
	return err->status;
}

/* Somewhere on earth. */
static bool
is_dated_now(const struct rule *rule, struct instant now)
{
	const struct date today = wall_date((struct wall){now.us});
	for (int32_t day = today.days - 1; day <= today.days + 1; day++)
		if (rule_is_dated(rule, (struct date){day}))
			return true;
	return false;
}

/* The longest period that a rule can have. */
static const int64_t LONGEST_US = 366 * US_PER_DAY;

enum status
breaker_watch_is_quiet(struct session *session, struct instant now, bool *out, struct err *err)
{
	char since[SESSION_PARAM_MAX];
	const char *const params[] = {session_param_instant((struct instant){now.us - LONGEST_US}, since)};
	PGresult *rows;
	if (session_query(session, &sql_query_breaker_quiet, params, 1, &rows, err) != STATUS_OK)
		return err->status;
	*out = session_bool(rows, 0, 0);
	PQclear(rows);
	return STATUS_OK;
}

enum status
breaker_watch(struct session *session, const struct rulebook *rulebook, struct instant now, struct err *err)
{
	bool quiet = true;
	if (breaker_watch_is_quiet(session, now, &quiet, err) != STATUS_OK || quiet)
		return err->status;
	for (size_t i = 0; i < rulebook->regime_count; i++)
		for (size_t r = 0; r < rulebook->regimes[i].rule_count; r++) {
			const struct regime *regime = &rulebook->regimes[i];
			const struct rule *rule = &regime->rules[r];
			if (rule->kind != RULE_BREAKER || !rule_binds(rulebook, regime, rule) || !is_dated_now(rule, now))
				continue;
			const struct asked asked = ask(session, regime, rule, now);
			if (watch_rule(&asked, err) != STATUS_OK)
				return err_wrap(err, "rule %s", rule->id);
		}
	return STATUS_OK;
}
