/* Each SQLSTATE has the class a caller branches on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sql/session.h"

static const struct {
	const char *sqlstate;
	enum status expected;
} cases[] = {
	{"", STATUS_TRANSIENT},                                 /* the connection is gone */
	{"08006", STATUS_TRANSIENT},                            /* connection_failure */
	{"08P01", STATUS_INTERNAL},                             /* protocol_violation */
	{"22007", STATUS_INVALID},                              /* invalid_datetime_format */
	{"22023", STATUS_INVALID},                              /* what our checks raise */
	{"23502", STATUS_INVALID},                              /* not_null_violation */
	{"23505", STATUS_CONFLICT},                             /* unique_violation */
	{"23514", STATUS_INVALID},                              /* check_violation */
	{"25001", STATUS_INVALID},                              /* wrong isolation */
	{"25006", STATUS_TRANSIENT},                            /* a standby */
	{"25P02", STATUS_INTERNAL},                             /* in_failed_sql_transaction */
	{"28P01", STATUS_INVALID},                              /* invalid_password */
	{"40001", STATUS_TRANSIENT},                            /* serialization_failure */
	{"40003", STATUS_UNCERTAIN},                            /* statement_completion_unknown */
	{"40P01", STATUS_TRANSIENT},                            /* deadlock_detected */
	{"42501", STATUS_INVALID},                              /* insufficient_privilege */
	{"42601", STATUS_INTERNAL},                             /* syntax_error in a statement of ours */
	{"42P01", STATUS_INTERNAL},                             /* undefined_table */
	{"53300", STATUS_TRANSIENT},                            /* too_many_connections */
	{"55000", STATUS_INVALID},                              /* object_not_in_prerequisite_state */
	{"55P03", STATUS_TRANSIENT},                            /* lock_not_available */
	{"57014", STATUS_TRANSIENT},                            /* query_canceled by a timeout */
	{"57P01", STATUS_TRANSIENT},                            /* admin_shutdown */
	{"P0001", STATUS_INVALID},                              /* raise_exception */
	{"P0002", STATUS_NOT_FOUND},                            /* no_data_found */
	{"XX000", STATUS_INTERNAL}, {"ZZ999", STATUS_INTERNAL}, /* not in the table */
};

static void
every_sqlstate_has_its_class(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (sqlstate_status(cases[i].sqlstate) != cases[i].expected)
			print_error("SQLSTATE \"%s\"\n", cases[i].sqlstate);
		assert_int_equal(sqlstate_status(cases[i].sqlstate), cases[i].expected);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_sqlstate_has_its_class)};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
