/*
 * How it works: a limit cuts time into cells, days or 24ths of a rolling period. A window is what together may hold the limit: one day, or 25 cells in
 * a row; for each there is a count of what it still holds, by its first cell. A message takes one from every window that contains its cell, and
 * a cell has room while they all have. Counts only fall while a plan is made, so a cell without room is passed for good.
 */
#include "quota.h"

#include <stdlib.h>
#include <string.h>

enum { ROLLING_PARTS = 24, ROLLING_WINDOW = ROLLING_PARTS + 1, OWN_LIMIT = QUOTA_RULES_MAX, LIMITS_MAX = QUOTA_RULES_MAX + 1 };
#define UNLIMITED INT64_MAX
#define PARTS_IN_SECONDS (ROLLING_PARTS * US_PER_SECOND) /* so that a cell has whole seconds */
/* A window reaches a period and a 24th beyond its cell, and dates differ by one between zones; the sender's own period is a day. */
enum { DATES_AROUND = 5 };

struct limit {
	const struct rule *rule; /* NULL: the sender's own */
	bool whole_portfolio;
	const struct zone *zone; /* of days; NULL: days or parts of a period in UTC */
	int64_t cell_us;         /* without a zone */
	int64_t window;          /* cells that together hold the limit */
	int64_t first, last;     /* cells that count, both included */
	int64_t *left;           /* of each window that contains one of them, by its first cell, from first - window + 1 on */
};

struct quota {
	struct quota_setup setup;
	int16_t *portfolio;
	uint32_t present;                /* limits that there are */
	struct limit limits[LIMITS_MAX]; /* by bit */
};

static enum status
no_memory(struct err *err)
{
	return err_set(err, STATUS_NO_MEMORY, "out of memory for the limits of a sender");
}

/* Cells ---------------------------------------------------------------------------------------------------------------------------------- */

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* A day begins when its midnight is first reached: minutes of the day before that are shown once more belong to it. */
static struct instant
cell_start(const struct limit *limit, int64_t cell)
{
	if (limit->zone == NULL)
		return (struct instant){cell * limit->cell_us};
	return zone_closing(limit->zone, wall_at((struct date){(int32_t)cell}, (struct day_time){0}));
}

static int64_t
cell_at(const struct limit *limit, struct instant at)
{
	if (limit->zone == NULL)
		return floor_div(at.us, limit->cell_us);
	const int64_t day = wall_date(zone_wall(limit->zone, at)).days;
	return day + (at.us >= cell_start(limit, day + 1).us);
}

static struct instant
cell_end(const struct limit *limit, struct instant at)
{
	return cell_start(limit, cell_at(limit, at) + 1);
}

static bool
is_within(const struct limit *limit, int64_t cell)
{
	return cell >= limit->first && cell <= limit->last;
}

/* The windows that contain the cell are `window` in a row from here on. */
static int64_t *
windows_of(const struct limit *limit, int64_t cell)
{
	return limit->left + (cell - limit->first);
}

/* Beyond the span nothing is counted, and nothing is dealt. */
static bool
has_room(const struct limit *limit, int64_t cell)
{
	if (!is_within(limit, cell))
		return true;
	const int64_t *left = windows_of(limit, cell);
	for (int64_t i = 0; i < limit->window; i++)
		if (left[i] <= 0)
			return false;
	return true;
}

static void
use_cells(struct limit *limit, int64_t from, int64_t to, int64_t n)
{
	for (int64_t cell = from > limit->first ? from : limit->first; cell <= to && cell <= limit->last; cell++)
		for (int64_t i = 0; i < limit->window; i++)
			windows_of(limit, cell)[i] -= n;
}

/* Limits --------------------------------------------------------------------------------------------------------------------------------- */

/* What one rule, or the sender itself when `rule` is NULL, allows on a date. False: nothing is limited. */
static bool
limit_on(const struct sender_facts *sender, const struct rule *rule, struct date date, struct budget_limit *out)
{
	struct law law = LAW_INIT;
	struct sender_facts facts = *sender;
	struct budget_limit limits[BUDGET_LIMITS_MAX];
	if (rule != NULL) {
		facts.daily_limit = 0;
		facts.daily_tier_count = 0;
		law.of[RULE_VOLUME] = (struct rule_list){&rule, 1};
	}
	if (budget_limits(&law, &facts, date, limits) == 0)
		return false;
	*out = limits[0];
	return out->n != UNLIMITED;
}

static struct date
date_of(const struct limit *limit, struct instant at)
{
	return wall_date(limit->zone != NULL ? zone_wall(limit->zone, at) : (struct wall){at.us});
}

/* The least of the dates that a cell touches, in whatever zone its rule's dates are told. */
static int64_t
most_in_cell(const struct sender_facts *sender, const struct limit *limit, int64_t cell)
{
	const struct date date = date_of(limit, cell_start(limit, cell));
	int64_t most = UNLIMITED;
	for (int32_t day = limit->zone != NULL ? 0 : -1; day <= (limit->zone != NULL ? 0 : 1); day++) {
		struct budget_limit found;
		if (limit_on(sender, limit->rule, (struct date){date.days + day}, &found) && found.n < most)
			most = found.n;
	}
	return most;
}

/* The shape of a rule's limit on the first date on which it limits at all and that some window around the span touches: not only dates of the span, for
 * a limit that came or went with them would take room from what is planned already, or give it back. */
static bool
find_limit(const struct quota_setup *setup, const struct rule *rule, struct budget_limit *out)
{
	const int32_t reach = DATES_AROUND + (int32_t)((rule != NULL ? rule->volume.length.us : 0) / US_PER_DAY);
	const struct date last = {wall_date((struct wall){setup->span.until.us}).days + reach};
	for (struct date day = {wall_date((struct wall){setup->span.from.us}).days - reach}; day.days <= last.days; day.days++)
		if (limit_on(setup->sender, rule, day, out))
			return true;
	return false;
}

static enum status
find_zone(const struct quota_setup *setup, const struct budget_limit *found, struct limit *out, struct err *err)
{
	if (found->zone == NULL || *found->zone == '\0' || strcmp(found->zone, "UTC") == 0)
		return STATUS_OK;
	out->zone = zone_set_find(setup->zones, found->zone);
	if (out->zone != NULL)
		return STATUS_OK;
	(void)err_set(
		err, STATUS_NOT_FOUND, "rule %s needs time zone \"%s\", which is not loaded", found->rule ? found->rule->id : "", found->zone);
	return err_hint(err, "install the package tzdata, or correct `clock` of the rule");
}

/* A window holds the least of what its cells may. */
static enum status
fill_windows(const struct quota_setup *setup, struct limit *limit, struct err *err)
{
	limit->first = cell_at(limit, setup->span.from) - limit->window;
	limit->last = cell_at(limit, setup->span.until) + limit->window;
	const int64_t count = limit->last - limit->first + limit->window;
	limit->left = calloc((size_t)count, sizeof *limit->left);
	if (limit->left == NULL)
		return no_memory(err);
	for (int64_t i = 0; i < count; i++)
		limit->left[i] = UNLIMITED / 2; /* room to count down from */
	for (int64_t cell = limit->first; cell <= limit->last; cell++) {
		const int64_t most = most_in_cell(setup->sender, limit, cell);
		for (int64_t i = 0; i < limit->window; i++)
			windows_of(limit, cell)[i] = most < windows_of(limit, cell)[i] ? most : windows_of(limit, cell)[i];
	}
	return STATUS_OK;
}

static enum status
add_limit(struct quota *quota, unsigned bit, const struct rule *rule, struct err *err)
{
	struct budget_limit found;
	struct limit *limit = &quota->limits[bit];
	if (!find_limit(&quota->setup, rule, &found))
		return STATUS_OK;
	const int64_t length = found.length.us;
	*limit = (struct limit){.rule = found.rule,
		.whole_portfolio = found.scope == VOLUME_PORTFOLIO,
		.cell_us = length > 0 ? (length + PARTS_IN_SECONDS - 1) / PARTS_IN_SECONDS * US_PER_SECOND : US_PER_DAY,
		.window = length > 0 ? ROLLING_WINDOW : 1};
	if (length == 0 && find_zone(&quota->setup, &found, limit, err) != STATUS_OK)
		return err->status;
	quota->present |= UINT32_C(1) << bit;
	return fill_windows(&quota->setup, limit, err);
}

static enum status
add_rules(struct quota *quota, struct err *err)
{
	const struct rulebook *rulebook = quota->setup.rulebook;
	unsigned bit = 0;
	enum status status = STATUS_OK;
	for (size_t i = 0; i < rulebook->regime_count; i++)
		for (size_t j = 0; j < rulebook->regimes[i].rule_count && status == STATUS_OK; j++) {
			const struct rule *rule = &rulebook->regimes[i].rules[j];
			if (rule->kind != RULE_VOLUME)
				continue;
			if (bit == QUOTA_RULES_MAX)
				return err_set(err, STATUS_INVALID, "the rulebook has more than %d volume rules", QUOTA_RULES_MAX);
			if (rule_binds(rulebook, &rulebook->regimes[i], rule))
				status = add_limit(quota, bit, rule, err);
			bit++;
		}
	return status;
}

static enum status
copy_portfolio(struct quota *quota)
{
	const size_t count = quota->setup.portfolio_count;
	quota->portfolio = malloc((count + 1) * sizeof *quota->portfolio);
	if (quota->portfolio == NULL)
		return STATUS_NO_MEMORY;
	if (count > 0)
		memcpy(quota->portfolio, quota->setup.portfolio, count * sizeof *quota->portfolio);
	quota->setup.portfolio = quota->portfolio;
	return STATUS_OK;
}

enum status
quota_create(const struct quota_setup *setup, struct quota **out, struct err *err)
{
	struct quota *quota = calloc(1, sizeof *quota);
	*out = NULL;
	if (quota == NULL)
		return no_memory(err);
	quota->setup = *setup;
	quota->setup.span.until = instant_max(setup->span.from, setup->span.until);
	enum status status = copy_portfolio(quota) == STATUS_OK ? STATUS_OK : no_memory(err);
	if (status == STATUS_OK)
		status = add_rules(quota, err);
	if (status == STATUS_OK)
		status = add_limit(quota, OWN_LIMIT, NULL, err);
	if (status != STATUS_OK || quota->present == 0)
		quota_free(&quota);
	*out = quota;
	return status;
}

void
quota_free(struct quota **quota)
{
	if (*quota == NULL)
		return;
	for (size_t i = 0; i < LIMITS_MAX; i++)
		free((*quota)->limits[i].left);
	free((*quota)->portfolio);
	free(*quota);
	*quota = NULL;
}

/* Masks ---------------------------------------------------------------------------------------------------------------------------------- */

static bool
law_has(const struct law *law, const struct rule *rule)
{
	for (size_t i = 0; i < law->of[RULE_VOLUME].count; i++)
		if (law->of[RULE_VOLUME].items[i] == rule)
			return true;
	return false;
}

uint32_t
quota_rules_of(const struct rulebook *rulebook, const struct law *law)
{
	uint32_t mask = 0;
	unsigned bit = 0;
	for (size_t i = 0; i < rulebook->regime_count; i++)
		for (size_t j = 0; j < rulebook->regimes[i].rule_count && bit < QUOTA_RULES_MAX; j++) {
			const struct rule *rule = &rulebook->regimes[i].rules[j];
			if (rule->kind == RULE_VOLUME && law_has(law, rule))
				mask |= UINT32_C(1) << bit;
			bit += rule->kind == RULE_VOLUME;
		}
	return mask;
}

uint32_t
quota_limits_of(const struct quota *quota, const struct law *law)
{
	return quota == NULL ? 0 : quota_limits_among(quota, quota_rules_of(quota->setup.rulebook, law));
}

uint32_t
quota_limits_among(const struct quota *quota, uint32_t rules)
{
	return quota == NULL ? 0 : quota->present & (rules | UINT32_C(1) << OWN_LIMIT);
}

struct instant
quota_counts_from(const struct quota *quota)
{
	struct instant from = {INT64_MAX};
	for (unsigned bit = 0; bit < LIMITS_MAX; bit++)
		if (quota->present >> bit & 1)
			from = instant_min(from, cell_start(&quota->limits[bit], quota->limits[bit].first));
	return from;
}

static int64_t
greatest_common_divisor(int64_t a, int64_t b)
{
	while (b != 0) {
		const int64_t rest = a % b;
		a = b;
		b = rest;
	}
	return a;
}

struct duration
quota_grain(const struct quota *quota, struct duration grain)
{
	for (unsigned bit = 0; bit < LIMITS_MAX; bit++)
		if (quota->present >> bit & 1)
			grain.us = greatest_common_divisor(grain.us, quota->limits[bit].cell_us);
	return grain;
}

/* Counting ------------------------------------------------------------------------------------------------------------------------------- */

static bool
in_scope(const struct quota *quota, const struct limit *limit, int16_t lane)
{
	if (lane == quota->setup.lane)
		return true;
	for (size_t i = 0; limit->whole_portfolio && i < quota->setup.portfolio_count; i++)
		if (quota->portfolio[i] == lane)
			return true;
	return false;
}

void
quota_count(struct quota *quota, const struct quota_use *use)
{
	const uint32_t limits = quota->present & (use->rules | UINT32_C(1) << OWN_LIMIT);
	for (unsigned bit = 0; bit < LIMITS_MAX; bit++) {
		struct limit *limit = &quota->limits[bit];
		if ((limits >> bit & 1) && in_scope(quota, limit, use->lane))
			use_cells(limit, cell_at(limit, use->first), cell_at(limit, use->last), use->n);
	}
}

bool
quota_is_spread(const struct quota *quota, const struct quota_use *use)
{
	const uint32_t limits = quota->present & (use->rules | UINT32_C(1) << OWN_LIMIT);
	bool spread = false;
	for (unsigned bit = 0; bit < LIMITS_MAX && !spread; bit++) {
		const struct limit *limit = &quota->limits[bit];
		spread = (limits >> bit & 1) && in_scope(quota, limit, use->lane) && cell_at(limit, use->first) != cell_at(limit, use->last);
	}
	return spread;
}

void
quota_take(struct quota *quota, uint32_t limits, struct instant at, int64_t n)
{
	for (unsigned bit = 0; limits != 0 && bit < LIMITS_MAX; bit++)
		if (limits >> bit & 1)
			use_cells(&quota->limits[bit], cell_at(&quota->limits[bit], at), cell_at(&quota->limits[bit], at), n);
}

/* How much more a cell may hold. */
static int64_t
cell_room(const struct limit *limit, int64_t cell)
{
	int64_t room = UNLIMITED;
	for (int64_t i = 0; i < limit->window && is_within(limit, cell); i++)
		room = windows_of(limit, cell)[i] < room ? windows_of(limit, cell)[i] : room;
	return room > 0 ? room : 0;
}

int64_t
quota_room_by(const struct quota *quota, uint32_t limits, struct instant at, const struct rule **out_rule)
{
	int64_t room = UNLIMITED;
	*out_rule = NULL;
	for (unsigned bit = 0; limits != 0 && bit < LIMITS_MAX; bit++) {
		const struct limit *limit = &quota->limits[bit];
		if (!(limits >> bit & 1))
			continue;
		const int64_t here = cell_end(limit, at).us - at.us <= quota->setup.margin.us ? 0 : cell_room(limit, cell_at(limit, at));
		if (here >= room)
			continue;
		room = here;
		*out_rule = limit->rule;
	}
	return room;
}

int64_t
quota_room(const struct quota *quota, uint32_t limits, struct instant at)
{
	const struct rule *rule;
	return quota_room_by(quota, limits, at, &rule);
}

struct instant
quota_change_after(const struct quota *quota, uint32_t limits, struct instant at)
{
	struct instant change = {INT64_MAX};
	for (unsigned bit = 0; limits != 0 && bit < LIMITS_MAX; bit++) {
		if (!(limits >> bit & 1))
			continue;
		const struct instant end = cell_end(&quota->limits[bit], at), margin = {end.us - quota->setup.margin.us};
		change = instant_min(change, margin.us > at.us ? margin : end);
	}
	return change;
}

bool
quota_is_daily(const struct quota *quota, uint32_t limits)
{
	const struct limit *first = NULL;
	bool daily = true;
	for (unsigned bit = 0; limits != 0 && bit < LIMITS_MAX; bit++) {
		const struct limit *limit = &quota->limits[bit];
		if (!(limits >> bit & 1))
			continue;
		first = first != NULL ? first : limit;
		daily = daily && limit->window == 1 && limit->zone == first->zone && limit->cell_us == first->cell_us;
	}
	return daily;
}

bool
quota_has_room(const struct quota *quota, uint32_t limits, struct instant at)
{
	bool room = true;
	for (unsigned bit = 0; limits != 0 && bit < LIMITS_MAX && room; bit++)
		if (limits >> bit & 1)
			room = has_room(&quota->limits[bit], cell_at(&quota->limits[bit], at));
	return room;
}

/* The first instant at or after `at` that this limit does not turn away. */
static struct instant
limit_ready(const struct limit *limit, struct duration margin, struct instant at, bool *out_away)
{
	if (cell_end(limit, at).us - at.us <= margin.us)
		at = cell_end(limit, at);
	for (int64_t cell = cell_at(limit, at); !has_room(limit, cell); *out_away = true)
		at = cell_start(limit, ++cell);
	return at;
}

struct quota_answer
quota_ready(const struct quota *quota, uint32_t limits, struct instant at)
{
	struct quota_answer answer = {.ready = at};
	for (bool moved = limits != 0; moved;) {
		moved = false;
		for (unsigned bit = 0; bit < LIMITS_MAX; bit++) {
			bool away = false;
			if (!(limits >> bit & 1))
				continue;
			const struct instant ready = limit_ready(&quota->limits[bit], quota->setup.margin, answer.ready, &away);
			if (away && !answer.turned_away) {
				answer.turned_away = true;
				answer.rule = quota->limits[bit].rule;
			}
			moved = moved || ready.us != answer.ready.us;
			answer.ready = ready;
		}
	}
	return answer;
}

struct instant
quota_edge_after(const struct quota *quota, uint32_t limits, struct instant at)
{
	struct instant edge = {INT64_MAX};
	for (unsigned bit = 0; limits != 0 && bit < LIMITS_MAX; bit++)
		if (limits >> bit & 1)
			edge = instant_min(edge, cell_end(&quota->limits[bit], at));
	return edge;
}
