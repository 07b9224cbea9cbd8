/* Reads the catalogue and proves the rules that keep the schema ready for distribution, safe and explained. Each query returns what breaks one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>

#include "tests/support/pg_cluster.h"
#include "tests/support/schema_fixture.h"
#include "tests/support/sql_expect.h"

#define HOT \
	"(SELECT oid, relname FROM pg_class WHERE relnamespace = 'daypart'::regnamespace AND relkind IN ('r', 'p') AND (relname IN " \
	"('recipient', 'analytics_consent', 'feedback'," \
	"'consent', 'consent_event', 'suppression', 'audience_member', 'inbound', 'outside_send', 'slot', 'suppressed', 'inflight', " \
	"'release'," \
	"'outbox', 'outbox_dropped', 'permission_change', 'sink_answer', 'settlement') OR relispartition))"
#define TABLES "(SELECT * FROM pg_class WHERE relnamespace = 'daypart'::regnamespace AND relkind IN ('r', 'p', 'v') AND NOT relispartition)"
/* What somebody other than the owner may call, and is meant to: not what CHECK constraints and set-based imports call. */
#define ROUTINES \
	"(SELECT * FROM pg_proc WHERE pronamespace = 'daypart'::regnamespace AND prosecdef AND EXISTS (SELECT FROM aclexplode(proacl) AS a" \
	" WHERE a.grantee NOT IN ('daypart_owner'::regrole, 'daypart_keyholder'::regrole)))"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct rule {
	const char *says, *breaches;
};

static const struct rule rules[] = {
	{"the hot tables are the ones this test knows: a table with a bucket is hot",
		"SELECT attrelid::regclass FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid WHERE attname = 'bucket' AND relkind IN ('r', "
		"'p')"
		" AND relnamespace = 'daypart'::regnamespace AND relname <> 'bucket_gate' AND c.oid NOT IN (SELECT oid FROM " HOT " AS hot)"},
	{"every hot table has a primary key",
		"SELECT relname FROM " HOT " AS hot WHERE NOT EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = hot.oid AND i.indisprimary)"},
	{"bucket leads every unique key of a hot table",
		"SELECT indexrelid::regclass FROM pg_index AS i JOIN " HOT " AS hot ON hot.oid = i.indrelid"
		" JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE i.indisunique AND a.attname <> 'bucket'"},
	{"a partition key comes last in its primary key, unless it is part of what the key is about",
		"SELECT i.indexrelid::regclass FROM pg_index AS i JOIN pg_partitioned_table AS p ON p.partrelid = i.indrelid"
		" WHERE i.indisprimary AND i.indkey[i.indnkeyatts - 1] <> p.partattrs[0]"},
	{"nothing has a default partition", "SELECT partrelid::regclass FROM pg_partitioned_table WHERE partdefid <> 0"},
	{"nothing has a trigger", "SELECT tgrelid::regclass, tgname FROM pg_trigger WHERE NOT tgisinternal"},
	{"nothing has a rule but views",
		"SELECT ev_class::regclass FROM pg_rewrite WHERE rulename <> '_RETURN' AND ev_class::regclass::text LIKE '%daypart%'"},
	{"no foreign key touches a hot table",
		"SELECT conname FROM pg_constraint WHERE contype = 'f' AND (conrelid IN (SELECT oid FROM " HOT
		" AS a) OR confrelid IN (SELECT oid FROM " HOT " AS b))"},
	{"nothing is excluded by an EXCLUDE constraint",
		"SELECT conname FROM pg_constraint WHERE contype = 'x' AND connamespace = 'daypart'::regnamespace"},
	{"hot tables have no identity and no sequence",
		"SELECT hot.relname, attname FROM " HOT
		" AS hot JOIN pg_attribute ON attrelid = hot.oid LEFT JOIN pg_attrdef AS d ON d.adrelid = attrelid"
		" AND d.adnum = attnum WHERE attidentity <> '' OR pg_get_expr(d.adbin, d.adrelid) LIKE '%nextval%'"},
	{"hot tables have no generated column",
		"SELECT relname, attname FROM " HOT " AS hot JOIN pg_attribute ON attrelid = hot.oid WHERE attgenerated <> ''"},
	{"recipient guards the bucket formula",
		"SELECT 'no CHECK' WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = 'recipient'::regclass AND "
		"pg_get_constraintdef(oid) LIKE"
		" '%bucket = %bucket_of(recipient_id)%')"},
	{"every table and view is explained", "SELECT relname FROM " TABLES " AS t WHERE obj_description(oid, 'pg_class') IS NULL"},
	{"every column is explained",
		"SELECT relname, attname FROM " TABLES " AS t JOIN pg_attribute ON attrelid = t.oid AND attnum > 0 AND NOT attisdropped"
		" WHERE col_description(t.oid, attnum) IS NULL"},
	{"every word list is explained",
		"SELECT typname FROM pg_type WHERE typnamespace = 'daypart'::regnamespace AND typtype = 'e' AND obj_description(oid, 'pg_type') IS "
		"NULL"},
	{"every function that a role may call is explained",
		"SELECT proname FROM " ROUTINES " AS r WHERE obj_description(oid, 'pg_proc') IS NULL"},
	{"every function that runs as its owner fixes its search path, with temporary things last",
		"SELECT proname FROM pg_proc WHERE pronamespace = 'daypart'::regnamespace AND prosecdef"
		" AND NOT coalesce(array_to_string(proconfig, '|') ~ 'search_path=daypart, (pg_catalog, )?pg_temp', false)"},
	{"nothing belongs to whoever installed it",
		"SELECT relname FROM pg_class WHERE relnamespace = 'daypart'::regnamespace AND relowner::regrole::text NOT LIKE 'daypart\\_%'"
		" UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'daypart'::regnamespace AND proowner::regrole::text NOT LIKE "
		"'daypart\\_%'"
		" UNION ALL SELECT typname FROM pg_type WHERE typnamespace = 'daypart'::regnamespace AND typowner::regrole::text NOT LIKE "
		"'daypart\\_%'"},
	{"the public may call pure functions only",
		"SELECT proname FROM pg_proc WHERE pronamespace = 'daypart'::regnamespace AND (provolatile <> 'i' OR prosecdef) AND proname <> "
		"'refuse'"
		" AND has_function_privilege('public', oid, 'EXECUTE')"},
	{"the public may read nothing",
		"SELECT relname FROM pg_class WHERE relnamespace = 'daypart'::regnamespace AND relkind IN ('r', 'p', 'v')"
		" AND has_table_privilege('public', oid, 'SELECT')"},
	{"a check refuses with a message, so it is one of the functions that raise",
		"SELECT proname FROM pg_proc WHERE pronamespace = 'daypart'::regnamespace AND proname LIKE 'check\\_%'"
		" AND pg_get_functiondef(oid) NOT LIKE '%refuse(%'"},
};

static bool
holds(PGconn *connection, const struct rule *rule)
{
	char *breaches = sql_text(connection, rule->breaches);
	const bool none = breaches[0] == '\0';

	if (!none)
		print_error("%s: not so for\n%s\n", rule->says, breaches);
	free(breaches);
	return none;
}

static void
every_rule_holds(void **state)
{
	(void)state;
	struct pg_cluster *cluster = pg_cluster_start(NULL);
	char *conninfo = schema_database(cluster, "rules");
	PGconn *connection = sql_connect(conninfo, NULL);
	size_t held = 0;

	for (size_t i = 0; i < COUNT(rules); i++)
		held += holds(connection, &rules[i]);
	PQfinish(connection);
	free(conninfo);
	pg_cluster_stop(&cluster);
	assert_int_equal(held, COUNT(rules));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_rule_holds)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
