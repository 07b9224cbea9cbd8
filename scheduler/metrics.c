#include "metrics.h"

#include "metric_text.h"

static double
seconds(struct duration duration)
{
	return (double)duration.us / (double)US_PER_SECOND;
}

static void
write_gauge(FILE *out, const char *name, const char *help, double value)
{
	metric_family(out, name, METRIC_GAUGE, help);
	metric_sample(out, name, value, NULL);
}

static void
write_released(FILE *out, const struct lane *lane)
{
	const struct lane_tally *tally = lane_tally(lane);
	const struct {
		const char *outcome;
		int64_t count;
	} rows[] = {
		{"handed_over", tally->handed_over},
		{"refused", tally->refused},
		{"expired", tally->expired},
		{"held", tally->held},
		{"conflict", tally->conflicts},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		metric_sample(out, "daypart_released_total", (double)rows[i].count, "sender", lane_name(lane), "outcome", rows[i].outcome, NULL);
}

static void
write_lateness(FILE *out, const struct lane *lane)
{
	const struct lateness *lateness = &lane_tally(lane)->lateness;
	int64_t count = 0;
	char bound[32];

	for (int i = 0; i < LATENESS_STEPS; i++) {
		count += lateness->counts[i];
		(void)snprintf(bound, sizeof(bound), "%g", seconds(lateness_step(i)));
		metric_sample(out, "daypart_lateness_seconds_bucket", (double)count, "sender", lane_name(lane), "le", bound, NULL);
	}
	count += lateness->counts[LATENESS_STEPS];
	metric_sample(out, "daypart_lateness_seconds_bucket", (double)count, "sender", lane_name(lane), "le", "+Inf", NULL);
	metric_sample(out, "daypart_lateness_seconds_sum", seconds(lateness->sum), "sender", lane_name(lane), NULL);
	metric_sample(out, "daypart_lateness_seconds_count", (double)count, "sender", lane_name(lane), NULL);
}

static void
write_state(FILE *out, const struct lane *lane)
{
	metric_sample(out, "daypart_lane", 1, "sender", lane_name(lane), "state", lane_state_name(lane_state(lane)), NULL);
}

static void
write_held(FILE *out, const struct lane *lane)
{
	metric_sample(out, "daypart_lane_held", lane_is_held(lane), "sender", lane_name(lane), NULL);
}

static void
write_in_flight(FILE *out, const struct lane *lane)
{
	metric_sample(out, "daypart_in_flight", (double)lane_flown(lane), "sender", lane_name(lane), NULL);
}

static void
write_budget(FILE *out, const struct lane *lane)
{
	int64_t left;

	if (lane_volume_left(lane, &left))
		metric_sample(out, "daypart_budget_left", (double)left, "sender", lane_name(lane), NULL);
}

static void
write_lanes(FILE *out, const struct lane_list *lanes)
{
	static const struct {
		const char *name;
		enum metric_type type;
		const char *help;
		void (*write)(FILE *out, const struct lane *lane);
	} families[] = {
		{"daypart_released_total", METRIC_COUNTER, "Slots that left the queue, by what became of them.", write_released},
		{"daypart_lateness_seconds", METRIC_HISTOGRAM, "How long after its instant a message left; at most.", write_lateness},
		{"daypart_lane", METRIC_GAUGE, "1 for the state that the sender's lane is in.", write_state},
		{"daypart_lane_held", METRIC_GAUGE, "This daemon serves the sender.", write_held},
		{"daypart_in_flight", METRIC_GAUGE, "Messages on their way to a sink outside the database.", write_in_flight},
		{"daypart_budget_left", METRIC_GAUGE, "What is left of the block of its limits of volume that the sender has taken.", write_budget},
	};

	for (size_t family = 0; family < sizeof(families) / sizeof(families[0]); family++) {
		metric_family(out, families[family].name, families[family].type, families[family].help);
		for (size_t i = 0; i < lanes->count; i++)
			families[family].write(out, lanes->items[i]);
	}
}

static void
write_next_due(FILE *out, const struct lane_list *lanes, struct instant now)
{
	struct instant next;

	metric_family(out, "daypart_next_due_seconds", METRIC_GAUGE, "Until the sender's next known slot is due; negative when it is overdue.");
	for (size_t i = 0; i < lanes->count; i++)
		if (lane_next_due(lanes->items[i], &next))
			metric_sample(
				out, "daypart_next_due_seconds", seconds((struct duration){next.us - now.us}), "sender", lane_name(lanes->items[i]), NULL);
}

static void
write_watched(FILE *out, const struct watched *watched)
{
	metric_family(out, "daypart_breaker", METRIC_GAUGE, "1 for each breaker that is tripped, or has warned within a day.");
	for (size_t i = 0; i < watched->breaker_count; i++) {
		const struct watched_breaker *breaker = &watched->breakers[i];

		metric_sample(out, "daypart_breaker", 1, "scope", breaker->scope, "name", breaker->name, "rule", breaker->rule, "state",
			breaker->tripped ? "tripped" : "warning", NULL);
	}
	metric_family(out, "daypart_uncertain", METRIC_GAUGE, "Messages of which nobody knows whether they were sent.");
	for (size_t i = 0; i < watched->uncertain_count; i++)
		metric_sample(out, "daypart_uncertain", (double)watched->uncertain[i].count, "sender", watched->uncertain[i].sender, NULL);
}

void
metrics_write(const struct metrics *metrics, FILE *out)
{
	write_gauge(out, "daypart_up", "The daemon runs.", 1);
	write_gauge(out, "daypart_ready", "A first look at the database has succeeded.", metrics->ready);
	write_gauge(out, "daypart_database_up", "The last look at the database succeeded.", metrics->database_up);
	write_gauge(out, "daypart_stopped", "Everything is stopped.", metrics->stopped);
	write_gauge(out, "daypart_clock_offset_seconds", "The database's clock minus this host's.", seconds(metrics->clock_offset));
	write_gauge(out, "daypart_rulebook", "The rulebook in force; 0: none.", metrics->rulebook_id);
	write_gauge(out, "daypart_schema_version", "The version of the database's schema; 0: not known yet.", metrics->schema_version);
	write_watched(out, metrics->watched);
	write_lanes(out, metrics->lanes);
	write_next_due(out, metrics->lanes, metrics->now);
}

bool
metrics_write_health(const struct metrics *metrics, FILE *out)
{
	const char *const trouble = !metrics->database_up ? "the database cannot be reached"
		: metrics->lawless                            ? "the rulebook or the time zones cannot be read"
		: metrics->untrusted                          ? "the clocks of host and database are too far apart"
		: !metrics->ready                             ? "starting"
													  : NULL;

	fprintf(out, "%s\n", trouble != NULL ? trouble : metrics->stopped ? "ok: everything is stopped" : "ok");
	return trouble == NULL;
}
