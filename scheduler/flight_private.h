/*
 * flight_private - what the files of flight.h share: its state, and what one asks of the other
 *
 *     flight.c           room, its life, and how messages move on
 *     flight_leave.c     handing over to the wire, and its answers
 *
 * Recording and recovery are modules of their own: flight_settle.h, flight_recover.h.
 */
#ifndef DAYPART_SCHEDULER_FLIGHT_PRIVATE_H
#define DAYPART_SCHEDULER_FLIGHT_PRIVATE_H

#include "flight_recover.h"
#include "flight_settle.h"

struct flight {
	struct flight_options options;
	const struct sink_wire *wire; /* NULL: a sink inside the database */
	void *state;                  /* the wire's; NULL when it is closed */
	uv_timer_t tick, drain;
	int open_handles;
	size_t limit, reserved, with_wire;
	struct flown_list waiting;
	struct flight_settle *settle;
	struct flight_recover *recover;
	bool passing; /* flight_pass_on is at work */
	bool starved; /* somebody asked for room in vain */
	bool draining, abandoned, closing;
};

/* Every callback ends with it: moves what can be moved. */
void flight_pass_on(struct flight *flight);

/* How many messages the wire takes now. */
size_t flight_wire_room(const struct flight *flight);
/* Hands over what waits, as far as there is room, and takes back what may not leave any more. */
void flight_leave(struct flight *flight);
/* What became of these? NULL: none. */
void flight_ask(struct flight *flight, struct flown_batch *batch);
/* The same, by sending them again. */
void flight_repeat(struct flight *flight, struct flown_batch *batch);
/* For the wire. */
extern const struct sink_events flight_events;

#endif
