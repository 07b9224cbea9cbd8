/*
 * planning_change - whether anything a business's plan is made from has changed since its last plan
 *
 *     planning_change_look(planning, business_id, &unchanged, &err);     // in the snapshot, before streams and stores are opened
 *     ... when changed: decide ...
 *     planning_change_gather(planning, business_id, &err);               // still in the snapshot, once everybody was looked at
 *     ... publish ...
 *     planning_change_store(planning, session, plan_run, &err);          // in the transaction that publishes, or that finds nothing to publish
 *
 * What a plan is made from is written down as a text, one input a line, and stored with the plan (plan_state). Planning again begins with writing it
 * down again: when the text is the same, the plan would be the same, because planning again with nothing changed changes nothing (run_plan.h); then
 * nobody is looked at. The first line that differs ends the comparison; the others are then written from what the plan reads anyway. The inputs:
 *
 *     program, rulebook, zones, numbering, emergencies, freeze    the law as this host reads it (the rulebook's texts never change)
 *     campaign         each to be planned, in the order of priority: campaign_digest, pace, portfolio, approval, problem, last use of its texts
 *     suppressions, inbound, excepted, members, consents, recipients, people, contacts, outside
 *                      sets of rows: how many, and their hashes by exclusive or
 *     run              of each run of the business: who is queued or has been sent the message, who was refused at the gate, who goes without and why
 *
 * No writer can slip by: rows are read, not writes counted. A message that leaves normally is no change, for its person moves from the queue to the
 * ledger and both count as one set (but for who was written to at all, where a text for first messages asks for it); refused, expired and held ones
 * are, as is everything that is written about people. What is stored of the runs is what the plan was going to make of its snapshot, so whatever
 * happened beside it is a change when it is looked at next. Where a slot is due is no input: only a plan moves one.
 *
 * Time alone takes instants away and gives none, with these exceptions; a plan holds until the first of them:
 *     the planning horizon reaches an instant, where volume has room, of somebody whom that may help: run_plan_counts.holds_to_horizon
 *     a message leaves that somebody's caps or a volume had to count wherever it might leave: run_plan_counts.holds_until
 *     (a volume limit as such gives no room as time passes: it has its days and hours, whose messages are counted once they are planned; quota.h)
 *     a rule or a waiver begins or ends (for what is judged by the strictest day of a span): some days around its date it never holds
 *     a stretch of admission ends behind which another may begin: plan_class.holds_until
 * A plan that takes slots from a later campaign does not hold at all: an earlier one had to count them, and may get what they leave free. Nor does
 * one that gave a campaign up because of its audience.
 * A campaign that ends, recurs or becomes plannable changes its line. What goes on being refused is not told anew as time passes: the reason
 * is the one that was found when something could still have been done about it.
 *
 * What it told of advice is stored beside the inputs, for nothing else remembers it, and told again as long as the plan holds.
 *
 * A plan of one campaign only (--campaign) neither asks nor stores; it forgets what is stored when it changed anything.
 */
#ifndef DAYPART_PLANNER_PLANNING_CHANGE_H
#define DAYPART_PLANNER_PLANNING_CHANGE_H

#include "planning.h"

MUST_CHECK enum status planning_change_look(struct planning *planning, int32_t business_id, bool *out_unchanged, struct err *err);
/* The inputs that were not looked at, because another had changed: from the streams that the plan has read, where it has. */
MUST_CHECK enum status planning_change_gather(struct planning *planning, int32_t business_id, struct err *err);
/* `plan_run`: the plan that stands after the transaction. `changed`: it was published just now. */
MUST_CHECK enum status planning_change_store(
	const struct planning *planning, struct session *session, int32_t plan_run, bool changed, struct err *err);
void planning_change_free(struct planning *planning);

#endif
