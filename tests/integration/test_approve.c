/* daypart approve and daypart lint, as a marketer and a second person use them, under the whole shipped rulebook. */
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
#include "tests/support/sql_expect.h"
#include "tests/support/temp.h"

#define AT "--now 2026-11-22T12:00:00Z "
#define JSON "--format json " AT

/* Runs the line; each part must be in what it writes, or missing when it begins with "!". */
static void
expect(const struct plan_world *world, const char *line, int exit_code, const char *const *parts)
{
	struct process_result result = daypart_run(world->conninfo, line);

	for (; *parts != NULL; parts++) {
		const bool absent = **parts == '!';

		if ((strstr(result.out, *parts + absent) != NULL || strstr(result.err, *parts + absent) != NULL) == absent) {
			print_error("daypart %s: exit code %d, not \"%s\"\n%s%s\n", line, result.exit_code, *parts, result.out, result.err);
			fail();
		}
	}
	if (result.exit_code != exit_code)
		print_error("daypart %s: exit code %d\n%.3000s%s\n", line, result.exit_code, result.out, result.err);
	assert_int_equal(result.exit_code, exit_code);
	process_result_free(&result);
}
#define EXPECT(line, exit_code, ...) expect(world, line, exit_code, (const char *const[]){__VA_ARGS__, NULL})

/* A draft that ana submitted: in order but for its approval. */
static void
submit(const struct plan_world *world)
{
	sql_run(world->connection,
		"INSERT INTO campaign (name, sender, template, audience, starts_at, ends_at, created_by, offer_terms, offer_expires_on)"
		"	VALUES ('sale', 'acme', 'acme whatsapp', 'acme', '2026-11-23T03:00Z', '2026-11-26T00:00Z', 'ana', '20 percent off', "
		"'2026-12-31');"
		"SELECT attest('campaign', 'sale')");
}

/* Campaigns ------------------------------------------------------------------------------------------------------------------------------- */

/* F1: by regime, the held apart. */
static void
whom_a_campaign_reaches_is_shown_and_kept(void **state)
{
	const struct plan_world *world = *state;

	submit(world);
	sql_run(world->connection,
		"SELECT person('nia', '+12125550101', 'US-NY'), person('bia', '+5511987650001'), person('leo', '+5511987650002', 'BR'),"
		"	person('toll', '+18005550101')");
	EXPECT(JSON "approve sale --note looked", 0, "{\"people\": 4, \"held\": 1, \"refused\": 0, \"reached\": 3}",
		"{\"regime\": \"br\", \"people\": 2", "{\"regime\": \"us\", \"people\": 1", "{\"regime\": \"whatsapp\", \"people\": 3",
		"{\"reason\": \"non_geographic\", \"people\": 1", "\"problems\": []", "\"status\": \"approved\"", "\"changed\": true",
		"!\"regime\": \"in\"");
	sql_expect(world->connection, "SELECT subject, name, audience_people, note FROM approval WHERE subject = 'campaign'",
		"campaign|sale|4|looked");
}

static void
an_approval_holds_until_the_campaign_or_its_audience_changes(void **state)
{
	const struct plan_world *world = *state;

	submit(world);
	sql_run(world->connection, "SELECT person('nia', '+12125550101', 'US-NY')");
	EXPECT(JSON "approve sale", 0, "\"changed\": true");
	EXPECT(JSON "approve sale", 0, "\"changed\": false", "nothing: it is approved as it is");
	sql_run(world->connection, "SELECT person('ned', '+12125550102', 'US-NY')");
	EXPECT(JSON "approve sale", 0, "{\"people\": 2, \"held\": 0", "\"changed\": true");
	sql_run(world->connection, "UPDATE campaign SET offer_terms = '30 percent off'");
	EXPECT(JSON "approve sale", 0, "\"changed\": true");
	sql_expect(world->connection, "SELECT audience_people FROM approval WHERE subject = 'campaign' ORDER BY approved_at", "1\n2\n2");
}

/* F6: each missing record is told with the rule that asks for it; nothing is approved. */
static void
a_campaign_is_refused_while_a_record_is_missing(void **state)
{
	const struct plan_world *world = *state;

	submit(world);
	sql_run(world->connection,
		"SELECT person('nia', '+12125550101', 'US-NY'); DELETE FROM attestation WHERE item IN ('own_name', '10dlc.samples', 'br.cnpj');"
		"DELETE FROM approval WHERE subject = 'template' AND name = 'acme whatsapp'");
	EXPECT(JSON "approve sale", 65, "\"rules\": \"base.own_name\"", "\"people\": 1, \"places\": \"US-NY\"",
		"\"rules\": \"house.approval.template\"", "daypart approve", "cannot be approved: 2 problems", "!br.cnpj", "!\"status\"");
	sql_expect(world->connection, "SELECT status FROM campaign", "draft");
	sql_expect(world->connection, "SELECT count(*) FROM approval WHERE subject = 'campaign'", "0");
	sql_run(world->connection,
		"INSERT INTO attestation (subject, name, item, given_on, valid_until) VALUES ('sender', 'acme', 'own_name', '2026-01-01', "
		"'2026-11-01')");
	EXPECT(JSON "approve sale", 65, "\"rules\": \"base.own_name\"", "ends for the sender");
}

static void
a_campaign_is_refused_for_its_text_and_goods(void **state)
{
	const struct plan_world *world = *state;

	submit(world);
	sql_run(world->connection,
		"SELECT person('nia', '+12125550101', 'US-NY'); UPDATE template SET body = 'acme ABCDEF: 20 percent off'; SELECT "
		"approve('template', "
		"'acme whatsapp'); UPDATE campaign SET tags = 'alcohol'");
	EXPECT(JSON "approve sale", 65, "\"rules\": \"base.content", "\"rules\": \"us.content.label\"", "\"rules\": \"whatsapp.goods\"",
		"\\\"alcohol\\\" is forbidden there");
}

/* Not registered in Brazil: nobody goes, unless these people are held. What must be attested refuses all the same. */
static void
the_rest_can_be_held(void **state)
{
	const struct plan_world *world = *state;

	submit(world);
	sql_run(world->connection,
		"SELECT person('nia', '+12125550101', 'US-NY'), person('bia', '+5511987650001'); UPDATE campaign SET sender = 'acme-sms', template "
		"= "
		"'acme sms'; DELETE FROM attestation WHERE item = 'br.cnpj'");
	EXPECT(JSON "approve sale", 65, "\"rules\": \"br-carriers.cnpj\"", "\"refused\": 1, \"reached\": 1", "--hold-rest",
		"!\"regime\": \"whatsapp\"");
	EXPECT(JSON "approve sale --hold-rest", 0, "\"rules\": \"br-carriers.cnpj\"", "\"status\": \"approved\"");
	sql_run(world->connection, "UPDATE campaign SET offer_terms = 'none'; DELETE FROM attestation WHERE item = 'human_translation'");
	EXPECT(JSON "approve sale --hold-rest", 65, "\"rules\": \"br.human_translation\"", "cannot be approved: 1 problem", "!--hold-rest");
}

/* a platform binds whoever sends for the business, too; a country does not. */
static void
what_a_platform_asks_is_asked_of_the_provider_too(void **state)
{
	const struct plan_world *world = *state;

	submit(world);
	sql_run(world->connection,
		"SELECT person('nia', '+12125550101', 'US-NY'); INSERT INTO business (name, created_by) VALUES ('relay', 'ana');"
		"UPDATE business SET provider = 'relay' WHERE name = 'acme'; DELETE FROM attestation WHERE name = 'acme' AND item = 'dlt.pan'");
	EXPECT(JSON "approve sale", 65, "\"rules\": \"whatsapp.documentation\"", "\"rules\": \"whatsapp.no_prohibited_use\"",
		"!base.lawful_consent");
	sql_run(world->connection,
		"SELECT attest('business', 'relay'); UPDATE attestation SET valid_until = '2026-11-20' WHERE name = 'relay' AND "
		"item = 'no_prohibited_use' AND given_on < '2026-11-01'");
	EXPECT(JSON "approve sale", 65, "\"rules\": \"whatsapp.no_prohibited_use\"", "cannot be approved: 1 problem");
	sql_run(world->connection, "UPDATE attestation SET valid_until = NULL");
	EXPECT(JSON "approve sale", 0, "\"problems\": []");
	EXPECT(AT "plan", 0, "");
	sql_expect(world->connection, "SELECT count(*) FROM slot", "1");
}

/* People in Brazil need Portuguese; people elsewhere get what there is. */
static void
one_language_of_several_will_do(void **state)
{
	const struct plan_world *world = *state;

	submit(world);
	sql_run(world->connection,
		"SELECT person('bia', '+5511987650001'); UPDATE template SET body = 'acme' WHERE language = 'en' AND name = 'acme whatsapp';"
		"SELECT approve('template', 'acme whatsapp')");
	EXPECT(JSON "approve sale", 0, "\"problems\": []", "\"languages\": \"en\", \"what\": \"the text does not say how to opt out",
		"!br.language");
	sql_run(world->connection,
		"DELETE FROM template WHERE language = 'pt-BR' AND name = 'acme whatsapp'; SELECT approve('template', 'acme whatsapp')");
	EXPECT(JSON "approve sale", 65, "\"rules\": \"br.language\"", "add it in \\\"pt-BR\\\"");
}

static void
whoever_submitted_does_not_approve(void **state)
{
	const struct plan_world *world = *state;

	submit(world);
	sql_run(world->connection, "SELECT person('nia', '+12125550101', 'US-NY'); UPDATE campaign SET created_by = session_user");
	EXPECT(AT "approve sale", 65, "who cannot approve it as well", "let somebody else approve it");
	sql_expect(world->connection, "SELECT status FROM campaign", "draft");
}

/* Florida's hours end at 20:00 and only advise: before the first plan it is known whom they are about, then how many messages go against them. */
static void
what_only_advises_is_shown_with_what_the_plan_told(void **state)
{
	const struct plan_world *world = *state;

	submit(world);
	sql_run(world->connection,
		"SELECT people(2), person('ana', '+13055550101', 'US-FL', 'America/New_York');"
		"UPDATE campaign SET starts_at = '2026-11-24T01:00Z', ends_at = '2026-11-24T02:00Z'");
	EXPECT(JSON "approve sale", 0, "{\"rule\": \"us-fl.window\", \"people\": 1, \"against\": null, \"as_planned\": null, \"says\": \"",
		"!us-ok.window");
	EXPECT(JSON "plan", 0, "\"rule\": \"us-fl.window\"");
	sql_run(world->connection, "SELECT person('eva', '+13055550102', 'US-FL', 'America/New_York')");
	EXPECT(
		JSON "approve sale", 0, "{\"rule\": \"us-fl.window\", \"people\": 2, \"against\": 1, \"as_planned\": \"2026-11-22 12:00:00+00\"");
	sql_run(world->connection, "UPDATE campaign SET starts_at = '2026-11-23T14:00Z', ends_at = '2026-11-23T20:00Z'");
	EXPECT(JSON "approve sale", 0, "\"changed\": true", "\"against\": 1");
	EXPECT(JSON "plan", 0, "!us-fl.window");
	EXPECT(JSON "approve sale", 0, "{\"rule\": \"us-fl.window\", \"people\": 2, \"against\": 0");
}

/* A marketer has no right to read numbers, and needs none. */
static void
a_marketer_approves(void **state)
{
	const struct plan_world *world = *state;
	char conninfo[512];
	struct process_result result;

	submit(world);
	sql_run(world->connection,
		"SELECT person('nia', '+12125550101', 'US-NY'); DO $$ BEGIN CREATE ROLE bea LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END "
		"$$;"
		"GRANT daypart_marketer TO bea");
	snprintf(conninfo, sizeof(conninfo), "%s user=bea", world->conninfo);
	result = daypart_run(conninfo, JSON "approve sale");
	if (result.exit_code != 0)
		print_error("%s%s\n", result.out, result.err);
	assert_int_equal(result.exit_code, 0);
	process_result_free(&result);
	sql_expect(world->connection, "SELECT approved_by FROM approval WHERE subject = 'campaign'", "bea");
}

/* Templates, senders, businesses, wordings ------------------------------------------------------------------------------------------------ */

static void
what_campaigns_stand_on_is_approved_first(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection, "DELETE FROM approval");
	EXPECT(JSON "approve --sender acme", 0, "\"approved\": \"sender\", \"name\": \"acme\", \"changed\": true");
	EXPECT(JSON "approve --sender acme", 0, "\"changed\": false");
	EXPECT(JSON "approve --business acme", 0, "\"approved\": \"business\"");
	sql_run(world->connection, "UPDATE template SET name = 'acme' WHERE name = 'acme whatsapp'; SELECT attest('template', 'acme')");
	EXPECT(JSON "approve --template acme", 0, "\"approved\": \"template\", \"name\": \"acme\", \"changed\": true");
	sql_run(world->connection, "UPDATE template SET body = body || ' Now.' WHERE name = 'acme' AND language = 'en'");
	EXPECT(JSON "approve --template acme", 0, "\"changed\": true");
	sql_expect(
		world->connection, "SELECT subject, count(*) FROM approval GROUP BY subject ORDER BY subject", "business|1\nsender|1\ntemplate|2");
}

/* What only India asks of a sender refuses nobody; what everybody asks does. */
static void
only_what_is_missing_everywhere_refuses(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection, "DELETE FROM attestation WHERE subject = 'sender' AND item <> 'own_name'");
	EXPECT(JSON "approve --sender acme-sms", 0, "\"problems\": []", "\"regime\": \"in\", \"rule\": \"in.dlt.header\"");
	sql_run(world->connection, "DELETE FROM attestation WHERE subject = 'sender'");
	EXPECT(JSON "approve --sender acme-sms", 65, "\"rule\": \"base.own_name\"",
		"sender \"acme-sms\" cannot be approved: 1 problem everywhere");
	EXPECT(AT "approve --sender nobody", 65, "there is no sender \"nobody\"", "daypart import senders");
	EXPECT(AT "approve --template nothing", 65, "there is no template \"nothing\"", "daypart import templates");
}

static void
a_wording_is_approved_once(void **state)
{
	const struct plan_world *world = *state;

	sql_run(world->connection,
		"INSERT INTO wording (business, name, body, created_by) VALUES ('acme', 'box', 'I agree to receive marketing messages', 'ana')");
	EXPECT(JSON "approve --wording acme/box", 0, "I agree to receive marketing messages", "\"approved\": \"wording\"");
	EXPECT(JSON "approve --wording acme/box", 65, "is approved already");
	EXPECT(AT "approve --wording box", 64, "\"box\" is not BUSINESS/NAME");
	EXPECT(AT "approve --wording acme/none", 65, "none");
	EXPECT(AT "approve sale --template x", 64, "one thing at a time");
}

/* Lint ------------------------------------------------------------------------------------------------------------------------------------ */

static void
a_text_is_judged_before_it_is_imported(void **state)
{
	const struct plan_world *world = *state;
	char *file = temp_write("templates.csv",
		"name,language,business,channel,category,body,variables\n"
		"good,en,acme,sms,marketing,\"Promotion: 20 percent off, from acme. Help: help@acme.example. Reply STOP to opt out.\",\n"
		"bad,en,acme,sms,marketing,\"Hi {{who}}, big sale\",who text(20)\n");
	char line[512];

	snprintf(line, sizeof(line), JSON "lint --file %s", file);
	EXPECT(line, 1, "\"name\": \"bad\", \"rules\": \"base.content", "\"places\": \"everywhere\"", "\"rules\": \"br.language\"",
		"\"looked_at\": 2", "!\"name\": \"good\", \"rules\": \"base.content");
	snprintf(line, sizeof(line), AT "import templates %s", file);
	EXPECT(line, 0, "warning: template \"bad\": the text does not say how to opt out", "(everywhere: base.content",
		"2 of 2 templates break rules somewhere", "see daypart lint TEMPLATE");
	sql_expect(world->connection, "SELECT count(*) FROM template WHERE name IN ('good', 'bad')", "2");
	free(file);
}

static void
templates_and_campaigns_are_judged_as_they_are_stored(void **state)
{
	const struct plan_world *world = *state;

	submit(world);
	EXPECT(JSON "lint sale", 65, "there is no template \"sale\"", "daypart lint --all");
	EXPECT(JSON "lint --campaign sale", 1, "\"rules\": \"house.approval.second_person\"", "\"places\": \"everywhere\"");
	sql_run(world->connection, "SELECT person('nia', '+12125550101', 'US-NY')");
	EXPECT(JSON "lint --campaign sale", 1, "\"problems\": 1", "\"places\": \"US-NY\"");
	EXPECT(JSON "lint --all", 0, "\"looked_at\": 3", "\"problems\": []");
	sql_run(world->connection, "UPDATE template SET body = 'acme ABCDEF' WHERE name = 'bora whatsapp' AND language = 'en'");
	EXPECT(JSON "lint --all", 1, "\"name\": \"bora whatsapp\", \"rules\": \"base.content", "!\"name\": \"acme whatsapp\"");
	EXPECT(JSON "lint", 64, "give one of TEMPLATE");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PLAN_WORLD_TEST(whom_a_campaign_reaches_is_shown_and_kept),
		PLAN_WORLD_TEST(an_approval_holds_until_the_campaign_or_its_audience_changes),
		PLAN_WORLD_TEST(a_campaign_is_refused_while_a_record_is_missing),
		PLAN_WORLD_TEST(a_campaign_is_refused_for_its_text_and_goods),
		PLAN_WORLD_TEST(the_rest_can_be_held),
		PLAN_WORLD_TEST(what_a_platform_asks_is_asked_of_the_provider_too),
		PLAN_WORLD_TEST(one_language_of_several_will_do),
		PLAN_WORLD_TEST(whoever_submitted_does_not_approve),
		PLAN_WORLD_TEST(what_only_advises_is_shown_with_what_the_plan_told),
		PLAN_WORLD_TEST(a_marketer_approves),
		PLAN_WORLD_TEST(what_campaigns_stand_on_is_approved_first),
		PLAN_WORLD_TEST(only_what_is_missing_everywhere_refuses),
		PLAN_WORLD_TEST(a_wording_is_approved_once),
		PLAN_WORLD_TEST(a_text_is_judged_before_it_is_imported),
		PLAN_WORLD_TEST(templates_and_campaigns_are_judged_as_they_are_stored),
	};

	return cmocka_run_group_tests(tests, plan_world_start, plan_world_stop) != 0;
}
