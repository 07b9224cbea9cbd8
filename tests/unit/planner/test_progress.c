/* Somebody who watches a terminal is told how far it is, how fast, and how long it still takes; nobody else is told anything. */
#include "planner/progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pty.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf/log.h"

struct screen {
	int reader, stderr_before;
	char text[256]; /* what has been written since the last look */
};

/* From now on stderr is the writing end. */
static void
watch(struct screen *screen, int reader, int writer)
{
	screen->reader = reader;
	screen->stderr_before = dup(STDERR_FILENO);
	assert_true(dup2(writer, STDERR_FILENO) >= 0);
	close(writer);
}

static void
stop_watching(struct screen *screen)
{
	fflush(stderr);
	assert_true(dup2(screen->stderr_before, STDERR_FILENO) >= 0);
	close(screen->stderr_before);
}

/* Waits for something to be written, or for the end. */
static void
look(struct screen *screen)
{
	ssize_t length;

	fflush(stderr);
	length = read(screen->reader, screen->text, sizeof(screen->text) - 1);
	screen->text[length > 0 ? length : 0] = '\0';
}

static void
a_terminal_shows_rate_and_time_left(void **state)
{
	struct screen screen;
	struct progress progress;
	long long done, total, per_second, left;
	int reader, writer;

	(void)state;
	assert_int_equal(openpty(&reader, &writer, NULL, NULL, NULL), 0);
	watch(&screen, reader, writer);
	progress_begin(&progress, "reading people", 10000);
	progress_show(&progress, 1);
	const bool drawn_at_once = progress.drawn;
	progress.began_ms -= 4000;
	progress.drawn_ms -= 4000;
	progress_show(&progress, 2000);
	look(&screen);
	progress_end(&progress);
	struct screen end = screen;
	look(&end);
	stop_watching(&screen);
	close(reader);

	assert_false(drawn_at_once);                                                                       /* short work shows nothing */
	const int found = sscanf(screen.text, "\r\033[Kreading people: %lld of %lld, %lld/s, %lld s left", /* NOLINT(cert-err34-c) */
		&done, &total, &per_second, &left);
	assert_int_equal(found, 4);
	assert_int_equal(done, 2000);
	assert_int_equal(total, 10000);
	assert_in_range(per_second, 100, 500); /* four seconds, or a little more on a busy machine */
	assert_int_equal(left, 8000 / per_second + 1);
	assert_string_equal(end.text, "\r\033[K");
}

static void
nobody_else_is_told(void **state)
{
	struct screen screen;
	struct progress progress;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	watch(&screen, ends[0], ends[1]);
	progress_begin(&progress, "reading people", 10000);
	progress.began_ms -= 4000;
	progress.drawn_ms -= 4000;
	progress_show(&progress, 2000);
	progress_end(&progress);
	stop_watching(&screen);
	look(&screen);
	close(ends[0]);
	assert_string_equal(screen.text, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_terminal_shows_rate_and_time_left),
		cmocka_unit_test(nobody_else_is_told),
	};

	log_open("test", SEVERITY_WARNING);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
