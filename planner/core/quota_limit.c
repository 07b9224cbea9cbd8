/*
 * How it works: cells are counted from the epoch on, days by the dates of their zone. For each window there is a count of what it still holds, by its
 * first cell; a message takes one from every window that contains its cell, and a cell has room while they all have. Counts only fall while a plan is
 * made, so a cell without room is passed for good.
 */
#include "quota_limit.h"

#include <stdlib.h>
#include <string.h>

enum { ROLLING_PARTS = 24, ROLLING_WINDOW = ROLLING_PARTS + 1 };
#define UNLIMITED INT64_MAX
#define PARTS_IN_SECONDS (ROLLING_PARTS * US_PER_SECOND) /* so that a cell has whole seconds */
/* A window reaches a period and a 24th beyond its cell, and dates differ by one between zones; the sender's own period is a day. */
enum { DATES_AROUND = 5 };

/* Cells ---------------------------------------------------------------------------------------------------------------------------------- */

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* A day begins when its midnight is first reached: minutes of the day before that are shown once more belong to it. */
struct instant
quota_limit_cell_start(const struct quota_limit *limit, int64_t cell)
{
	if (limit->zone == NULL)
		return (struct instant){cell * limit->cell_us};
	return zone_closing(limit->zone, wall_at((struct date){(int32_t)cell}, (struct day_time){0}));
}

int64_t
quota_limit_cell(const struct quota_limit *limit, struct instant at)
{
	if (limit->zone == NULL)
		return floor_div(at.us, limit->cell_us);
	const int64_t day = wall_date(zone_wall(limit->zone, at)).days;
	return day + (at.us >= quota_limit_cell_start(limit, day + 1).us);
}

struct instant
quota_limit_cell_end(const struct quota_limit *limit, struct instant at)
{
	return quota_limit_cell_start(limit, quota_limit_cell(limit, at) + 1);
}

static bool
is_within(const struct quota_limit *limit, int64_t cell)
{
	return cell >= limit->first && cell <= limit->last;
}

/* The windows that contain the cell are `window` in a row from here on, in `left` and in `lent`. */
static size_t
window_of(const struct quota_limit *limit, int64_t cell)
{
	return (size_t)(cell - limit->first);
}

static int64_t *
windows_of(const struct quota_limit *limit, int64_t cell)
{
	return limit->left + window_of(limit, cell);
}

/* Beyond the span nothing is counted, and nothing is dealt. */
bool
quota_limit_has_room(const struct quota_limit *limit, int64_t cell)
{
	if (!is_within(limit, cell))
		return true;
	const int64_t *left = windows_of(limit, cell);
	for (int64_t i = 0; i < limit->window; i++)
		if (left[i] <= 0)
			return false;
	return true;
}

void
quota_limit_add(const struct quota_limit *limit, int64_t *windows, int64_t from, int64_t to, int64_t n)
{
	for (int64_t cell = from > limit->first ? from : limit->first; cell <= to && cell <= limit->last; cell++)
		for (int64_t i = 0; i < limit->window; i++)
			windows[window_of(limit, cell) + (size_t)i] += n;
}

/* How much more a cell may hold. */
int64_t
quota_limit_room(const struct quota_limit *limit, int64_t cell, bool with_lent)
{
	int64_t room = UNLIMITED;
	for (int64_t i = 0; i < limit->window && is_within(limit, cell); i++) {
		const size_t window = window_of(limit, cell) + (size_t)i;
		const int64_t here = limit->left[window] - (with_lent ? 0 : limit->lent[window]);
		room = here < room ? here : room;
	}
	return room > 0 ? room : 0;
}

/* The first instant at or after `at` that this limit does not turn away. */
struct instant
quota_limit_ready(const struct quota_limit *limit, struct duration margin, struct instant at, bool *out_away)
{
	if (quota_limit_cell_end(limit, at).us - at.us <= margin.us)
		at = quota_limit_cell_end(limit, at);
	for (int64_t cell = quota_limit_cell(limit, at); !quota_limit_has_room(limit, cell); *out_away = true)
		at = quota_limit_cell_start(limit, ++cell);
	return at;
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
date_of(const struct quota_limit *limit, struct instant at)
{
	return wall_date(limit->zone != NULL ? zone_wall(limit->zone, at) : (struct wall){at.us});
}

/* The least of the dates that a cell touches, in whatever zone its rule's dates are told. */
static int64_t
most_in_cell(const struct sender_facts *sender, const struct quota_limit *limit, int64_t cell)
{
	const struct date date = date_of(limit, quota_limit_cell_start(limit, cell));
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
find_zone(const struct quota_setup *setup, const struct budget_limit *found, struct quota_limit *out, struct err *err)
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
fill_windows(const struct quota_setup *setup, struct quota_limit *limit, struct err *err)
{
	limit->first = quota_limit_cell(limit, setup->span.from) - limit->window;
	limit->last = quota_limit_cell(limit, setup->span.until) + limit->window;
	const int64_t count = limit->last - limit->first + limit->window;
	limit->left = calloc((size_t)count, sizeof *limit->left);
	limit->lent = calloc((size_t)count, sizeof *limit->lent);
	if (limit->left == NULL || limit->lent == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory for the limits of a sender");
	for (int64_t i = 0; i < count; i++)
		limit->left[i] = UNLIMITED / 2; /* room to count down from */
	for (int64_t cell = limit->first; cell <= limit->last; cell++) {
		const int64_t most = most_in_cell(setup->sender, limit, cell);
		for (int64_t i = 0; i < limit->window; i++)
			windows_of(limit, cell)[i] = most < windows_of(limit, cell)[i] ? most : windows_of(limit, cell)[i];
	}
	return STATUS_OK;
}

enum status
quota_limit_make(const struct quota_setup *setup, const struct rule *rule, struct quota_limit *out, struct err *err)
{
	struct budget_limit found;
	*out = (struct quota_limit){.left = NULL};
	if (!find_limit(setup, rule, &found))
		return STATUS_OK;
	const int64_t length = found.length.us;
	*out = (struct quota_limit){.rule = found.rule,
		.whole_portfolio = found.scope == VOLUME_PORTFOLIO,
		.cell_us = length > 0 ? (length + PARTS_IN_SECONDS - 1) / PARTS_IN_SECONDS * US_PER_SECOND : US_PER_DAY,
		.window = length > 0 ? ROLLING_WINDOW : 1};
	if (length == 0 && find_zone(setup, &found, out, err) != STATUS_OK)
		return err->status;
	return fill_windows(setup, out, err);
}

void
quota_limit_clear(struct quota_limit *limit)
{
	free(limit->left);
	free(limit->lent);
	*limit = (struct quota_limit){.left = NULL};
}
