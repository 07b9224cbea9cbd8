/*
 * random_events - what befalls an installation: people come, move, opt out and consent, campaigns are made, edited, paused and cancelled,
 * messages leave, senders and the law change, time passes
 *
 *     struct event_scene scene = {.world = world, .random = &random};
 *     event_scene_open(&scene);                  // people, senders, a few campaigns
 *     const char *name = event_happens(&scene);  // one at random
 *     ... event_scene_plan(&scene, ""); ... oracle_expect_lawful(world->connection) ...
 *
 * Everything is written by the functions that people use, or by the real programs, at the scene's own time. Ids are the same in every run with
 * the same seed. Statements are printed, so that a failure can be read as a story.
 */
#ifndef DAYPART_TESTS_SUPPORT_RANDOM_EVENTS_H
#define DAYPART_TESTS_SUPPORT_RANDOM_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "plan_world.h"
#include "random.h"

struct event_scene {
	const struct plan_world *world;
	struct random_source *random;
	int64_t now_s;         /* since 1970; the connection's clock, too */
	int people, campaigns; /* p1 and c1 are the first */
	bool tight;            /* the law is stricter than the shipped one: 10:00 to 18:00 and one message a week */
	const char *suspended; /* the sender that is suspended, or NULL */
	int64_t judged_from_s; /* what left earlier was judged before */
};

void event_scene_open(struct event_scene *scene);

/* Returns what happened, in a word. */
const char *event_happens(struct event_scene *scene);

/* Plans at the scene's time with these options besides; exit code 0, or 1 when a sender is suspended. */
void event_scene_plan(const struct event_scene *scene, const char *options);

#endif
