#include "oracle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glob.h>
#include <stdlib.h>

#include "sql_expect.h"
#include "temp.h"

enum { SHOWN_MAX = 2000 }; /* characters of what was found */

static void
expect_no_rows(PGconn *connection, const char *file)
{
	char *query = file_read(file, NULL);
	char *found = sql_text(connection, query);

	if (*found != '\0')
		fail_msg("%s found:\n%.*s", file, SHOWN_MAX, found);
	free(found);
	free(query);
}

void
oracle_expect_lawful(PGconn *connection)
{
	glob_t checks;

	expect_no_rows(connection, DAYPART_SOURCE_DIR "/tests/support/oracle_windows.sql");
	expect_no_rows(connection, DAYPART_SOURCE_DIR "/tests/support/oracle_caps.sql");
	if (glob(DAYPART_SOURCE_DIR "/sql/check/*.sql", 0, NULL, &checks) != 0)
		support_fail("there is nothing in sql/check");
	for (size_t i = 0; i < checks.gl_pathc; i++)
		expect_no_rows(connection, checks.gl_pathv[i]);
	globfree(&checks);
}
