/* Audiences that are defined by a query: what they may read, who is in them, how campaigns and approvals follow (F12, R-040, R-161, R-162, R-166). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/daypart.h"
#include "tests/support/plan_world.h"
#include "tests/support/rival.h"
#include "tests/support/sql_expect.h"
#include "tests/support/temp.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PLAN "--now 2026-11-23T00:00:00Z plan"
/* Ana and bea live in New York, leo in Brazil; ana and leo are gold. */
#define PEOPLE \
	"INSERT INTO template (name, language, business, channel, category, body, variables) VALUES" \
	" ('card', 'en', 'acme', 'sms', 'transactional', 'Hi', 'tier text(10), religion text(10)');" \
	"SELECT person('ana', '+12125550101', 'US-NY'), person('bea', '+12125550102', 'US-NY'), person('leo', '+5511987650001', 'BR');" \
	"UPDATE recipient SET variables = '{\"tier\": \"gold\", \"religion\": \"x\"}' WHERE source IN ('ana', 'leo')"
/* A table of the business's own, and views on it. */
#define OWN_TABLES \
	"CREATE SCHEMA crm; CREATE TYPE crm.level AS ENUM ('low', 'high'); CREATE DOMAIN crm.short AS text CHECK (length(VALUE) < 9);" \
	"CREATE TABLE crm.customer (number text, phone bigint, city text, level crm.level, religion text, likes text, extra jsonb, secret " \
	"text);" \
	"INSERT INTO crm.customer VALUES ('+1 212 555-0101', 12125550101, 'Albany', 'high', 'x', 'tea', '{\"health\": 1}', 's')," \
	"	('+1 212 555-0102', 12125550102, 'Oslo', 'low', 'y', 'tea', '{}', 's'), ('+49 30 901820', 4930901820, 'Albany', 'high', 'y', " \
	"NULL, NULL, 's')," \
	"	('0171', NULL, 'Albany', 'high', 'y', NULL, NULL, 's');" \
	"CREATE VIEW crm.believer AS SELECT number, city FROM crm.customer WHERE religion = 'x';" \
	"CREATE VIEW crm.albany AS SELECT number, city FROM crm.customer WHERE city = 'Albany';" \
	"CREATE VIEW crm.ill AS SELECT number, extra ->> 'health' AS state FROM crm.customer;" \
	"CREATE FUNCTION crm.peek(text) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT true';" \
	"CREATE FUNCTION crm.peek_both(text, text) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT true';" \
	"CREATE OPERATOR crm.=~ (FUNCTION = crm.peek_both, LEFTARG = text, RIGHTARG = text);" \
	"CREATE AGGREGATE crm.last (bigint) (SFUNC = int8larger, STYPE = bigint);" \
	"CREATE VIEW crm.peeking AS SELECT number FROM crm.customer WHERE crm.peek(secret);" \
	"CREATE VIEW crm.fan AS SELECT number FROM crm.customer WHERE likes = 'tea';" \
	"GRANT USAGE ON SCHEMA crm TO daypart_owner, daypart_segment_reader; GRANT SELECT ON ALL TABLES IN SCHEMA crm TO " \
	"daypart_segment_reader;" \
	"SELECT register_segment_column('crm.customer', c) FROM unnest('{number,phone,city,level}'::text[]) AS c;" \
	"SELECT register_segment_column('crm.customer', 'likes', profiling => true);" \
	"SELECT register_segment_column('crm.customer', 'secret', 'messaging');" \
	"SELECT register_segment_column(v, 'number') FROM unnest('{crm.believer,crm.albany,crm.ill,crm.peeking,crm.fan}'::text[]) AS v"
#define SEGMENT "INSERT INTO audience (name, business) VALUES ('seg', 'acme')"
#define MEMBERS \
	"SELECT source FROM audience_member JOIN audience USING (audience_id) JOIN recipient USING (bucket, recipient_id) WHERE name = 'seg' " \
	"ORDER BY 1"

static void
define(const struct plan_world *world, const char *query)
{
	char statement[1024];

	snprintf(statement, sizeof(statement), "SELECT define_segment('seg', $q$%s$q$)", query);
	sql_run(world->connection, statement);
}

/* Defining ---------------------------------------------------------------------------------------------------------------------------------- */

static void
a_query_chooses_who_is_in_the_audience(void **state)
{
	static const struct {
		const char *query, *counts, *members;
	} cases[] = {
		{"SELECT recipient_id FROM person WHERE region = 'US-NY'", "2|0|0", "ana\nbea"},
		{" SELECT recipient_id FROM person WHERE region LIKE 'US-%' AND added_at <= now() + interval '9 years' -- all\n;", "2|0|0",
			"ana\nbea"},
		{"SELECT DISTINCT p.recipient_id FROM person p JOIN person q USING (region) ORDER BY 1 LIMIT 10;", "3|0|0", "ana\nbea\nleo"},
		{"SELECT recipient_id FROM person WHERE var_tier = 'gold' EXCEPT SELECT recipient_id FROM person WHERE region = 'BR'", "1|0|0",
			"ana"},
		{"WITH x AS (SELECT 1 AS one) SELECT recipient_id FROM person, x WHERE lower(region) = 'us-ny' AND one = 1", "2|0|0", "ana\nbea"},
		{"SELECT 7::bigint AS recipient_id", "0|0|1", ""},
		{"SELECT NULL::bigint AS recipient_id", "0|0|0", ""},
		{"SELECT number AS phone FROM crm.customer", "2|0|2", "ana\nbea"},
		{"SELECT phone FROM crm.customer WHERE level = 'high'", "1|0|1", "ana"},
		{"SELECT c.number AS phone FROM crm.customer AS c WHERE c.city IN ('Oslo', 'Rome')", "1|0|0", "bea"},
		{"SELECT number AS phone FROM crm.albany", "1|0|2", "ana"},
		{"SELECT upper(city) AS phone FROM crm.customer", "0|0|2", ""},
	};
	const struct plan_world *world = *state;
	char statement[1024];

	sql_run(world->connection, PEOPLE);
	sql_run(world->connection, OWN_TABLES);
	sql_run(world->connection, "SELECT register_segment_column('daypart.recipient', 'variables.tier')");
	sql_run(world->connection, SEGMENT);
	for (size_t i = 0; i < COUNT(cases); i++) {
		snprintf(
			statement, sizeof(statement), "SELECT people, without_consent, strangers FROM define_segment('seg', $q$%s$q$)", cases[i].query);
		sql_expect(world->connection, statement, cases[i].counts);
		sql_expect(world->connection, MEMBERS, cases[i].members);
	}
}

static const struct {
	const char *query, *message, *hint;
} refusals[] = {
	/* what is protected */
	{"SELECT number AS phone FROM crm.customer WHERE religion = 'x'", "column \"crm.customer.religion\" speaks of religion",
		"leave it out"},
	{"SELECT number AS phone FROM crm.customer ORDER BY religion", "column \"crm.customer.religion\"", "R-161"},
	{"SELECT c.number AS phone FROM crm.customer c JOIN crm.customer d USING (religion)", "column \"crm.customer.religion\"", NULL},
	{"SELECT number AS phone FROM crm.customer c(a, number, b, d, e) WHERE e = 'x'", "column \"crm.customer.religion\"", NULL},
	{"SELECT number AS phone FROM crm.believer", "column \"crm.customer.religion\"", NULL},
	{"SELECT number AS phone FROM crm.ill", "key \"health\" speaks of health", NULL},
	{"SELECT recipient_id FROM daypart.recipient WHERE variables ->> 'religion' = 'x'", "key \"religion\" speaks of religion", NULL},
	{"SELECT recipient_id FROM recipient WHERE variables @> '{\"Religion\": \"x\"}'", "which is protected", NULL},
	/* what is not registered */
	{"SELECT recipient_id FROM recipient WHERE variables ->> 'tier' = 'gold'", "relation \"daypart.recipient\"", "read person"},
	{"SELECT recipient_id FROM recipient", "relation \"daypart.recipient\"", "var_NAME"},
	{"SELECT number AS phone FROM crm.customer WHERE extra IS NULL", "column \"crm.customer.extra\" is not registered", "daypart_privacy"},
	{"SELECT number AS phone FROM crm.customer WHERE secret = 's'", "\"crm.customer.secret\" may be used for messaging only",
		"leave it out"},
	{"SELECT number AS phone FROM (SELECT number, secret FROM crm.customer) AS c", "crm.customer.secret", NULL},
	{"SELECT recipient_id FROM person WHERE EXISTS (SELECT FROM slot)", "\"daypart.slot\" holds what messages are sent by",
		"segment_source"},
	{"SELECT recipient_id FROM delivery_plan", "\"daypart.delivery_plan\"", NULL},
	{"SELECT recipient_id FROM person, pg_stats", "\"pg_catalog.pg_stats\" is not for segments", NULL},
	{"SELECT recipient_id FROM person, information_schema.tables", "information_schema", NULL},
	{"SELECT recipient_id FROM person, public.other", "\"public.other\" is not registered", "register_segment_column('public.other'"},
	{"SELECT number AS phone FROM crm.customer AS c WHERE c::text LIKE '%y%'", "whole row", "name the columns"},
	{"SELECT number AS phone FROM crm.customer AS c WHERE row_to_json(c) ->> 'city' = 'x'", "whole row", NULL},
	{"SELECT recipient_id FROM person AS p GROUP BY p, recipient_id", "whole row", NULL},
	{"SELECT number AS phone FROM crm.customer WHERE ctid IS NOT NULL", "system column", NULL},
	/* what could read or do more */
	{"SELECT recipient_id FROM person WHERE random() < 0.5", "function \"random\" gives something else", "comparisons"},
	{"SELECT number AS phone FROM crm.customer TABLESAMPLE bernoulli (10)", "function \"bernoulli\"", NULL},
	{"SELECT recipient_id FROM person WHERE crm.peek(region)", "function \"peek\" is not one of PostgreSQL's own", NULL},
	{"SELECT recipient_id FROM person WHERE region OPERATOR(crm.=~) 'x'", "function \"peek_both\" is not one", NULL},
	{"SELECT crm.last(recipient_id) AS recipient_id FROM person", "function \"last\" is not one", NULL},
	{"SELECT number AS phone FROM crm.peeking", "function \"peek\"", NULL},
	{"SELECT recipient_id FROM person WHERE mask_phone(recipient_id) = ''", "function \"mask_phone\"", NULL},
	{"SELECT recipient_id FROM person WHERE table_to_xml('daypart.recipient', true, true, '')::text LIKE '%x%'",
		"function \"table_to_xml\" reads more", NULL},
	{"SELECT recipient_id FROM person WHERE query_to_xml('SELECT 1', true, true, '')::text LIKE '%x%'", "function \"query_to_xml\"", NULL},
	{"SELECT recipient_id FROM person WHERE pg_sleep(1) IS NULL", "function \"pg_sleep\"", NULL},
	{"SELECT recipient_id FROM person WHERE region::crm.short = 'x'", "type \"short\"", "enums are fine"},
	{"WITH RECURSIVE n AS (SELECT 1::bigint AS i UNION ALL SELECT i + 1 FROM n) SELECT i AS recipient_id FROM n", "is recursive", NULL},
	/* what is no query, or not one that gives people */
	{"", "query is missing", NULL},
	{"SELECT 1); DROP TABLE slot", "holds a semicolon", "chr(59)"},
	{"SELECT 1) AS x", "the query cannot be read: syntax error", "write one SELECT"},
	{"DELETE FROM recipient", "cannot be read", NULL},
	{"WITH gone AS (DELETE FROM recipient RETURNING recipient_id) SELECT recipient_id FROM gone", "cannot be read", NULL},
	{"SELECT recipient_id INTO x FROM person", "cannot be read", NULL},
	{"SELECT recipient_id FROM persons", "relation \"persons\" does not exist", NULL},
	{"SELECT recipient_id FROM person WHERE cty = 'x'", "column \"cty\" does not exist", "segment_source"},
	{"SELECT recipient_id FROM person WHERE region = $1", "cannot be read", NULL},
	{"SELECT recipient_id, region FROM person", "the query gives recipient_id, region", "one column"},
	{"SELECT region FROM person", "the query gives region", "recipient_id or phone"},
	{"SELECT region AS recipient_id FROM person", "column \"recipient_id\" has type text", "bigint"},
	{"SELECT added_at AS phone FROM person", "column \"phone\" has type timestamp", NULL},
	{"SELECT 1 / (recipient_id - recipient_id) AS recipient_id FROM person", "the query of segment \"seg\" fails: division by zero", NULL},
};

static void
a_query_that_reads_or_does_more_is_refused(void **state)
{
	const struct plan_world *world = *state;
	char statement[1024];

	sql_run(world->connection, PEOPLE);
	sql_run(world->connection, OWN_TABLES);
	sql_run(world->connection, SEGMENT "; CREATE TABLE public.other (a int)");
	for (size_t i = 0; i < COUNT(refusals); i++) {
		snprintf(statement, sizeof(statement), "SELECT define_segment('seg', $q$%s$q$)", refusals[i].query);
		sql_expect_error(world->connection, statement, &(struct sql_error){"22023", refusals[i].message, refusals[i].hint});
	}
	sql_expect(world->connection, "SELECT count(*) FROM segment_definition", "0");
	sql_expect(world->connection, "SELECT viewname FROM pg_views WHERE schemaname = 'daypart_segment'", "person");
	sql_expect_error(world->connection, "SELECT define_segment('nobody', 'SELECT 1')",
		&(struct sql_error){"22023", "audience \"nobody\" is unknown", "add it"});
	sql_expect_error(world->connection, "SELECT define_segment('acme', 'SELECT recipient_id FROM person')",
		&(struct sql_error){"22023", "audience \"acme\" is a list of people", "empty"});
}

/* Registering ------------------------------------------------------------------------------------------------------------------------------- */

static void
columns_are_registered_with_care(void **state)
{
	static const struct {
		const char *call, *message, *hint;
	} cases[] = {
		{"'crm.customer', 'religion'", "column \"crm.customer.religion\" speaks of religion", "leave it out"},
		{"'daypart.recipient', 'variables.religion'", "\"daypart.recipient.variables.religion\" speaks of religion", NULL},
		{"'daypart.recipient', 'variables.date_of_birth'", "speaks of age", NULL},
		{"'crm.customer', 'estadoCivil'", "speaks of family or marital status", NULL},
		{"'crm.customer_health', 'code'", "speaks of health", NULL},
		{"'crm.customer', 'extra'", "holds several values at once (type jsonb)", "make a view"},
		{"'crm.customer', 'town'", "column \"crm.customer.town\" is unknown", NULL},
		{"'crm.clients', 'town'", "column \"crm.clients.town\" is unknown", NULL},
		{"'shop.client', 'town'", "is unknown", NULL},
		{"'customer', 'city'", "relation \"customer\" has no schema", "crm.customer"},
		{"'crm.hidden', 'city'", "cannot be read by daypart_segment_reader", "GRANT SELECT (city) ON crm.hidden TO daypart_segment_reader"},
		{"'daypart.recipient', 'phone'", "column \"phone\" of daypart.recipient is not for segments", "variables.NAME"},
		{"'daypart.recipient', 'variables'", "is not for segments", NULL},
		{"'daypart.inbound', 'text'", "holds what messages are sent by", NULL},
		{"'pg_catalog.pg_authid', 'rolname'", "is no table of yours", NULL},
		{"'daypart_segment.person', 'region'", "is no table of yours", NULL},
		{"'crm.customer', 'city', 'fun'", "purpose \"fun\" is unknown", "segmentation"},
		{"NULL, 'city'", "relation is missing", NULL},
		{"'crm.customer', NULL", "column_name is missing", NULL},
	};
	const struct plan_world *world = *state;
	char statement[512];

	sql_run(world->connection, OWN_TABLES "; CREATE TABLE crm.hidden (city text)");
	for (size_t i = 0; i < COUNT(cases); i++) {
		snprintf(statement, sizeof(statement), "SELECT register_segment_column(%s)", cases[i].call);
		sql_expect_error(world->connection, statement, &(struct sql_error){"22023", cases[i].message, cases[i].hint});
	}
	sql_expect_error(world->connection, "SELECT revoke_segment_column('crm.customer', 'religion')",
		&(struct sql_error){"22023", "\"crm.customer.religion\" is not registered", NULL});
	/* what is never read need not be readable, and everything is kept */
	sql_run(world->connection, "SELECT register_segment_column('crm.customer', 'religion', 'messaging')");
	sql_run(world->connection,
		"SELECT register_segment_column('crm.customer', 'city', note => 'again'), revoke_segment_column('crm.customer', 'city')");
	sql_expect(world->connection,
		"SELECT note, revoked_at IS NULL, registered_by = session_user, revoked_by = session_user FROM segment_column WHERE column_name = "
		"'city' "
		"ORDER BY registered_at",
		"|f|t|t\nagain|f|t|t");
}

/* Words of the shipped file against names as people write them. */
static void
protected_names_are_recognised(void **state)
{
	const struct plan_world *world = *state;

	sql_expect(world->connection,
		"SELECT name FROM "
		"unnest('{Race,customerReligion,RELIGIÃO,RELIGIA\xcc\x83O,Ages,HIVStatus,is_muslim,sexualOrientation2,dataDeNascimento,"
		"Weltanschauung,"
		"estado-civil,geschlecht,raca/cor,धर्म,user_gender_code,unionMember,宗教信仰}'::text[]) AS name WHERE "
		"(protected_attribute_of(name)).word IS NULL",
		"Weltanschauung");
	sql_expect(world->connection,
		"SELECT name, (protected_attribute_of(name)).word FROM "
		"unnest('{region,timezone,language,source,added_at,city,trace,page,package,selection,"
		"environment,hospitality,rental,essex,middlesex,birthday_month,color,genre,average_order,coverage,message,eta,order_total,tier}'::"
		"text[]) AS name"
		" WHERE (protected_attribute_of(name)).word IS NOT NULL",
		"");
}

/* Whatever gets by the checks: the role that reads has no right to anything else. */
static void
the_reader_can_read_what_is_registered_and_no_more(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection, OWN_TABLES);
	sql_expect(world->connection,
		"SELECT n.nspname, c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname ~ '^daypart'"
		" AND c.relkind IN ('r', 'p', 'v') AND (has_any_column_privilege('daypart_segment_reader', c.oid, 'SELECT, INSERT, UPDATE, "
		"REFERENCES')"
		" OR has_table_privilege('daypart_segment_reader', c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER'))",
		"daypart_segment|person");
	sql_expect(world->connection,
		"SELECT rolcanlogin, rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = 'daypart_segment_reader'", "f|f|f|f");
	sql_expect(world->connection,
		"SELECT relname FROM pg_class WHERE relowner = 'daypart_segment_reader'::regrole UNION ALL"
		" SELECT proname FROM pg_proc WHERE proowner = 'daypart_segment_reader'::regrole UNION ALL"
		" SELECT rolname FROM pg_auth_members JOIN pg_roles AS r ON r.oid = roleid WHERE member = 'daypart_segment_reader'::regrole",
		"segment_people");
	sql_run(world->connection, "SET ROLE daypart_segment_reader");
	sql_expect_error(world->connection, "SELECT phone FROM daypart.recipient", &(struct sql_error){"42501", NULL, NULL});
	sql_expect_error(world->connection, "CREATE VIEW daypart_segment.mine AS SELECT 1", &(struct sql_error){"42501", NULL, NULL});
	sql_run(world->connection, "RESET ROLE");
}

/* Refreshing -------------------------------------------------------------------------------------------------------------------------------- */

static void
a_plan_refreshes_what_its_campaigns_need(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection, PEOPLE);
	sql_run(world->connection, "SELECT register_segment_column('daypart.recipient', 'variables.tier'); " SEGMENT);
	define(world, "SELECT recipient_id FROM person WHERE var_tier = 'gold'");
	sql_run(world->connection, "SELECT campaign('sale', '2026-11-23T03:00Z', '2026-11-26T00:00Z', audience => 'seg')");
	plan_world_make(world, PLAN);
	plan_world_expect(world, "sale", "ana|11-23 13:00:00 - 11-24 02:00:00\nleo|11-23 12:00:00 - 11-23 23:00:00");
	sql_run(world->connection,
		"UPDATE recipient SET variables = CASE source WHEN 'bea' THEN '{\"tier\": \"gold\"}'::jsonb END WHERE source <> 'ana'");
	plan_world_run(world, PLAN " --dry-run");
	sql_expect(world->connection, MEMBERS, "ana\nleo");
	plan_world_fail(world, "-v " PLAN, 0, "segment \"seg\": 2 people, 1 joined, 1 left");
	plan_world_expect(world, "sale", "ana|11-23 13:00:00 - 11-24 02:00:00\nbea|11-23 13:00:00 - 11-24 02:00:00\nleo|not_in_audience");
	sql_expect(world->connection, "SELECT people, added, removed, problem FROM segment", "2|1|1|");
	sql_run(world->connection, "SELECT campaign_set_status('sale', 'cancelled'); UPDATE recipient SET variables = NULL");
	plan_world_run(world, PLAN);
	sql_expect(world->connection, MEMBERS, "ana\nbea"); /* nobody needs it now */
	sql_expect(world->connection, "SELECT people, added, removed, strangers, problem FROM refresh_segment('seg')", "0|0|2|0|");
}

static void
whatever_makes_a_segment_unlawful_empties_it(void **state)
{
	static const struct {
		const char *query, *change, *problem;
	} cases[] = {
		{"SELECT recipient_id FROM person WHERE var_tier = 'gold'", "SELECT revoke_segment_column('daypart.recipient', 'variables.tier')",
			"column \"daypart_segment.person.var_tier\" is not registered for segments|leave it "
			"out%register_segment_column(''daypart.recipient'', ''variables.tier'')"},
		{"SELECT number AS phone FROM crm.customer WHERE city = 'Albany'",
			"INSERT INTO protected_attribute VALUES ('city', 'town', 'R-162')", "column \"crm.customer.city\" speaks of town%|leave%"},
		{"SELECT number AS phone FROM crm.albany",
			"CREATE OR REPLACE VIEW crm.albany AS SELECT number, city FROM crm.customer WHERE religion = 'x'",
			"column \"crm.customer.religion\" speaks of religion%|leave%"},
		{"SELECT number AS phone FROM crm.albany", "CREATE OR REPLACE VIEW crm.albany AS SELECT number, city FROM crm.customer",
			"a view that the query reads has changed%|%define the segment again"},
		{"SELECT number AS phone FROM crm.customer", "SELECT register_segment_column('crm.customer', 'number', 'messaging')",
			"column \"crm.customer.number\" may be used for messaging only|leave%"},
	};
	const struct plan_world *world = *state;
	char statement[512];

	sql_run(world->connection, PEOPLE);
	sql_run(world->connection, OWN_TABLES);
	sql_run(world->connection, "SELECT register_segment_column('daypart.recipient', 'variables.tier'); " SEGMENT);
	sql_run(world->connection, "SELECT campaign('sale', '2026-11-23T03:00Z', '2026-11-26T00:00Z', audience => 'seg')");
	for (size_t i = 0; i < COUNT(cases); i++) {
		sql_run(world->connection, "BEGIN; SAVEPOINT before");
		define(world, cases[i].query);
		sql_expect(world->connection, "SELECT people > 0, problem FROM segment", "t|");
		sql_run(world->connection, cases[i].change);
		snprintf(
			statement, sizeof(statement), "SELECT people, problem || '|' || cure LIKE '%s' FROM refresh_segment('seg')", cases[i].problem);
		sql_expect(world->connection, statement, "0|t");
		sql_expect(world->connection, MEMBERS, "");
		sql_run(world->connection, "ROLLBACK");
	}
	define(world, cases[0].query);
	sql_run(world->connection, "SELECT approve('campaign', 'sale')");
	plan_world_make(world, PLAN);
	sql_run(world->connection, cases[0].change);
	/* nothing leaves meanwhile, also to people whom it would have left out; what was planned stays so */
	plan_world_fail(world, PLAN, 1, "segment \"seg\" chooses nobody: column");
	plan_world_fail(world, PLAN, 1, "campaign \"sale\" cannot be planned: segment \"seg\" may not be used: column");
	plan_world_fail(world, "--now 2026-11-23T00:00:00Z status", 1, "a segment chooses nobody");
	sql_expect(world->connection, "SELECT count(*) FROM slot", "2");
	sql_expect(
		world->connection, "SELECT campaign_digest(c) <> campaign_hash FROM campaign AS c JOIN campaign_run USING (campaign_id)", "t");
	sql_run(world->connection, "SELECT register_segment_column('daypart.recipient', 'variables.tier')");
	plan_world_make(world, PLAN);
	plan_world_expect(world, "sale", "ana|11-23 13:00:00 - 11-24 02:00:00\nleo|11-23 12:00:00 - 11-23 23:00:00");
	sql_expect(
		world->connection, "SELECT campaign_digest(c) = campaign_hash FROM campaign AS c JOIN campaign_run USING (campaign_id)", "t");
}

/* A mistake of the moment is no reason to drop everybody. */
static void
a_query_that_fails_keeps_the_people(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection, PEOPLE);
	sql_run(world->connection, OWN_TABLES "; " SEGMENT);
	define(world, "SELECT number AS phone FROM crm.customer WHERE phone % length(city) >= 0");
	sql_run(world->connection, "SELECT campaign('sale', '2026-11-23T03:00Z', '2026-11-26T00:00Z', audience => 'seg')");
	plan_world_make(world, PLAN);
	sql_run(world->connection, "UPDATE crm.customer SET city = '' WHERE city = 'Oslo'");
	plan_world_fail(world, PLAN, 1, "segment \"seg\" keeps the people it had: the query of segment \"seg\" fails: division by zero");
	sql_expect(world->connection, MEMBERS, "ana\nbea");
	sql_expect(world->connection, "SELECT count(*) FROM slot", "2");
}

/* Consent to analytics ---------------------------------------------------------------------------------------------------------------------- */

static void
profiling_asks_for_consent_to_analytics(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection, PEOPLE);
	sql_run(world->connection, OWN_TABLES "; " SEGMENT);
	define(world, "SELECT number AS phone FROM crm.customer WHERE likes = 'tea'");
	sql_expect(world->connection, "SELECT profiling, people, without_consent, reads FROM segment",
		"t|0|2|{crm.customer.likes,crm.customer.number}");
	sql_run(world->connection,
		"SELECT record_analytics_consent('+12125550101', 'acme', 'form', '2026-01-01Z'), record_analytics_consent('+12125550102', 'bora', "
		"'form')");
	sql_expect(world->connection, "SELECT people, without_consent FROM refresh_segment('seg')", "1|1");
	define(world, "SELECT number AS phone FROM crm.fan"); /* a view does not hide it */
	sql_expect(world->connection, "SELECT profiling, people, without_consent FROM segment", "t|1|1");
	sql_expect(world->connection, MEMBERS, "ana");
	sql_run(world->connection, "SELECT campaign('sale', '2026-11-23T03:00Z', '2026-11-26T00:00Z', audience => 'seg')");
	plan_world_make(world, PLAN);
	sql_expect(world->connection, "SELECT count(*) FROM slot", "1");
	/* older words do not count any more */
	sql_run(world->connection, "SELECT withdraw_analytics_consent('+12125550101', 'acme', '2025-12-31Z')");
	sql_expect(world->connection, "SELECT count(*) FROM slot", "1");
	sql_run(world->connection, "SELECT withdraw_analytics_consent('+12125550101', 'acme', '2026-01-01Z')");
	sql_expect(world->connection, "SELECT count(*) FROM slot", "0");
	sql_expect(world->connection, MEMBERS, "");
	plan_world_make(world, PLAN);
	plan_world_expect(world, "sale", "ana|not_in_audience");
	sql_expect(world->connection,
		"SELECT state, method, by_whom = session_user FROM analytics_consent WHERE business_id = 1 ORDER BY at, state",
		"withdrawn||t\ngranted|form|t\nwithdrawn||t");
	sql_expect_error(world->connection, "SELECT record_analytics_consent('+12125550101', 'acme', '')",
		&(struct sql_error){"22023", "method is missing", NULL});
	sql_expect_error(world->connection, "SELECT record_analytics_consent('+12125550101', 'acme', 'form', '2027-01-01Z')",
		&(struct sql_error){"22023", "has not come yet", NULL});
	/* what becomes profiling later counts from the next refresh on */
	define(world, "SELECT number AS phone FROM crm.customer WHERE city = 'Oslo'");
	sql_expect(world->connection, "SELECT people FROM segment", "1");
	sql_run(world->connection, "SELECT register_segment_column('crm.customer', 'city', profiling => true)");
	sql_expect(world->connection, "SELECT people, without_consent FROM refresh_segment('seg')", "0|1");
	sql_expect(world->connection, "SELECT profiling FROM segment", "t");
}

/* One that is under way does not bring back whom it saw before; one that comes later sees the withdrawal. */
static void
a_withdrawal_waits_for_a_refresh_and_a_refresh_for_a_withdrawal(void **state)
{
	const struct plan_world *world = *state;
	PGconn *second = sql_connect(world->conninfo, NULL), *watcher = sql_connect(world->conninfo, NULL);

	sql_run(world->connection, PEOPLE);
	sql_run(world->connection, OWN_TABLES "; " SEGMENT);
	define(world, "SELECT number AS phone FROM crm.customer WHERE likes = 'tea'");
	sql_run(world->connection,
		"SELECT record_analytics_consent(phone, 'acme', 'form', '2026-01-01Z') FROM unnest('{+12125550101,+12125550102}'::text[]) AS "
		"phone");
	sql_run(world->connection, "BEGIN; SELECT refresh_segment('seg')");
	rival_send(second, "SELECT withdraw_analytics_consent('+12125550101', 'acme')");
	rival_expect_blocked(watcher, second);
	sql_run(world->connection, "COMMIT");
	rival_finish(second);
	sql_expect(world->connection, MEMBERS, "bea");
	sql_run(world->connection, "DELETE FROM audience_member WHERE audience_id = (SELECT audience_id FROM segment)");
	sql_run(world->connection, "BEGIN; SELECT withdraw_analytics_consent('+12125550102', 'acme')");
	rival_send(second, "SELECT refresh_segment('seg')");
	rival_expect_blocked(watcher, second);
	sql_run(world->connection, "COMMIT");
	rival_finish(second);
	sql_expect(world->connection, MEMBERS, "");
	PQfinish(second);
	PQfinish(watcher);
}

/* Approvals --------------------------------------------------------------------------------------------------------------------------------- */

/* F1: of a list, people are approved, of a segment its definition. */
static void
an_approval_covers_the_definition(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection, PEOPLE);
	sql_run(world->connection, SEGMENT);
	define(world, "SELECT recipient_id FROM person WHERE region = 'US-NY'");
	sql_run(world->connection, "SELECT campaign('sale', '2026-11-23T03:00Z', '2026-11-26T00:00Z', audience => 'seg')");
	plan_world_make(world, PLAN);
	sql_run(world->connection, "SELECT person('cyd', '+12125550103', 'US-NY')");
	plan_world_make(world, PLAN);
	sql_expect(world->connection, "SELECT count(*) FROM slot", "3");
	plan_world_fail(world, "--now 2026-11-23T00:00:00Z approve sale", 0, "it is approved as it is");
	define(world, "SELECT recipient_id FROM person WHERE region IN ('US-NY', 'BR')");
	plan_world_fail(world, PLAN, 0, "");
	sql_expect(world->connection, "SELECT count(*) FROM slot", "0");
	sql_expect(world->connection, "SELECT DISTINCT reason FROM suppression_report WHERE campaign = 'sale'", "not_attested");
	sql_run(world->connection, "SELECT approve('campaign', 'sale')");
	plan_world_make(world, PLAN);
	sql_expect(world->connection, "SELECT count(*) FROM slot", "4");
	/* an audience that is left out is no different */
	sql_run(world->connection, "UPDATE campaign SET audience = 'acme', except_audiences = '{seg}'; SELECT approve('campaign', 'sale')");
	plan_world_make(world, PLAN);
	sql_expect(world->connection, "SELECT count(*) FROM slot", "0");
	define(world, "SELECT recipient_id FROM person WHERE region = 'BR'");
	plan_world_make(world, PLAN);
	sql_expect(world->connection, "SELECT count(*) FROM slot", "0");
	sql_run(world->connection, "SELECT approve('campaign', 'sale')");
	plan_world_make(world, PLAN);
	sql_expect(world->connection, "SELECT count(*) FROM slot", "3");
}

static void
whoever_approves_sees_whom_it_chooses_now(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection, PEOPLE);
	sql_run(world->connection, SEGMENT);
	define(world, "SELECT recipient_id FROM person WHERE region = 'US-NY'");
	sql_run(world->connection,
		"SELECT campaign('sale', '2026-11-23T03:00Z', '2026-11-26T00:00Z', audience => 'seg'); UPDATE campaign SET status = 'draft', "
		"created_by = 'ana';"
		"DELETE FROM approval WHERE subject = 'campaign'; SELECT person('cyd', '+12125550103', 'US-NY')");
	plan_world_fail(world, "--format json --now 2026-11-23T00:00:00Z approve sale", 0, "{\"people\": 3, \"held\": 0");
	sql_expect(world->connection, "SELECT audience_people FROM approval WHERE subject = 'campaign'", "3");
	sql_run(world->connection, "UPDATE campaign SET status = 'draft'; SELECT revoke_segment_column('daypart.recipient', 'region')");
	plan_world_fail(world, "--now 2026-11-23T00:00:00Z approve sale", 65, "a segment of it is not in order");
	sql_expect(world->connection, "SELECT status FROM campaign", "draft");
}

/* Lists and listing ------------------------------------------------------------------------------------------------------------------------- */

static void
nobody_is_added_to_a_segment_by_hand(void **state)
{
	const struct plan_world *world = *state;
	char *file = temp_write("members.csv", "audience,phone\nseg,+12125550101\nsome,+12125550101\n");
	char *rejects = temp_path("members.rejects.csv");
	char line[1024];

	sql_run(world->connection, PEOPLE);
	sql_run(world->connection, SEGMENT);
	define(world, "SELECT recipient_id FROM person WHERE region = 'BR'");
	sql_expect_error(world->connection, "SELECT add_member('seg', '+12125550101')",
		&(struct sql_error){"22023", "audience \"seg\" is defined by a query", "define_segment"});
	snprintf(line, sizeof(line), "import audiences %s --rejects %s", file, rejects);
	plan_world_fail(world, line, 65, "");
	free(file);
	file = file_read(rejects, NULL);
	assert_non_null(strstr(file, "audience \"\"seg\"\" is defined by a query"));
	sql_expect(world->connection, MEMBERS, "leo");
	sql_run(world->connection, "SELECT end_segment('seg', 'by hand again'), add_member('seg', '+12125550101')");
	sql_expect(world->connection, MEMBERS, "ana\nleo");
	sql_expect(world->connection, "SELECT count(*) FROM segment", "0");
	sql_expect_error(
		world->connection, "SELECT refresh_segment('seg')", &(struct sql_error){"22023", "segment \"seg\" is unknown", "view segment"});
	sql_expect_error(world->connection, "SELECT end_segment('seg')", &(struct sql_error){"22023", "segment \"seg\" is unknown", NULL});
	sql_expect_error(world->connection, "SELECT define_segment('seg', 'SELECT recipient_id FROM person')",
		&(struct sql_error){"22023", "is a list of people", NULL});
	free(file);
	free(rejects);
}

static void
definitions_are_kept_and_listed(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection, PEOPLE);
	sql_run(world->connection, SEGMENT);
	define(world, "SELECT recipient_id FROM person");
	sql_run(world->connection, "SELECT define_segment('seg', 'SELECT recipient_id FROM person WHERE region = ''BR''', 'Brazil only')");
	sql_expect(world->connection, "SELECT audience, business, query, note, defined_by = session_user, people FROM segment",
		"seg|acme|SELECT recipient_id FROM person WHERE region = 'BR'|Brazil only|t|1");
	sql_expect(world->connection, "SELECT query, note FROM segment_definition ORDER BY defined_at",
		"SELECT recipient_id FROM person|\nSELECT recipient_id FROM person WHERE region = 'BR'|Brazil only");
	plan_world_fail(world, "--format json --now 2026-11-23T00:00:00Z status", 0, "\"audience\": \"seg\", \"people\": 1");
	/* as before after another refresh, and the same definition is the same for approvals */
	sql_run(world->connection, "CREATE TEMP TABLE old AS SELECT digest FROM segment");
	define(world, "SELECT recipient_id FROM person WHERE region = 'BR';");
	sql_expect(world->connection, "SELECT s.digest = o.digest FROM segment AS s, old AS o", "t");
}

/* A marketer defines, privacy registers; neither does the other's work, and nobody reads people through a segment. */
static void
roles_share_the_work(void **state)
{
	const struct plan_world *world = *state;
	PGconn *marketer, *privacy;

	sql_run(world->connection, PEOPLE);
	sql_run(world->connection, SEGMENT);
	sql_run(world->connection,
		"DO $$ BEGIN CREATE ROLE mia LOGIN; CREATE ROLE pat LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
		"GRANT daypart_marketer TO mia; GRANT daypart_privacy TO pat");
	marketer = sql_connect(world->conninfo, "mia");
	privacy = sql_connect(world->conninfo, "pat");
	sql_expect_error(
		marketer, "SELECT register_segment_column('daypart.recipient', 'variables.tier')", &(struct sql_error){"42501", NULL, NULL});
	sql_run(privacy, "SELECT register_segment_column('daypart.recipient', 'variables.tier')");
	sql_expect(marketer, "SELECT people FROM define_segment('seg', 'SELECT recipient_id FROM person WHERE var_tier = ''gold''')", "2");
	sql_expect(marketer, "SELECT defined_by FROM segment", "mia");
	sql_expect_error(marketer, "SELECT * FROM daypart_segment.person", &(struct sql_error){"42501", NULL, NULL});
	sql_expect_error(marketer, "SELECT * FROM daypart_segment.segment_4", &(struct sql_error){NULL, NULL, NULL});
	sql_expect_error(marketer, "SELECT segment_people('person', 'source', false)", &(struct sql_error){"42501", NULL, NULL});
	sql_expect_error(marketer, "INSERT INTO segment_definition (audience_id) VALUES (1)", &(struct sql_error){"42501", NULL, NULL});
	sql_expect_error(privacy, "SELECT define_segment('seg', 'SELECT recipient_id FROM person')", &(struct sql_error){"42501", NULL, NULL});
	PQfinish(marketer);
	PQfinish(privacy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLAN_WORLD_TEST(a_query_chooses_who_is_in_the_audience),
		PLAN_WORLD_TEST(a_query_that_reads_or_does_more_is_refused),
		PLAN_WORLD_TEST(columns_are_registered_with_care),
		PLAN_WORLD_TEST(protected_names_are_recognised),
		PLAN_WORLD_TEST(the_reader_can_read_what_is_registered_and_no_more),
		PLAN_WORLD_TEST(a_plan_refreshes_what_its_campaigns_need),
		PLAN_WORLD_TEST(whatever_makes_a_segment_unlawful_empties_it),
		PLAN_WORLD_TEST(a_query_that_fails_keeps_the_people),
		PLAN_WORLD_TEST(profiling_asks_for_consent_to_analytics),
		PLAN_WORLD_TEST(a_withdrawal_waits_for_a_refresh_and_a_refresh_for_a_withdrawal),
		PLAN_WORLD_TEST(an_approval_covers_the_definition),
		PLAN_WORLD_TEST(whoever_approves_sees_whom_it_chooses_now),
		PLAN_WORLD_TEST(nobody_is_added_to_a_segment_by_hand),
		PLAN_WORLD_TEST(definitions_are_kept_and_listed),
		PLAN_WORLD_TEST(roles_share_the_work),
	};

	return cmocka_run_group_tests(tests, plan_world_start, plan_world_stop) != 0;
}
