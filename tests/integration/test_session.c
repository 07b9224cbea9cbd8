/* Sessions and binary COPY against a real server: errors have the right class, whatever happens to the connection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "sql/copy.h"
#include "sql/session.h"
#include "tests/support/pg_cluster.h"

static struct pg_cluster *cluster;
static char *conninfo;

static const struct sql_statement make_schema = {"make_schema", "CREATE SCHEMA daypart"};
static const struct sql_statement create = {
	"create", "CREATE TABLE IF NOT EXISTS item (id bigint PRIMARY KEY, at timestamptz, word text, n smallint, m int)"};
static const struct sql_statement clear = {"clear", "DELETE FROM item"};
static const struct sql_statement insert = {"insert", "INSERT INTO item (id, word) VALUES ($1, $2)"};
static const struct sql_statement count = {"count", "SELECT count(*) FROM item"};
static const struct sql_statement add = {"add", "SELECT $1::bigint + $2::bigint, $3::text IS NULL, 'x'"};
static const struct sql_statement binary = {
	"binary", "SELECT 1::smallint, (-2)::int, 3000000000::bigint, '2000-01-01 00:00:01+00'::timestamptz, NULL::int"};
static const struct sql_statement raise_hint = {
	"raise_hint", "DO $$ BEGIN RAISE EXCEPTION 'no such thing' USING DETAIL = 'a detail', HINT = 'a hint', ERRCODE = '22023'; END $$"};
static const struct sql_statement sleep_long = {"sleep_long", "SELECT pg_sleep(600)"};
static const struct sql_statement kill_self = {"kill_self", "SELECT pg_terminate_backend(pg_backend_pid())"};
static const struct sql_statement two = {"two", "SELECT 1; SELECT 1/0; SELECT 2"};
static const struct sql_statement show_path = {"show_path",
	"SELECT current_setting('search_path'), current_setting('TimeZone'), current_setting('application_name'), current_setting('jit')"};
static const struct sql_statement export_snapshot = {"export_snapshot", "SELECT pg_export_snapshot()"};
static const struct sql_statement copy_in = {"copy_in", "COPY TABLE_NAME (id, at, word, n, m) FROM STDIN (FORMAT binary)"};
static const struct sql_statement copy_out = {"copy_out",
	"-- $1 must stay a comment\nCOPY (SELECT id, at, word, n, m FROM item WHERE id >= $1::bigint AND coalesce(word, '') <> $2 ORDER BY id) "
	"TO STDOUT (FORMAT binary)"};

static int
start(void **state)
{
	struct err err;
	struct session *session;

	(void)state;
	cluster = pg_cluster_start(&(struct pg_cluster_options){.own = true});
	conninfo = pg_cluster_new_database(cluster, "session", NULL);
	assert_int_equal(session_open(&(struct session_options){.conninfo = conninfo}, &session, &err), STATUS_OK);
	assert_int_equal(session_script(session, &make_schema, &err), STATUS_OK);
	assert_int_equal(session_script(session, &create, &err), STATUS_OK);
	session_close(&session);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	free(conninfo);
	pg_cluster_stop(&cluster);
	return 0;
}

static struct session *
open_session(const atomic_bool *cancelled)
{
	struct session *session;
	struct err err;

	assert_int_equal(
		session_open(&(struct session_options){.conninfo = conninfo, .application = "test", .cancelled = cancelled}, &session, &err),
		STATUS_OK);
	assert_int_equal(
		session_query(session, &clear, NULL, 0, NULL, &err), cancelled && atomic_load(cancelled) ? STATUS_CANCELLED : STATUS_OK);
	return session;
}

static int64_t
count_items(struct session *session)
{
	PGresult *rows;
	struct err err;
	int64_t items;

	assert_int_equal(session_query(session, &count, NULL, 0, &rows, &err), STATUS_OK);
	items = session_int(rows, 0, 0);
	PQclear(rows);
	return items;
}

static void
a_session_has_its_settings(void **state)
{
	struct session *session = open_session(NULL);
	PGresult *rows;
	struct err err;

	(void)state;
	assert_int_equal(session_query(session, &show_path, NULL, 0, &rows, &err), STATUS_OK);
	assert_string_equal(PQgetvalue(rows, 0, 0), "daypart, pg_catalog, pg_temp");
	assert_string_equal(PQgetvalue(rows, 0, 1), "UTC");
	assert_string_equal(PQgetvalue(rows, 0, 2), "test");
	assert_string_equal(PQgetvalue(rows, 0, 3), "off"); /* a claim must not be compiled */
	PQclear(rows);
	session_close(&session);
	assert_null(session);
}

static void
statements_take_and_give_values(void **state)
{
	struct session *session = open_session(NULL);
	const char *params[] = {"40", "2", NULL};
	PGresult *rows;
	struct err err;

	(void)state;
	for (int again = 0; again < 2; again++) { /* the second time it is prepared */
		assert_int_equal(session_query(session, &add, params, 3, &rows, &err), STATUS_OK);
		assert_int_equal(session_int(rows, 0, 0), 42);
		assert_true(session_bool(rows, 0, 1));
		PQclear(rows);
	}
	assert_int_equal(session_query_binary(session, &binary, NULL, 0, &rows, &err), STATUS_OK);
	assert_int_equal(session_int64_binary(rows, 0, 0), 1);
	assert_int_equal(session_int64_binary(rows, 0, 1), -2);
	assert_int_equal(session_int64_binary(rows, 0, 2), INT64_C(3000000000));
	assert_int_equal(session_instant_binary(rows, 0, 3).us, INT64_C(946684801000000));
	assert_int_equal(session_int64_binary(rows, 0, 4), 0);
	PQclear(rows);
	session_close(&session);
}

static void
errors_bring_detail_hint_and_class(void **state)
{
	struct session *session = open_session(NULL);
	const char *params[] = {"1", "a"};
	struct err err;

	(void)state;
	assert_int_equal(session_query(session, &raise_hint, NULL, 0, NULL, &err), STATUS_INVALID);
	assert_string_equal(err.primary, "no such thing");
	assert_string_equal(err.detail, "a detail");
	assert_string_equal(err.hint, "a hint");
	assert_string_equal(err.sqlstate, "22023");
	assert_int_equal(session_query(session, &insert, params, 2, NULL, &err), STATUS_OK);
	assert_int_equal(session_query(session, &insert, params, 2, NULL, &err), STATUS_CONFLICT);
	assert_int_equal(session_script(session, &two, &err), STATUS_INVALID);
	assert_string_equal(err.sqlstate, "22012");
	assert_int_equal(count_items(session), 1); /* and the session goes on */
	session_close(&session);
}

static void
transactions_commit_and_roll_back(void **state)
{
	struct session *session = open_session(NULL);
	const char *params[] = {"1", "a"};
	struct err err;

	(void)state;
	assert_int_equal(session_begin(session, SESSION_READ_COMMITTED, &err), STATUS_OK);
	assert_int_equal(session_query(session, &insert, params, 2, NULL, &err), STATUS_OK);
	session_rollback(session);
	assert_int_equal(count_items(session), 0);
	assert_int_equal(session_begin(session, SESSION_READ_COMMITTED, &err), STATUS_OK);
	assert_int_equal(session_query(session, &insert, params, 2, NULL, &err), STATUS_OK);
	assert_int_equal(session_commit(session, &err), STATUS_OK);
	assert_int_equal(count_items(session), 1);
	assert_int_equal(session_begin(session, SESSION_READ_COMMITTED, &err), STATUS_OK);
	assert_int_equal(session_query(session, &insert, params, 2, NULL, &err), STATUS_CONFLICT);
	assert_int_equal(session_commit(session, &err), STATUS_INTERNAL); /* the server rolled back */
	assert_int_equal(session_begin(session, SESSION_REPEATABLE_READ_ONLY, &err), STATUS_OK);
	assert_int_equal(session_query(session, &insert, params, 2, NULL, &err), STATUS_TRANSIENT);
	assert_string_equal(err.sqlstate, "25006");
	session_rollback(session);
	session_close(&session);
}

static void
a_snapshot_is_shared(void **state)
{
	struct session *first = open_session(NULL), *second, *third;
	const char *params[] = {"1", "a"};
	PGresult *rows;
	struct err err;

	(void)state;
	assert_int_equal(session_clone(first, "second", &second, &err), STATUS_OK);
	assert_int_equal(session_clone(first, "third", &third, &err), STATUS_OK);
	assert_int_equal(session_begin(first, SESSION_REPEATABLE_READ_ONLY, &err), STATUS_OK);
	assert_int_equal(session_query(first, &export_snapshot, NULL, 0, &rows, &err), STATUS_OK);
	assert_int_equal(session_query(third, &insert, params, 2, NULL, &err), STATUS_OK);
	assert_int_equal(session_begin_snapshot(second, PQgetvalue(rows, 0, 0), &err), STATUS_OK);
	assert_int_equal(count_items(second), 0);
	assert_int_equal(count_items(third), 1);
	session_rollback(second);
	assert_int_equal(session_begin_snapshot(second, "no'such\\snapshot", &err), STATUS_INVALID);
	assert_int_equal(count_items(second), 1); /* no transaction is left open */
	PQclear(rows);
	session_close(&first);
	session_close(&second);
	session_close(&third);
}

/* What a lost connection means depends on what was under way. */
static void
a_lost_connection_is_transient_or_uncertain(void **state)
{
	struct session *session = open_session(NULL);
	struct err err;

	(void)state;
	assert_int_equal(session_query(session, &kill_self, NULL, 0, NULL, &err), STATUS_UNCERTAIN);
	assert_int_equal(session_query(session, &count, NULL, 0, NULL, &err), STATUS_TRANSIENT); /* could not even be sent */
	session_close(&session);

	session = open_session(NULL);
	assert_int_equal(count_items(session), 0);

	assert_int_equal(session_begin(session, SESSION_READ_COMMITTED, &err), STATUS_OK);
	assert_int_equal(session_query(session, &kill_self, NULL, 0, NULL, &err), STATUS_TRANSIENT); /* COMMIT was never sent */
	session_rollback(session);
	session_close(&session);

	session = open_session(NULL);
	assert_int_equal(session_begin(session, SESSION_READ_COMMITTED, &err), STATUS_OK);
	shutdown(PQsocket(session_connection(session)), SHUT_RD); /* its answer will not be heard */
	assert_int_equal(session_commit(session, &err), STATUS_UNCERTAIN);
	assert_string_not_equal(err.hint, "");
	session_close(&session);
}

/* Sets the flag once the server sleeps. */
static void *
set_when_asleep(void *flag)
{
	PGconn *connection = PQconnectdb(conninfo);
	bool asleep = false;

	while (!asleep && PQstatus(connection) == CONNECTION_OK) {
		PGresult *rows = PQexec(connection, "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'");

		asleep = PQntuples(rows) > 0;
		PQclear(rows);
	}
	PQfinish(connection);
	atomic_store((atomic_bool *)flag, true);
	return NULL;
}

static void
a_cancelled_program_does_not_wait_for_the_server(void **state)
{
	atomic_bool cancelled = false;
	struct session *session = open_session(&cancelled);
	pthread_t thread;
	struct err err;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, set_when_asleep, &cancelled), 0);
	assert_int_equal(session_query(session, &sleep_long, NULL, 0, NULL, &err), STATUS_CANCELLED);
	pthread_join(thread, NULL);
	assert_int_equal(session_query(session, &count, NULL, 0, NULL, &err), STATUS_CANCELLED);
	atomic_store(&cancelled, false);
	assert_int_equal(count_items(session), 0);
	session_close(&session);
}

static void
who_cannot_connect_learns_why(void **state)
{
	static const struct {
		const char *conninfo;
		enum status expected;
	} cases[] = {
		{"host=/nonexistent", STATUS_TRANSIENT},
		{"host=127.0.0.1 port=1 connect_timeout=2", STATUS_TRANSIENT},
		{"nonsense=1", STATUS_INVALID},
		{"postgresql://[broken", STATUS_INVALID},
	};
	struct session *session;
	struct err err;
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(session_open(&(struct session_options){.conninfo = cases[i].conninfo}, &session, &err), cases[i].expected);
		assert_null(session);
		assert_string_not_equal(err.hint, "");
	}
	snprintf(text, sizeof(text), "%s dbname=missing", conninfo);
	assert_int_equal(session_open(&(struct session_options){.conninfo = text}, &session, &err), STATUS_INVALID);
	snprintf(text, sizeof(text), "%s user=missing", conninfo);
	assert_int_equal(session_open(&(struct session_options){.conninfo = text}, &session, &err), STATUS_INVALID);
}

/* COPY ------------------------------------------------------------------------------------------------------------------------------------ */

enum { MANY = 20000 };

static void
write_item(struct copy_writer *writer, int64_t id)
{
	char word[32];
	struct err err;

	assert_int_equal(copy_writer_row(writer, 5, &err), STATUS_OK);
	copy_writer_int64(writer, id);
	copy_writer_instant(writer, (struct instant){id * US_PER_SECOND});
	if (id % 3 == 0)
		copy_writer_null(writer);
	else
		copy_writer_text(writer, word, (size_t)snprintf(word, sizeof(word), "w%lld", (long long)id));
	copy_writer_int16(writer, (int16_t) - (id % 100));
	copy_writer_int32(writer, (int32_t)(id * 2));
}

static int64_t
write_items(struct session *session, int64_t first, int64_t last, enum status expected)
{
	struct copy_writer *writer;
	struct err err;
	int64_t written = 0;

	assert_int_equal(copy_writer_open(session, &copy_in, "item", &writer, &err), STATUS_OK);
	for (int64_t id = first; id <= last; id++)
		write_item(writer, id);
	assert_int_equal(copy_writer_finish(writer, &written, &err), expected);
	copy_writer_free(&writer);
	return written;
}

/* As a standby answers: it lets everybody in and takes no change. */
static void
who_must_write_waits_for_a_primary(void **state)
{
	static const struct sql_statement read_only = {"read_only", "ALTER DATABASE replica SET default_transaction_read_only = on"};
	char *replica = pg_cluster_new_database(cluster, "replica", NULL), text[1024];
	struct session_options options = {.conninfo = replica, .read_write = true};
	struct session *session = open_session(NULL);
	struct err err;

	(void)state;
	assert_int_equal(session_script(session, &read_only, &err), STATUS_OK);
	session_close(&session);
	assert_int_equal(session_open(&options, &session, &err), STATUS_TRANSIENT);
	assert_non_null(strstr(err.primary, "read-only"));
	snprintf(text, sizeof(text), "%s target_session_attrs=any", replica);
	options.conninfo = text; /* the user's word */
	assert_int_equal(session_open(&options, &session, &err), STATUS_OK);
	session_close(&session);
	options.read_write = false;
	options.conninfo = replica;
	assert_int_equal(session_open(&options, &session, &err), STATUS_OK);
	session_close(&session);
	free(replica);
}

/* The first host is nobody's. */
static void
of_several_hosts_the_one_that_answers_is_taken(void **state)
{
	char text[1024];
	struct session *session;
	struct err err;

	(void)state;
	snprintf(text, sizeof(text), "host=/nonexistent,%s user=postgres dbname=session", pg_cluster_host(cluster));
	assert_int_equal(session_open(&(struct session_options){.conninfo = text, .read_write = true}, &session, &err), STATUS_OK);
	session_close(&session);
}

static void
rows_come_back_as_they_went(void **state)
{
	struct session *session = open_session(NULL);
	const char *params[] = {"2", "w5 $1 'quoted'"};
	struct copy_reader *reader;
	struct copy_row row;
	struct err err;
	char word[32];
	int64_t id = 2;
	enum status status;

	(void)state;
	assert_int_equal(write_items(session, 1, MANY, STATUS_OK), MANY);
	assert_int_equal(copy_reader_open(session, &copy_out, params, 2, &reader, &err), STATUS_OK);
	for (; (status = copy_reader_next(reader, &row, &err)) == STATUS_OK; id++) {
		assert_int_equal(row.count, 5);
		assert_int_equal(copy_field_int64(&row, 0), id);
		assert_int_equal(copy_field_instant(&row, 1).us, id * US_PER_SECOND);
		assert_int_equal(copy_field_is_null(&row, 2), id % 3 == 0);
		snprintf(word, sizeof(word), "w%lld", (long long)id);
		if (id % 3 != 0)
			assert_memory_equal(row.fields[2].bytes, word, strlen(word));
		assert_int_equal(copy_field_int64(&row, 3), -(id % 100));
		assert_int_equal(copy_field_int64(&row, 4), id * 2);
	}
	assert_int_equal(status, STATUS_NOT_FOUND);
	assert_int_equal(id, MANY + 1);
	assert_int_equal(copy_reader_next(reader, &row, &err), STATUS_NOT_FOUND);
	copy_reader_close(&reader);
	assert_int_equal(count_items(session), MANY);
	session_close(&session);
}

static void
an_empty_stream_ends_at_once(void **state)
{
	struct session *session = open_session(NULL);
	const char *params[] = {"1", ""};
	struct copy_reader *reader;
	struct copy_row row;
	struct err err;

	(void)state;
	assert_int_equal(write_items(session, 1, 0, STATUS_OK), 0);
	assert_int_equal(copy_reader_open(session, &copy_out, params, 2, &reader, &err), STATUS_OK);
	assert_int_equal(copy_reader_next(reader, &row, &err), STATUS_NOT_FOUND);
	copy_reader_close(&reader);
	session_close(&session);
}

static void
a_copy_can_be_left_in_the_middle(void **state)
{
	struct session *session = open_session(NULL);
	const char *params[] = {"1", ""};
	struct copy_reader *reader;
	struct copy_writer *writer;
	struct copy_row row;
	struct err err;

	(void)state;
	write_items(session, 1, MANY, STATUS_OK);
	assert_int_equal(copy_reader_open(session, &copy_out, params, 2, &reader, &err), STATUS_OK);
	assert_int_equal(copy_reader_next(reader, &row, &err), STATUS_OK);
	copy_reader_close(&reader);
	assert_int_equal(count_items(session), MANY);
	assert_int_equal(copy_writer_open(session, &copy_in, "item", &writer, &err), STATUS_OK);
	write_item(writer, MANY + 1);
	copy_writer_free(&writer);
	assert_int_equal(count_items(session), MANY);
	session_close(&session);
}

static void
a_failed_copy_writes_nothing(void **state)
{
	struct session *session = open_session(NULL);

	(void)state;
	assert_int_equal(write_items(session, 5, 5, STATUS_OK), 1);
	write_items(session, 1, 10, STATUS_CONFLICT); /* 5 is there */
	assert_int_equal(count_items(session), 1);
	session_close(&session);
}

static void
clocks_are_compared(void **state)
{
	struct session *session = open_session(NULL);
	struct duration offset = {INT64_MAX};
	struct err err;

	(void)state;
	assert_int_equal(session_clock_offset(session, &offset, &err), STATUS_OK);
	assert_in_range(offset.us + US_PER_MINUTE, 0, 2 * US_PER_MINUTE); /* one host, one clock; the rest is a slow round trip */
	session_close(&session);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_has_its_settings),
		cmocka_unit_test(statements_take_and_give_values),
		cmocka_unit_test(errors_bring_detail_hint_and_class),
		cmocka_unit_test(transactions_commit_and_roll_back),
		cmocka_unit_test(a_snapshot_is_shared),
		cmocka_unit_test(a_lost_connection_is_transient_or_uncertain),
		cmocka_unit_test(a_cancelled_program_does_not_wait_for_the_server),
		cmocka_unit_test(who_cannot_connect_learns_why),
		cmocka_unit_test(who_must_write_waits_for_a_primary),
		cmocka_unit_test(of_several_hosts_the_one_that_answers_is_taken),
		cmocka_unit_test(rows_come_back_as_they_went),
		cmocka_unit_test(an_empty_stream_ends_at_once),
		cmocka_unit_test(a_copy_can_be_left_in_the_middle),
		cmocka_unit_test(a_failed_copy_writes_nothing),
		cmocka_unit_test(clocks_are_compared),
	};

	return cmocka_run_group_tests(tests, start, stop) != 0;
}
