/*
 * Approvals and proof, and what goes on meanwhile: the audience grows, a record is revoked while messages are planned or leave, a wording is
 * approved while people agree to it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/race_fixture.h"
#include "tests/support/rival.h"
#include "tests/support/sql_expect.h"

#define RECORD "INSERT INTO attestation (subject, name, item, given_on) VALUES ('sender', 'north', 'own_name', '2026-01-01')"
#define REVOKE "SELECT revoke_attestation('sender', 'north', 'own_name')"
#define WORDING "INSERT INTO wording (business, name, body, created_by) VALUES ('acme', 'form', 'I agree', 'ana')"
#define APPROVE_WORDING "SELECT approve_wording('acme', 'form')"
#define AGREE "SELECT record_consent('+14155550101', 'acme', 'sms', given_at => '2026-02-01Z', method => 'web', wording => 'form')"
#define IMPORT \
	"SELECT import_begin(); INSERT INTO pg_temp.import_row VALUES" \
	"	(2, '{+14155550199,acme,sms,marketing,2026-02-01T00:00Z,web,I agree}');" \
	"SELECT import_batch('consents', '{phone,business,channel,category,given_at,method,wording}')"
#define SHOWS_WORDING \
	"SELECT count(*) FROM consent JOIN evidence_bit ON evidence & (1 << bit) <> 0 WHERE given_at = '2026-02-01Z' AND name = " \
	"'approved_wording'"

static void
expect_spring(const struct race *race, const char *slots, const char *held)
{
	sql_expect(race->watcher, "SELECT count(*) FROM slot WHERE run_id = 1", slots);
	sql_expect(race->watcher, "SELECT r.name, count(*) FROM suppressed JOIN reason AS r USING (reason) WHERE run_id = 1 GROUP BY 1", held);
	race_expect_healthy(race);
}

/* Proof --------------------------------------------------------------------------------------------------------------------------------------- */

/*
 * | revocation (second)        | claim (first)                          |
 * | BEGIN; the record ends     |                                        |
 * |                            | sees it live: five leave               |
 * | COMMIT                     |                                        |
 * |                            | another digest: holds the other seven  |
 */
static void
a_revocation_holds_what_was_planned_from_its_commit_on(void **state)
{
	const struct race *race = *state;

	sql_run(race->watcher, RECORD);
	race_plan(race);
	sql_run(race->second, "BEGIN; " REVOKE);
	race_claim(race->first, &(struct race_claim){.lane = "north", .limit = 5}, "5 0 0 0 0");
	sql_run(race->second, "COMMIT");
	race_claim(race->first, &(struct race_claim){.lane = "north"}, "0 0 0 7 0");
	expect_spring(race, "0", "campaign_changed|7");
}

/* The planner behind its last look at the campaigns: see test_life_cycle.c. A revocation waits for nobody. */
static void
a_revocation_during_the_publication_holds_its_slots(void **state)
{
	const struct race *race = *state;
	struct process *plan;

	sql_run(race->watcher, RECORD);
	sql_run(race->first, "BEGIN; LOCK TABLE permission_change IN ACCESS EXCLUSIVE MODE");
	plan = race_start_plan(race);
	rival_expect_program_blocked(race->watcher, plan);
	sql_run(race->second, REVOKE);
	sql_run(race->first, "COMMIT");
	race_expect_exit(&plan, 0);
	race_claim(race->first, &(struct race_claim){.lane = "north"}, "0 0 0 12 0");
	expect_spring(race, "0", "campaign_changed|12");
}

/* Before its last look: it plans again, from what there is then. */
static void
a_revocation_while_it_is_planned_is_planned_with(void **state)
{
	const struct race *race = *state;
	struct process *plan;

	sql_run(race->watcher, RECORD);
	sql_run(race->first, "BEGIN; SELECT FROM plan_head FOR UPDATE");
	plan = race_start_plan(race);
	rival_expect_program_blocked(race->watcher, plan);
	sql_run(race->second, REVOKE);
	sql_run(race->first, "COMMIT");
	race_expect_exit(&plan, 0);
	sql_expect(race->watcher,
		"SELECT campaign_digest(c) = campaign_hash FROM campaign AS c JOIN campaign_run USING (campaign_id) WHERE name = 'spring'", "t");
	race_expect_healthy(race);
}

/* Approvals ----------------------------------------------------------------------------------------------------------------------------------- */

/* F1: who approves has seen those people and no others; whoever comes meanwhile makes it another audience. */
static void
an_approval_is_of_the_audience_that_was_there(void **state)
{
#define APPROVED \
	"SELECT audience_people, audience_digest = (SELECT bit_xor(recipient_id) FROM audience_member) FROM approval WHERE name = 'spring' " \
	"ORDER BY approved_at DESC LIMIT 1"
	const struct race *race = *state;

	sql_run(race->second, "BEGIN; SELECT add_recipient('+14155550199'), add_member('everyone', '+14155550199')");
	sql_run(race->first, "SELECT approve('campaign', 'spring')");
	sql_expect(race->watcher, APPROVED, "12|t");
	sql_run(race->second, "COMMIT");
	sql_expect(race->watcher, APPROVED, "12|f");
	sql_run(race->first, "SELECT approve('campaign', 'spring')");
	sql_expect(race->watcher, APPROVED, "13|t");
}

/* Two who approve one draft: the second waits and is told. */
static void
a_draft_is_approved_once(void **state)
{
	const struct race *race = *state;

	sql_run(race->watcher,
		"INSERT INTO campaign (name, sender, template, audience, starts_at, ends_at, created_by)"
		"	SELECT 'autumn', sender, template, audience, starts_at, ends_at, created_by FROM campaign WHERE name = 'spring'");
	sql_run(race->first, "BEGIN; SELECT campaign_set_status('autumn', 'approved')");
	rival_send(race->second, "SELECT campaign_set_status('autumn', 'approved')");
	rival_expect_blocked(race->watcher, race->second);
	sql_run(race->first, "COMMIT");
	rival_expect_error(race->second, "22023");
	sql_expect(race->watcher, "SELECT count(*) FROM approval WHERE name = 'autumn'", "1");
}

/* Wordings ------------------------------------------------------------------------------------------------------------------------------------ */

/*
 * | consent (second)           | approval (first)                       |
 * | BEGIN; locks the wording,  |                                        |
 * | stores without its facts   |                                        |
 * |                            | waits for the wording                  |
 * | COMMIT                     |                                        |
 * |                            | finds the consent and adds the facts   |
 */
static void
approve_behind(const struct race *race, const char *consent)
{
	sql_run(race->watcher, WORDING);
	sql_run(race->second, "BEGIN");
	sql_run(race->second, consent);
	rival_send(race->first, APPROVE_WORDING);
	rival_expect_blocked(race->watcher, race->first);
	sql_run(race->second, "COMMIT");
	rival_finish(race->first);
	sql_expect(race->watcher, SHOWS_WORDING, "1");
}

/* The other way round the consent waits, and sees the approval. */
static void
approve_before(const struct race *race, const char *consent)
{
	sql_run(race->watcher, WORDING);
	sql_run(race->first, "BEGIN; " APPROVE_WORDING);
	rival_send(race->second, consent);
	rival_expect_blocked(race->watcher, race->second);
	sql_run(race->first, "COMMIT");
	rival_finish(race->second);
	sql_expect(race->watcher, SHOWS_WORDING, "1");
}

static void
a_consent_under_way_gains_when_its_wording_is_approved(void **state)
{
	approve_behind(*state, AGREE);
}

static void
a_consent_waits_for_the_approval_of_its_wording(void **state)
{
	approve_before(*state, AGREE);
}

static void
an_import_under_way_gains_when_its_wording_is_approved(void **state)
{
	approve_behind(*state, IMPORT);
}

static void
an_import_waits_for_the_approval_of_its_wording(void **state)
{
	approve_before(*state, IMPORT);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, race_set_up, race_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_revocation_holds_what_was_planned_from_its_commit_on),
		TEST(a_revocation_during_the_publication_holds_its_slots),
		TEST(a_revocation_while_it_is_planned_is_planned_with),
		TEST(an_approval_is_of_the_audience_that_was_there),
		TEST(a_draft_is_approved_once),
		TEST(a_consent_under_way_gains_when_its_wording_is_approved),
		TEST(a_consent_waits_for_the_approval_of_its_wording),
		TEST(an_import_under_way_gains_when_its_wording_is_approved),
		TEST(an_import_waits_for_the_approval_of_its_wording),
	};

	return cmocka_run_group_tests_name("approval", tests, race_group_set_up, race_group_tear_down);
}
