/*
 * Every usable zone of this machine, from a year ago to five years ahead, held against glibc, PostgreSQL and libical. glibc and PostgreSQL
 * must agree with us everywhere (the names on which PostgreSQL is known to differ, CET, EET, MET and WET, are not usable); libical's
 * differences are printed. A comparison during which the package tzdata was replaced is made again.
 *
 * Debian's files list every change up to 2037, so glibc is asked about some years after that too, where both go by the footer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "conf/second_opinion.h"
#include "conf/tzdb.h"
#include "tests/support/pg_cluster.h"

enum { MOST_PRINTED = 20 };

struct comparison {
	struct zone_set *zones;
	struct interval span;
};

typedef size_t comparison_fn(const struct comparison *);

static struct interval
near_span(void)
{
	const int64_t midnight_us = time(NULL) / 86400 * US_PER_DAY;

	return (struct interval){{midnight_us - 366 * US_PER_DAY}, {midnight_us + (5 * 365 + 2) * US_PER_DAY}};
}

static struct interval
footer_span(void)
{
	const struct date from = date_from_civil((struct civil){2038, 1, 1}), until = date_from_civil((struct civil){2046, 1, 1});

	return (struct interval){{from.days * US_PER_DAY}, {until.days * US_PER_DAY}};
}

static void
print_left_out(void *context, const char *name, const struct err *why)
{
	size_t *count = context;

	++*count;
	print_error("%s: %s; %s\n", name, why->primary, why->detail);
}

static void
load(struct interval span, struct comparison *out)
{
	struct err err = ERR_INIT;
	size_t left_out = 0;
	const struct tzdb_source source = {.horizon = span, .on_left_out = print_left_out, .context = &left_out};

	out->span = span;
	if (tzdb_load(&source, &out->zones, &err) != STATUS_OK)
		fail_msg("%s; %s", err.primary, err.detail);
	assert_int_equal(left_out, 0);
	assert_true(zone_set_count(out->zones) > 400);
}

/* How many zones differ, on data that did not change meanwhile. */
static size_t
count_differences(comparison_fn *compare, struct interval span)
{
	struct tzdb_look before, after;
	struct err err = ERR_INIT;
	size_t count;

	do {
		struct comparison comparison;

		assert_int_equal(tzdb_look(NULL, &before, &err), STATUS_OK);
		load(span, &comparison);
		count = compare(&comparison);
		print_message("tzdb %s, %zu zones: %zu differ\n", before.version, zone_set_count(comparison.zones), count);
		zone_set_free(&comparison.zones);
		assert_int_equal(tzdb_look(NULL, &after, &err), STATUS_OK);
	} while (!tzdb_look_equal(&before, &after));
	return count;
}

static void
print_difference(const char *name, struct instant at, long ours_s, long theirs_s)
{
	char text[INSTANT_TEXT_MAX];

	print_error("%s at %s: ours %ld, theirs %ld\n", name, instant_format(at, 0, text), ours_s, theirs_s);
}

static bool
differs_from_glibc_at(const char *name, const struct zone *zone, struct instant at)
{
	const time_t seconds = at.us / US_PER_SECOND;
	struct tm local;

	localtime_r(&seconds, &local);
	if (local.tm_gmtoff == zone_offset_s(zone, at))
		return false;
	print_difference(name, at, zone_offset_s(zone, at), local.tm_gmtoff);
	return true;
}

/* Every hour, and both sides of each change of ours. */
static bool
differs_from_glibc(const char *name, const struct zone *zone, struct interval span)
{
	setenv("TZ", name, 1);
	tzset();
	for (struct instant at = span.from; at.us < span.until.us; at.us += US_PER_HOUR) {
		if (differs_from_glibc_at(name, zone, at))
			return true;
	}
	for (struct instant at = zone_next_change(zone, span.from); at.us < span.until.us; at = zone_next_change(zone, at)) {
		if (differs_from_glibc_at(name, zone, (struct instant){at.us - US_PER_SECOND}) || differs_from_glibc_at(name, zone, at))
			return true;
	}
	return false;
}

static size_t
compare_with_glibc(const struct comparison *comparison)
{
	size_t count = 0;

	for (size_t i = 0; i < zone_set_count(comparison->zones); i++)
		count += differs_from_glibc(zone_set_name(comparison->zones, i), zone_set_at(comparison->zones, i), comparison->span);
	unsetenv("TZ");
	tzset();
	return count;
}

static void
glibc_agrees(void **state)
{
	(void)state;
	assert_int_equal(count_differences(compare_with_glibc, near_span()), 0);
}

static void
glibc_agrees_on_footers(void **state)
{
	(void)state;
	assert_int_equal(count_differences(compare_with_glibc, footer_span()), 0);
}

static size_t
compare_with_libical(const struct comparison *comparison)
{
	const size_t count = zone_set_count(comparison->zones);
	const char **names = calloc(count, sizeof(*names));
	struct zone_difference *differences = calloc(count, sizeof(*differences));
	const struct zone_question question = {.names = names, .count = count, .span = comparison->span};
	size_t differing;

	for (size_t i = 0; i < count; i++)
		names[i] = zone_set_name(comparison->zones, i);
	differing = zone_second_opinion(comparison->zones, &question, differences);
	for (size_t i = 0; i < differing; i++)
		print_difference(differences[i].name, differences[i].at, differences[i].ours_s, differences[i].theirs_s);
	free(differences);
	free(names);
	return differing;
}

static void
libical_is_asked(void **state)
{
	(void)state;
	count_differences(compare_with_libical, near_span());
}

/* Four arrays as PostgreSQL writes them: name, from, until and offset of every stretch of every zone. */
struct stretches {
	char *texts[4];
	size_t sizes[4];
	FILE *streams[4];
};

static void
open_stretches(struct stretches *stretches)
{
	for (size_t i = 0; i < 4; i++) {
		stretches->streams[i] = open_memstream(&stretches->texts[i], &stretches->sizes[i]);
		fputc('{', stretches->streams[i]);
	}
}

static void
add_stretches(struct stretches *stretches, const char *name, const struct zone *zone, struct interval span)
{
	for (struct instant from = span.from; from.us < span.until.us;) {
		const struct instant until = instant_min(zone_next_change(zone, from), span.until);
		const char *separator = ftell(stretches->streams[0]) > 1 ? "," : "";

		fprintf(stretches->streams[0], "%s%s", separator, name);
		fprintf(stretches->streams[1], "%s%" PRId64, separator, from.us / US_PER_SECOND);
		fprintf(stretches->streams[2], "%s%" PRId64, separator, until.us / US_PER_SECOND);
		fprintf(stretches->streams[3], "%s%d", separator, zone_offset_s(zone, from));
		from = until;
	}
}

static void
close_stretches(struct stretches *stretches)
{
	for (size_t i = 0; i < 4; i++) {
		fputc('}', stretches->streams[i]);
		fclose(stretches->streams[i]);
	}
}

/* Of every stretch the first and the last second and one second a day between: where PostgreSQL's local time is not what our offset says. */
static const char ask_postgresql[] =
	"SELECT name, at, offset_s, (extract(epoch FROM to_timestamp(at) AT TIME ZONE name) - at)::int "
	"FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::int[]) AS s (name, from_s, until_s, offset_s), "
	"LATERAL (SELECT generate_series(from_s, until_s - 1, 86400) UNION SELECT until_s - 1) AS p (at) "
	"WHERE extract(epoch FROM to_timestamp(at) AT TIME ZONE name) - at <> offset_s ORDER BY name, at";

static int64_t
number_in(const PGresult *result, int row, int column)
{
	return strtoll(PQgetvalue(result, row, column), NULL, 10);
}

static size_t
rows_of_postgresql(const struct stretches *stretches)
{
	struct pg_cluster *cluster = pg_cluster_start(&(struct pg_cluster_options){.own = true});
	PGconn *connection = PQconnectdb(pg_cluster_conninfo(cluster));
	const char *const *values = (const char *const *)stretches->texts;
	PGresult *result = PQexecParams(connection, ask_postgresql, 4, NULL, values, NULL, NULL, 0);
	int rows;

	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		fail_msg("%s", PQerrorMessage(connection));
	rows = PQntuples(result);
	for (int row = 0; row < rows && row < MOST_PRINTED; row++) {
		const struct instant at = {number_in(result, row, 1) * US_PER_SECOND};

		print_difference(PQgetvalue(result, row, 0), at, (long)number_in(result, row, 2), (long)number_in(result, row, 3));
	}
	PQclear(result);
	PQfinish(connection);
	pg_cluster_stop(&cluster);
	return (size_t)rows;
}

static size_t
compare_with_postgresql(const struct comparison *comparison)
{
	struct stretches stretches;
	size_t rows;

	open_stretches(&stretches);
	for (size_t i = 0; i < zone_set_count(comparison->zones); i++)
		add_stretches(&stretches, zone_set_name(comparison->zones, i), zone_set_at(comparison->zones, i), comparison->span);
	close_stretches(&stretches);
	rows = rows_of_postgresql(&stretches);
	for (size_t i = 0; i < 4; i++)
		free(stretches.texts[i]);
	return rows;
}

static void
postgresql_agrees(void **state)
{
	(void)state;
	assert_int_equal(count_differences(compare_with_postgresql, near_span()), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(glibc_agrees),
		cmocka_unit_test(glibc_agrees_on_footers),
		cmocka_unit_test(libical_is_asked),
		cmocka_unit_test(postgresql_agrees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
