#include "schema_fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "planner/core/reason.h"
#include "planner/core/vocabulary.h"
#include "sql/migrate.h"
#include "sql/session.h"
#include "sql_embedded.h"
#include "sql_expect.h"
#include "temp.h"

enum status
schema_migrate(const char *conninfo, struct err *err)
{
	const struct session_options options = {.conninfo = conninfo, .application = "test", .statement_timeout_ms = 60000};
	struct migrate_report report;
	struct session *session = NULL;

	if (session_open(&options, &session, err) != STATUS_OK)
		return err->status;
	if (session_begin(session, SESSION_READ_COMMITTED, err) == STATUS_OK && migrate_upgrade(session, &report, err) == STATUS_OK &&
		session_commit(session, err) == STATUS_OK)
		err->status = STATUS_OK;
	session_close(&session);
	return err->status;
}

void
schema_install(PGconn *connection, int version)
{
	char record[256];

	sql_run(connection, "BEGIN");
	sql_run(connection, sql_query_migrate_bootstrap.text);
	for (size_t i = 0; i < sql_migration_count && sql_migrations[i].number <= version; i++) {
		sql_run(connection, sql_migrations[i].text);
		snprintf(record, sizeof(record), "INSERT INTO migration (version, name, checksum) VALUES (%d, '%s', '%s')",
			sql_migrations[i].number, sql_migrations[i].name, sql_migrations[i].sha256);
		sql_run(connection, record);
	}
	sql_run(connection, "COMMIT");
}

static void
fill_word(PGconn *connection, const char *word, const char *meaning)
{
	char statement[256];

	snprintf(
		statement, sizeof(statement), "INSERT INTO consent_word VALUES (normalise_keyword('%s'), '%s', 'house.sources')", word, meaning);
	sql_run(connection, statement);
}

static void
fill_words(PGconn *connection)
{
	char statement[1024];

	for (size_t i = 0; i < reason_table_count; i++) {
		const struct reason_info *reason = &reason_table[i];

		snprintf(statement, sizeof(statement), "INSERT INTO reason VALUES (%d, '%s', '%s', $t$%s$t$, $t$%s$t$)", reason->code, reason->name,
			reason->kind == REASON_HELD ? "held" : "suppressed", reason->text, reason->cure);
		sql_run(connection, statement);
	}
	for (int bit = 0; bit < EVIDENCE_COUNT; bit++) {
		snprintf(statement, sizeof(statement), "INSERT INTO evidence_bit VALUES (%d, '%s')", bit, evidence_name((enum evidence)bit));
		sql_run(connection, statement);
	}
	for (const char *const *word = consent_inbound_words; *word != NULL; word++)
		fill_word(connection, *word, "inbound");
	for (const char *const *word = consent_offline_words; *word != NULL; word++)
		fill_word(connection, *word, "offline");
	fill_word(connection, "pre ticked", "refused");
	fill_word(connection, "purchased", "purchased");
	sql_run(connection, "INSERT INTO region VALUES ('BR'), ('DE'), ('IN'), ('US'), ('US-CA')");
	sql_run(connection, "INSERT INTO time_zone VALUES ('America/Los_Angeles'), ('America/Sao_Paulo'), ('Asia/Kolkata'), ('Europe/Berlin')");
	sql_run(connection, "INSERT INTO installation (rehearsal) VALUES (true)");
	sql_run(connection, "SELECT set_secret_key(sha256('a key for tests'))");
}

char *
schema_database(const struct pg_cluster *cluster, const char *name)
{
	char *conninfo = pg_cluster_new_database(cluster, name, NULL);
	struct err err = ERR_INIT;
	PGconn *connection;

	if (schema_migrate(conninfo, &err) != STATUS_OK)
		support_fail("cannot migrate: %s; %s; %s", err.primary, err.detail, err.hint);
	connection = sql_connect(conninfo, NULL);
	fill_words(connection);
	PQfinish(connection);
	return conninfo;
}

void
schema_world(PGconn *connection)
{
	sql_run(connection,
		"INSERT INTO business (name, country, created_by) VALUES ('acme', 'US', 'ana'), ('other', 'US', 'ana');"
		"INSERT INTO sender (name, business, channel, address, created_by)"
		"	VALUES ('acme-wa', 'acme', 'whatsapp', '+14155550100', 'ana'), ('acme-sms', 'acme', 'sms', '24365', 'ana');"
		"INSERT INTO template (name, language, business, channel, category, body, variables, status, created_by)"
		"	VALUES ('hello', 'en', 'acme', 'whatsapp', 'marketing', 'Hi {{first_name}}', 'first_name text(10), total number(8), since "
		"date',"
		"		'approved', 'ana'), ('hello', 'pt', 'acme', 'whatsapp', 'marketing', 'Oi {{first_name}}', 'first_name text(10)', "
		"'approved', "
		"'ana');"
		"INSERT INTO audience (name, business) VALUES ('everyone', 'acme');"
		"INSERT INTO campaign (name, sender, template, audience, starts_at, ends_at, created_by)"
		"	SELECT name, 'acme-wa', 'hello', 'everyone', '2026-11-23T00:00Z', '2026-12-01T00:00Z', 'ana'"
		"	FROM unnest('{spring,summer}'::text[]) AS name;"
		"SELECT campaign_set_status('spring', 'approved'), campaign_set_status('summer', 'approved');"
		"INSERT INTO rulebook (hash) VALUES ('\\x00');"
		"INSERT INTO plan_run (as_of, started_at, published_at, horizon, rulebook_id, tzdata, numbering, added, moved, cancelled, kept, "
		"suppressed,"
		"	held) VALUES ('2026-11-22Z', '2026-11-22Z', '2026-11-22Z', '7 days', 1, '2026a', '1', 6, 0, 0, 0, 0, 4);"
		"UPDATE plan_head SET plan_run = 1;"
		"INSERT INTO campaign_run (campaign_id, occurrence, business_id, sender_id, channel, category, campaign_hash, first_at, last_at)"
		"	SELECT campaign_id, '2026-11-23', 1, 1, 'whatsapp', 'marketing', campaign_digest(c), '2026-11-23Z', '2026-12-01Z' FROM "
		"campaign AS c"
		"	ORDER BY 1;"
		"INSERT INTO class (regions, zones, category, channel, rulebook_id, regimes, zone_hashes, hashed_from, hashed_until)"
		"	VALUES ('{BR}', '{America/Sao_Paulo}', 'marketing', 'whatsapp', 1, 'BR', '{1}', '2026-01-01Z', '2027-01-01Z');"
		"INSERT INTO class_offset VALUES (1, '2026-01-01Z', -10800);"
		"SELECT ensure_release_part(1)");
	sql_run(connection,
		"SELECT add_recipient(phone), record_consent(phone, 'acme', 'whatsapp', given_at => '2026-01-01Z', method => 'web'),"
		"	add_member('everyone', phone) FROM (SELECT '+1415555010' || n AS phone FROM generate_series(1, 5) AS n) AS p;"
		"INSERT INTO slot SELECT recipient_id, '2026-11-23 15:00Z'::timestamptz + (phone - 14155550101) * interval '1 minute',"
		"	'2026-11-23 23:00Z', 1, 1, 1, bucket, 1, 0 FROM recipient;"
		"INSERT INTO slot SELECT recipient_id, '2026-11-24 15:00Z', '2026-11-24 23:00Z', 2, 1, 1, bucket, 1, 0 FROM recipient"
		"	WHERE phone = 14155550101;"
		"INSERT INTO suppressed (recipient_id, at, run_id, plan_run, bucket, reason, kind)"
		"	SELECT recipient_id, '2026-11-22Z', 2, 1, bucket, 22, 'held' FROM recipient WHERE phone <> 14155550101");
}
