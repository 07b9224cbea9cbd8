/*
 * import_world - daypart import against a database of its own for each test
 *
 *     IMPORT_TEST(good_rows_land_beside_bad_ones)              // with import_world_start and import_world_stop around the group
 *     result = import_world_file("recipients", path, "--dry-run");
 *     sql_expect(import_world.connection, "SELECT count(*) FROM recipient", "5");
 *
 * The database holds the world of schema_fixture.h.
 */
#ifndef DAYPART_TESTS_SUPPORT_IMPORT_WORLD_H
#define DAYPART_TESTS_SUPPORT_IMPORT_WORLD_H

#include <libpq-fe.h>

#include "process.h"

struct import_world {
	struct pg_cluster *cluster;
	char *conninfo;
	PGconn *connection;
};
extern struct import_world import_world;

enum { IMPORT_COMMAND_MAX = 4096 };

int import_world_start(void **state);
int import_world_stop(void **state);
int import_world_make(void **state);
int import_world_end(void **state);
#define IMPORT_TEST(test) cmocka_unit_test_setup_teardown(test, import_world_make, import_world_end)

struct process_result import_world_file(const char *kind, const char *path, const char *options);
struct process_result import_world_bytes(const char *kind, const char *bytes, size_t size);
/* With \n, \0 and \xHH in the text, as in case files. */
struct process_result import_world_case(const char *kind, const char *escaped);
/* The last file of rejects, or "". The caller frees it. */
char *import_world_rejects(void);
/* Imports and expects the counts new, changed, unchanged, rejected. */
void import_world_expect_counts(const char *kind, const char *text, const char *counts);

#endif
