/*
 * The room of a class is the least of the limits that count it; the block is the least room of the classes that have some. Two classes under
 * different limits could together take more than the lesser room, but then the block is used up and the next one is asked for: near the end of a
 * limit blocks become small, and nothing has to be told apart by class.
 *
 * The instant at which room returns is an upper bound: what others took and do not send, and what a provider refuses, comes back earlier. So
 * who waits looks again each minute, which also finds what has become too late.
 */
#include "escrow.h"

#define QUARTER_US (15 * US_PER_MINUTE)
#define SHARE_US US_PER_MINUTE
#define LOOK_AGAIN_US US_PER_MINUTE

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

struct instant
escrow_quarter(struct instant at)
{
	const int64_t rest = at.us % QUARTER_US;

	return (struct instant){at.us - rest - (rest < 0 ? QUARTER_US : 0)};
}

static void
look_at_class(const struct quota *quota, struct instant now, uint32_t rules, bool *out_waits, struct escrow_answer *out)
{
	const uint32_t limits = quota_limits_among(quota, rules);
	const struct rule *rule;
	const int64_t room = limits == 0 ? INT64_MAX : quota_room_by(quota, limits, now, &rule);

	*out_waits = room <= 0;
	if (limits == 0)
		return;
	out->limited = true;
	if (room < out->left) {
		out->left = room;
		out->rule = rule;
	}
	if (room > 0)
		out->n = least(out->n, room);
	else
		out->again = instant_min(out->again, quota_ready(quota, limits, now).ready);
}

/* At least one: room was found. */
static int64_t
share(const struct escrow_ask *ask, int64_t room)
{
	const int64_t minute = ask->per_1000_s * (SHARE_US / US_PER_SECOND) / 1000;
	const int64_t fair = least(room / (int64_t)ask->lanes, minute);

	return fair > 0 ? fair : 1;
}

void
escrow_decide(const struct quota *quota, const struct escrow_ask *ask, bool *out_waits, struct escrow_answer *out)
{
	bool any = ask->class_count == 0;

	*out = (struct escrow_answer){.n = INT64_MAX, .until = {INT64_MAX}, .again = {INT64_MAX}, .left = INT64_MAX};
	for (size_t i = 0; i < ask->class_count; i++) {
		look_at_class(quota, ask->now, ask->rules[i], &out_waits[i], out);
		any = any || !out_waits[i];
	}
	if (!out->limited)
		return;
	out->until = (struct instant){escrow_quarter(ask->now).us + QUARTER_US};
	if (out->again.us != INT64_MAX)
		out->again = instant_min(out->again, (struct instant){ask->now.us + LOOK_AGAIN_US});
	if (!any)
		out->n = 0;
	else if (ask->lanes > 1 && out->n != INT64_MAX) {
		out->n = share(ask, out->n);
		out->until = instant_min(out->until, (struct instant){ask->now.us + SHARE_US});
	}
	out->reserved = out->n != INT64_MAX;
}
