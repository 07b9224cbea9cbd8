/*
 * sink - where released messages go
 *
 * A small table per sink. `place` says where the claim puts what may leave: into the outbox, nowhere (`null`, for rehearsals), both as part of the
 * claim's own statement; or in flight, for a sink outside the database, which has a wire as well.
 *
 *     const struct sink *sink = sink_find("outbox");
 *     request.place = sink->place;
 *
 * A wire is driven by flight.h, in the loop's thread:
 *
 *     sink->wire->open(loop, settings, &(struct sink_events){on_answer, may_leave}, &state, &err);
 *     if (sink->wire->room(state) > 0)
 *         sink->wire->send(state, message);                 // on_answer(message, answer) follows, once, also from within send
 *     sink->wire->close(&state);                            // whatever is open is answered first
 *
 * A process may stand still at any instruction (SIGSTOP, a suspended host, swapping), and what was lawful before need not be afterwards. So a wire asks
 * may_leave as late as it can, when the next thing is the system call that hands over the first byte. What remains is a stop between that answer and the
 * system call, a few microseconds of work, and what the kernel has taken and not delivered yet (see the sinks); not_after travels with the message for
 * whoever receives it late all the same.
 */
#ifndef DAYPART_SCHEDULER_SINK_H
#define DAYPART_SCHEDULER_SINK_H

#include <uv.h>

#include "planner/core/instant.h"
#include "planner/core/status.h"
#include "scheduler/policy/provider_answer.h"

struct settings;

enum sink_place { SINK_OUTBOX, SINK_NOBODY, SINK_FLIGHT };

/* The texts belong to whoever sends it, until the answer. */
struct message {
	int64_t recipient_id;
	int32_t run_id;
	int16_t bucket;
	int16_t attempt;          /* 1: the first */
	struct instant not_after; /* nothing may begin to leave from here on */
	const char *key;          /* for idempotency: installation:run:recipient, the same for every attempt */
	const char *phone, *channel, *category, *sender, *sender_address, *campaign, *template, *language;
	const char *body;      /* with {{placeholders}} */
	const char *variables; /* a JSON object of texts */
	void *context;         /* the sender's */
};

struct sink_answer {
	enum provider_action action;
	struct duration retry_after; /* what the provider asked for; 0: nothing */
	const char *provider_id;     /* accepted: the provider's name of the message, or NULL */
	const char *code, *text;     /* not accepted: for the log and the ledger, or NULL */
};

typedef void sink_answer_fn(struct message *message, const struct sink_answer *answer);
/* False: it must not leave any more. Then nothing of it does, and it is answered as PROVIDER_RETRY. */
typedef bool sink_check_fn(struct message *message);

struct sink_events {
	sink_answer_fn *on_answer;
	sink_check_fn *may_leave; /* reads its clocks anew; not asked for questions */
};

/* Everything in the loop's thread; nothing blocks. */
struct sink_wire {
	/* The settings are those of the start, and their texts to be copied: what a HUP changes is not taken over. */
	enum status (*open)(uv_loop_t *loop, const struct settings *settings, const struct sink_events *events, void **out, struct err *err);
	/* How many messages it takes now. Claims are not larger, so a slow sink is not given more than it can take. */
	size_t (*room)(const void *state);
	void (*send)(void *state, struct message *message);
	/* What is open is cut and answered PROVIDER_UNCERTAIN before this returns; handles are closed by the loop. */
	void (*close)(void **state);
	/* NULL, or whether it can say what became of a message of which only the key is known; `ask` answers as send does. */
	bool (*can_ask)(const void *state);
	void (*ask)(void *state, struct message *message);
	/* NULL, or whether whoever receives them takes a key once only, so that an uncertain message may be sent again under its own. */
	bool (*can_repeat)(const void *state);
	/* How long its first byte may take, on a wire that works; NULL: it leaves at once or not at all. */
	struct duration (*patience)(const void *state);
	/* NULL, or whether it takes nothing any more, whatever comes. */
	bool (*is_over)(const void *state);
};

struct sink {
	const char *name;
	bool delivers; /* false: what it is given reaches nobody */
	enum sink_place place;
	const struct sink_wire *wire; /* SINK_FLIGHT, else NULL */
};

extern const struct sink sink_outbox, sink_null, sink_jsonl;

/* NULL: there is none of that name. */
const struct sink *sink_find(const char *name);

#endif
