/*
 * verb - the table of verbs and its help
 */
#include "verb.h"

#include <string.h>

#include "conf/nearest.h"
#include "import_kind.h"

const struct verb verb_table[] = {
	{"init", "init [--rehearsal]", "create or upgrade schema daypart and load the rulebook",
		"Creates schema daypart, its roles and its secret key, or upgrades it, and loads the rulebook, the calendars and the words for\n"
		"protected attributes of the settings after checking them. Safe to repeat, also while daypartd runs; says what it did.\n"
		"\n"
		"  --rehearsal   marks a new installation as one on which daypartd may run with a simulated clock\n",
		verb_init, NULL},
	{"import", "import KIND FILE.csv [--rejects FILE] [--dry-run]", "bring a CSV file in",
		"Brings a CSV file in (RFC 4180, UTF-8, a header row in any order; - is standard input). KIND is one of businesses, senders,\n"
		"templates, wordings, recipients, consents, opt-outs, audiences, campaigns, attestations, sends, feedback and sender-states; "
		"columns are named as in the\n"
		"tables, and template variables of recipients var:NAME. Good rows land, bad rows go to a file with line, field and reason; its "
		"phones are masked.\n"
		"Importing the same file again changes nothing. Exits 65 when a row was rejected.\n"
		"\n"
		"  --rejects FILE   where bad rows go; else FILE.rejects.csv\n"
		"  --dry-run        does everything and takes it back\n",
		verb_import, import_kinds_print},
	{"plan", "plan [--campaign NAME] [--horizon 7d] [--dry-run] [--jobs N]",
		"give everybody in approved campaigns a lawful slot, or a reason",
		"Plans or re-plans the approved campaigns and prints what that changes: per campaign, per reason, per class of people that moved, "
		"and\n"
		"ten people as a sample. A slot that is still lawful keeps its instant; with nothing changed since the last plan nobody is looked "
		"at.\n"
		"In table plan, added, moved and cancelled are changes, first_due and last_due those of what was added or moved, and preferred\n"
		"tells how many of these got an hour that they, the campaign or the rulebook prefer; done has left before.\n"
		"The new plan becomes visible whole or not at all; Ctrl-C leaves the old one. With -q silent unless something is wrong.\n"
		"Audiences that are defined by a query choose their people anew first; a dry run takes those of the last time.\n"
		"\n"
		"  --campaign NAME   only this campaign\n"
		"  --horizon 7d      how far ahead; the default is plan.horizon of the settings\n"
		"  --dry-run         the same work and the same tables, but nothing is written; first whom each campaign reaches, by regime\n"
		"                    like a plan it looks at numbers and consents, so it takes role daypart_planner\n"
		"  --jobs N          so many sessions load a large plan; the default is the number of processors, at most 4\n"
		"\n"
		"Exits 1 when an approved campaign cannot be planned or a query did not choose, 75 when another plan is running or this one was\n"
		"cancelled.\n",
		verb_plan, NULL},
	{"approve",
		"approve CAMPAIGN | --template NAME | --sender NAME | --business NAME | --wording BUSINESS/NAME [--note TEXT] [--hold-rest]",
		"let a campaign be planned, as a second person",
		"Approves a campaign, so that the next plan gives it slots. First it prints whom the campaign reaches, by regime, with those who "
		"are\n"
		"held because their place is unknown, and everything the law has against it: texts, registrations, attestations, approvals, "
		"goods.\n"
		"While anything that binds is missing it refuses, with the cure of each. Whoever submitted a campaign cannot approve it. A "
		"campaign that\n"
		"is edited, or whose audience changes, must be approved again; of an audience by a query the definition counts. Approver, note,\n"
		"audience and rulebook are kept.\n"
		"\n"
		"  --template NAME           a template in all its languages\n"
		"  --sender NAME             a sender\n"
		"  --business NAME           a business\n"
		"  --wording BUSINESS/NAME   a wording by which people are asked for their consent; it never changes afterwards\n"
		"  --note TEXT               is kept with the approval\n"
		"  --hold-rest               approves a campaign although somebody is concerned by a problem: these people get nothing until it "
		"is\n"
		"                            mended, the others do; what must be attested refuses all the same\n"
		"\n"
		"What only single countries ask of a template, sender or business is shown and does not refuse: a campaign that goes there is "
		"asked.\n"
		"Exits 65 when it refuses.\n",
		verb_approve, NULL},
	{"test", "test CAMPAIGN --to AUDIENCE", "send a campaign to a few people who look at it",
		"Tries a draft, approved or paused campaign out on a seed list: makes a campaign of its own, \"CAMPAIGN (test 1)\", with the same "
		"texts,\n"
		"sender, category and hours, that begins now and ends within a day. The next plan gives it slots. All the law applies: consent, "
		"opt-outs,\n"
		"windows, caps, in which its messages count. The campaign itself and its approval stay as they are.\n"
		"\n"
		"  --to AUDIENCE  at most 50 people of the business\n"
		"\n"
		"No second person is asked, because who asks for a test is who reads it; whoever joins the audience later gets nothing of it.\n",
		verb_test, NULL},
	{"pause", "pause CAMPAIGN [--note TEXT]", "keep a campaign's messages back",
		"Pauses a campaign: nothing of it leaves until it is resumed, and what waits in the outbox is not given out. Slots that come due\n"
		"meanwhile are taken out of the queue, and the next plan after `daypart resume` places these people anew; later ones stay.\n"
		"The note is kept.\n",
		verb_pause, NULL},
	{"resume",
		"resume CAMPAIGN [--note TEXT] | --sender NAME | --business NAME | --of-campaign NAME | --template NAME --reason TEXT [--rule "
		"RULE]",
		"release a paused campaign's messages again, or what a breaker has stopped",
		"Ends a pause of a campaign; or, with a reason that is kept with the name of the login, ends what a breaker has stopped: "
		"everything of a\n"
		"sender, a business, a campaign or a template. Nothing of it leaves before the next `daypart plan`. What has tripped, and why, is "
		"in\n"
		"`daypart status` and view breaker_state; a rule of India's also asks for other texts than those that were complained about, "
		"approved\n"
		"since (daypart approve --template). The same breaker trips again with the next complaint or opt-out for as long as its limit is "
		"near.\n"
		"\n"
		"  --note TEXT          is kept with the end of a pause\n"
		"  --sender NAME        what a breaker has stopped of a sender\n"
		"  --business NAME      of a business\n"
		"  --of-campaign NAME   of a campaign\n"
		"  --template NAME      of a template\n"
		"  --reason TEXT        why it may go on; needed for each of these\n"
		"  --rule RULE          this rule's breaker only\n",
		verb_resume, NULL},
	{"cancel", "cancel CAMPAIGN [--note TEXT]", "give a campaign up for good",
		"Cancels a campaign: what has not been released is removed and accounted for as suppressed. This cannot be undone.\n", verb_cancel,
		NULL},
	{"stop", "stop --all", "stop every release at once",
		"Stops daypartd's releases of all campaigns within a second, until `daypart start`.\n", verb_stop, NULL},
	{"start", "start", "end a stop", "Ends `daypart stop --all`: what is due and still lawful leaves at its sender's own pace.\n",
		verb_start, NULL},
	{"settle", "settle [--key KEY] [--campaign NAME] [--older-than 1h] [--all] [--sent | --not-sent] [--reason TEXT]",
		"decide on messages of which nobody knows whether they were sent",
		"Lists the messages of which nobody knows whether they were sent: an answer that got lost, or a daypartd that died with them in\n"
		"flight. They count as sent, and are never sent again before somebody decides. What the sink can be asked about settles itself.\n"
		"\n"
		"  --key KEY          one message, by the idempotency key that the provider knows, too\n"
		"  --campaign NAME    those of a campaign\n"
		"  --older-than 1h    those that have been uncertain for so long\n"
		"  --all              every one\n"
		"  --sent             they were: they count as handed over at the instant of the attempt\n"
		"  --not-sent         they were not: the next plan gives these people a new instant, if the campaign still has one\n"
		"  --reason TEXT      how that is known; kept with the name of who decided, in table settlement\n"
		"\n"
		"Exits 1 when it lists any.\n",
		verb_settle, NULL},
	{"rules", "rules check | load | show REGION CATEGORY | diff OLD NEW | coverage", "the rulebook as the planner sees it",
		"  rules check [--rulebook DIR] [--calendars DIR]\n"
		"      Reads the rulebook files and calendars of the settings, or of these folders, and prints every mistake as FILE:LINE: FIELD: "
		"what\n"
		"      and cure, all in one run (exit 65), those of the file of protected attributes too; or, when there is none, what is in "
		"them:\n"
		"      regimes, calendars and their coverage, which reading of the documents is on, and what somebody should look at: regimes "
		"past\n"
		"      their review_by, calendars that end within a year.\n"
		"  rules load\n"
		"      The same check; then puts these rules in force, and the words for protected attributes, and says what that changes.\n"
		"  rules show REGION CATEGORY [--channel whatsapp|sms] [--on DATE] [--fact WORD ...]\n"
		"      The merged rule in words, with its sources: hours by day, caps, consent and its evidence, texts, templates, records that "
		"must\n"
		"      exist and how long they take, and what lifts a rule; apart from that advice, other readings, rules of other dates, notes.\n"
		"      REGION is a code of ISO 3166 (US-TX), several with commas for people who may be in any of them. What no --fact says is not\n"
		"      known, and counts as binding: --fact tag:alcohol, --fact 'not sender:IN', --fact consent:customer.\n"
		"  rules diff OLD NEW\n"
		"      What NEW changes, part by part, and whether that tightens or loosens. Each is a folder, `files` (those of the settings),\n"
		"      `active`, or the number of a rulebook in the database.\n"
		"  rules coverage [--rulebook DIR] [--calendars DIR]\n"
		"      Every row of the regulations: strength, owner, the rules that cite it, where it is enforced, its tests. Exits 1 when "
		"something\n"
		"      that software can enforce lacks a rule or a test.\n"
		"\n"
		"check, show, coverage and diff of folders need no database.\n",
		verb_rules, NULL},
	{"lint", "lint TEMPLATE | --campaign NAME | --all | --file FILE.csv", "what the law has against a text or a campaign",
		"Judges a template's texts, with every variable at its longest, and what else the law asks of it; or a whole campaign, for the "
		"places of\n"
		"its audience. Without an audience: every region that an enforced regime names, and elsewhere. A problem is told once with all its "
		"places;\n"
		"it binds when it leaves people there without any language of the template. Advice stands apart.\n"
		"\n"
		"  --campaign NAME   a campaign, all its templates, its sender and business\n"
		"  --all             every template\n"
		"  --file FILE.csv   texts of a file for `daypart import templates`, by the rulebook files of the settings; needs no database\n"
		"\n"
		"Exits 1 when something binds. `daypart import templates` warns of the same; `daypart approve` refuses.\n",
		verb_lint, NULL},
	{"status", "status", "what runs, what waits, what needs a person",
		"Shows senders, campaigns, backlog, plans and what needs a person. Exits 0 when nothing does, 1 when something does.\n",
		verb_status, NULL},
};
const size_t verb_count = sizeof(verb_table) / sizeof(verb_table[0]);

const struct verb *
verb_find(const char *name)
{
	for (size_t i = 0; i < verb_count; i++)
		if (strcmp(verb_table[i].name, name) == 0)
			return &verb_table[i];
	return NULL;
}

const char *
verb_nearest(const char *name)
{
	const char *names[sizeof(verb_table) / sizeof(verb_table[0])];

	for (size_t i = 0; i < verb_count; i++)
		names[i] = verb_table[i].name;
	return nearest_word(name, names, verb_count);
}

void
verb_print_list(FILE *out)
{
	fputs("daypart plans WhatsApp and SMS campaigns so that every message leaves when it is lawful where its recipient is.\n"
		  "\n"
		  "usage: daypart [--config FILE] [--now INSTANT] [-v|-q] [--format table|csv|json] VERB ...\n"
		  "\n",
		out);
	for (size_t i = 0; i < verb_count; i++)
		fprintf(out, "  %-8s  %s\n", verb_table[i].name, verb_table[i].summary);
	fputs(
		"\n"
		"  --config FILE      settings; else $DAYPART_CONFIG, /etc/daypart/daypart.cfg, or the defaults\n"
		"  --now INSTANT      fixes the clock, as in 2026-11-23T09:00:00-05:00\n"
		"  -v, -q             say more (-vv still more), or only errors\n"
		"  --format FORMAT    of results: table, csv or json\n"
		"  --version, --help\n"
		"\n"
		"`daypart help VERB` says more about a verb, `daypart help settings` lists the settings. Exit codes: 0 done, 1 something needs a\n"
		"person, 64 wrong arguments, 65 wrong input, 69 no database, 70 a bug, 75 try again later, 78 settings, rights or schema "
		"version.\n",
		out);
}

void
verb_print_manual(FILE *out, const struct verb *verb)
{
	fprintf(out, "usage: daypart %s\n\n%s", verb->usage, verb->manual);
	if (verb->print_more != NULL)
		verb->print_more(out);
}
