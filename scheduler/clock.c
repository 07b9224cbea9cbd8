#include "clock.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NS_PER_US 1000
#define NS_PER_SECOND INT64_C(1000000000)

static int64_t
host_ns(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}

static struct instant
system_now(const struct clock *clock)
{
	return (struct instant){host_ns(CLOCK_BOOTTIME) / NS_PER_US + clock->ahead_us};
}

static struct instant
system_steady(const struct clock *clock)
{
	(void)clock;
	return (struct instant){host_ns(CLOCK_MONOTONIC) / NS_PER_US};
}

static struct instant
system_after(const struct clock *clock, struct duration real)
{
	return instant_add(system_now(clock), real);
}

static struct duration
system_wait_for(const struct clock *clock, struct instant at)
{
	const int64_t wait = at.us - system_now(clock).us;

	return (struct duration){wait > 0 ? wait : 0};
}

static int64_t
host_ahead_us(void)
{
	return (host_ns(CLOCK_REALTIME) - host_ns(CLOCK_BOOTTIME)) / NS_PER_US;
}

static void
system_correct(struct clock *clock, struct duration offset)
{
	clock->offset = offset;
	clock->ahead_us = host_ahead_us() + offset.us;
}

static void
system_skip_to(struct clock *clock, struct instant at)
{
	(void)clock;
	(void)at;
}

static void
system_hold(struct clock *clock, struct instant until)
{
	(void)clock;
	(void)until;
}

static const struct clock_kind system_kind = {
	.name = "system",
	.now = system_now,
	.steady = system_steady,
	.after = system_after,
	.wait_for = system_wait_for,
	.correct = system_correct,
	.skip_to = system_skip_to,
	.hold = system_hold,
};

static struct instant
simulated_now(const struct clock *clock)
{
	const int64_t elapsed_us = (host_ns(CLOCK_MONOTONIC) - clock->started_ns) / NS_PER_US;

	return instant_min((struct instant){clock->start.us + elapsed_us * clock->speed}, clock->held_at);
}

static struct instant
simulated_after(const struct clock *clock, struct duration real)
{
	return (struct instant){simulated_now(clock).us + real.us * clock->speed};
}

static struct duration
simulated_wait_for(const struct clock *clock, struct instant at)
{
	const int64_t wait = at.us - simulated_now(clock).us;

	return (struct duration){wait > 0 ? (wait + clock->speed - 1) / clock->speed : 0};
}

static void
simulated_correct(struct clock *clock, struct duration offset)
{
	(void)clock;
	(void)offset;
}

static void
simulated_skip_to(struct clock *clock, struct instant at)
{
	if (at.us <= simulated_now(clock).us)
		return;
	clock->start = at;
	clock->started_ns = host_ns(CLOCK_MONOTONIC);
	clock->held_at = instant_max(clock->held_at, at);
}

static void
simulated_hold(struct clock *clock, struct instant until)
{
	clock->start = simulated_now(clock);
	clock->started_ns = host_ns(CLOCK_MONOTONIC);
	clock->held_at = instant_max(clock->start, until);
}

static const struct clock_kind simulated_kind = {
	.name = "simulated",
	.simulated = true,
	.now = simulated_now,
	.steady = simulated_now,
	.after = simulated_after,
	.wait_for = simulated_wait_for,
	.correct = simulated_correct,
	.skip_to = simulated_skip_to,
	.hold = simulated_hold,
};

static enum status
parse_speed(const char *text, int64_t *out, struct err *err)
{
	char *end;

	*out = strtol(text, &end, 10);
	if (end == text || *end != '\0' || *out < 1 || *out > CLOCK_SPEED_MAX) {
		err_set(err, STATUS_INVALID, "\"%s\" is no speed for a simulated clock", text);
		return err_hint(err, "Write a whole number from 1 to %d behind the x: x3600 is an hour a second.", CLOCK_SPEED_MAX);
	}
	return STATUS_OK;
}

static enum status
parse_simulated(const char *text, struct clock *out, struct err *err)
{
	char start[INSTANT_TEXT_MAX];
	const size_t size = strcspn(text, "x");

	*out = (struct clock){
		.kind = &simulated_kind, .speed = CLOCK_SPEED_DEFAULT, .started_ns = host_ns(CLOCK_MONOTONIC), .held_at = {INT64_MAX}};
	if (text[size] == 'x' && parse_speed(text + size + 1, &out->speed, err) != STATUS_OK)
		return err->status;
	if (size >= sizeof(start))
		return err_set(err, STATUS_INVALID, "the start of a simulated clock is too long");
	memcpy(start, text, size);
	start[size] = '\0';
	return instant_parse(start, &out->start, err);
}

enum status
clock_parse(const char *text, struct clock *out, struct err *err)
{
	static const char prefix[] = "simulated:";

	if (strcmp(text, "system") == 0) {
		*out = (struct clock){.kind = &system_kind, .ahead_us = host_ahead_us()};
		return STATUS_OK;
	}
	if (strncmp(text, prefix, strlen(prefix)) == 0)
		return parse_simulated(text + strlen(prefix), out, err) == STATUS_OK ? STATUS_OK : err_wrap(err, "--clock");
	err_set(err, STATUS_INVALID, "--clock: there is no clock \"%s\"", text);
	return err_hint(err, "Write system, or simulated:START[xSPEED], as in simulated:2026-11-23T00:00:00Zx3600.");
}

void
clock_start(struct clock *clock)
{
	clock->started_ns = host_ns(CLOCK_MONOTONIC);
}

struct instant
clock_now(const struct clock *clock)
{
	return clock->kind->now(clock);
}

struct instant
clock_steady(const struct clock *clock)
{
	return clock->kind->steady(clock);
}

struct instant
clock_after(const struct clock *clock, struct duration real)
{
	return clock->kind->after(clock, real);
}

struct duration
clock_wait_for(const struct clock *clock, struct instant at)
{
	return clock->kind->wait_for(clock, at);
}

void
clock_correct(struct clock *clock, struct duration offset)
{
	clock->kind->correct(clock, offset);
}

void
clock_skip_to(struct clock *clock, struct instant at)
{
	clock->kind->skip_to(clock, at);
}

void
clock_hold(struct clock *clock, struct instant until)
{
	clock->kind->hold(clock, until);
}

bool
clock_is_trusted(const struct clock *clock, struct duration max_skew)
{
	return llabs(clock->offset.us) <= max_skew.us;
}
