#include "progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "conf/log.h"

enum {
	FIRST_DRAW_MS = 1000, /* short work shows nothing */
	REDRAW_MS = 250
};

static int64_t
monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

void
progress_begin(struct progress *progress, const char *what, int64_t total)
{
	*progress = (struct progress){
		.what = what,
		.total = total,
		.visible = isatty(STDERR_FILENO) && log_level() <= SEVERITY_WARNING,
	};
	if (!progress->visible)
		return;
	progress->began_ms = monotonic_ms();
	progress->drawn_ms = progress->began_ms + FIRST_DRAW_MS - REDRAW_MS;
}

static void
draw(const struct progress *progress, int64_t done, int64_t now_ms)
{
	const int64_t elapsed_ms = now_ms - progress->began_ms;
	const int64_t per_second = done * 1000 / (elapsed_ms > 0 ? elapsed_ms : 1);

	fprintf(stderr, "\r\033[K%s: %lld", progress->what, (long long)done);
	if (progress->total > 0)
		fprintf(stderr, " of %lld", (long long)progress->total);
	fprintf(stderr, ", %lld/s", (long long)per_second);
	if (progress->total > done && per_second > 0)
		fprintf(stderr, ", %lld s left", (long long)((progress->total - done) / per_second + 1));
}

void
progress_show(struct progress *progress, int64_t done)
{
	int64_t now_ms;

	if (!progress->visible)
		return;
	now_ms = monotonic_ms();
	if (now_ms - progress->drawn_ms < REDRAW_MS)
		return;
	draw(progress, done, now_ms);
	progress->drawn_ms = now_ms;
	progress->drawn = true;
}

void
progress_end(struct progress *progress)
{
	if (progress->drawn)
		fputs("\r\033[K", stderr);
	progress->visible = false;
}

struct instant
progress_clock(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (struct instant){(int64_t)now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000};
}
