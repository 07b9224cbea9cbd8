#include "flight_recover.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/log.h"
#include "flight_record.h"
#include "lane_list.h"

enum {
	UNREAD_MAX = 64, /* claims whose messages could not be read; one more is found when the lease ends */
	ASK_MAX = 100    /* the sink is asked about so many at a time */
};

struct unread {
	struct lane *lane;
	struct flight_claim claim;
};

struct flight_recover {
	struct flight_recover_options options;
	struct work work;
	bool busy;
	struct unread unread[UNREAD_MAX];
	size_t unread_count;
	/* What the look under way reads and writes. */
	bool reads;            /* the messages of `reading`, else uncertain ones */
	struct unread reading; /* the first of `unread` */
	size_t ask_most;
	char *lanes; /* NULL: for questions */
	bool now_is_given;
	struct instant now;
	PGresult *rows;
	int64_t recovered;
};

static enum status
read_uncertain(struct flight_recover *recover, struct session *session, const struct instant *now, struct err *err)
{
	if (recover->lanes == NULL)
		return flight_read_uncertain(session, recover->ask_most, now, &recover->rows, err);
	return flight_read_repeatable(session, recover->lanes, recover->ask_most, recover->options.margin, now, &recover->rows, err);
}

static enum status
run(struct work *work, struct session *session)
{
	struct flight_recover *recover = work->owner;
	const struct instant *now = recover->now_is_given ? &recover->now : NULL;

	recover->rows = NULL;
	if (flight_mark_lost(session, now, &recover->recovered, &work->err) != STATUS_OK)
		return work->err.status;
	if (recover->reads)
		return flight_read(session, &recover->reading.claim, &recover->rows, &work->err);
	if (recover->ask_most > 0)
		return read_uncertain(recover, session, now, &work->err);
	return STATUS_OK;
}

static void
take(struct flight_recover *recover)
{
	const struct flight_recover_options *options = &recover->options;

	if (recover->recovered > 0)
		log_event(SEVERITY_WARNING, &(struct log_about){.event = "messages_uncertain"},
			"%lld messages were in flight when their daypartd ended: nobody knows whether they were sent; see daypart settle",
			(long long)recover->recovered);
	if (recover->reads) {
		recover->unread_count--;
		memmove(recover->unread, recover->unread + 1, recover->unread_count * sizeof(recover->unread[0]));
		options->on_messages(options->owner, recover->reading.lane, &recover->reading.claim, recover->rows);
	} else if (recover->rows != NULL) {
		options->on_questions(options->owner, recover->rows);
	}
}

static void
done(struct work *work)
{
	struct flight_recover *recover = work->owner;

	recover->busy = false;
	if (work->status == STATUS_OK)
		take(recover);
	else if (!work->offline)
		log_err(SEVERITY_ERROR, &work->err);
	if (work->status == STATUS_OK && recover->unread_count > 0)
		flight_recover_look(recover, 0, NULL);
	recover->options.on_done(recover->options.owner);
}

void
flight_recover_reread(struct flight_recover *recover, struct lane *lane, const struct flight_claim *claim)
{
	if (recover->unread_count < UNREAD_MAX)
		recover->unread[recover->unread_count++] = (struct unread){lane, *claim};
	else
		log_message(SEVERITY_ERROR, "sender %s: the messages of a claim could not be read; they will be uncertain", lane_name(lane));
}

/* "{1,7}": those that are held; NULL: out of memory. */
static char *
list_held(const struct lane_list *lanes)
{
	char *text = NULL;
	size_t size, count = 0;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return NULL;
	fputc('{', out);
	for (size_t i = 0; i < lanes->count; i++)
		if (lane_is_held(lanes->items[i]))
			fprintf(out, "%s%d", count++ > 0 ? "," : "", lane_id(lanes->items[i]));
	fputc('}', out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

void
flight_recover_look(struct flight_recover *recover, size_t ask_most, const struct lane_list *lanes)
{
	if (recover->busy)
		return;
	free(recover->lanes);
	recover->lanes = lanes != NULL ? list_held(lanes) : NULL;
	if (lanes != NULL && recover->lanes == NULL)
		ask_most = 0;
	recover->busy = true;
	recover->reads = recover->unread_count > 0;
	if (recover->reads)
		recover->reading = recover->unread[0];
	recover->ask_most = ask_most < ASK_MAX ? ask_most : ASK_MAX;
	recover->now = clock_now(recover->options.clock);
	recover->now_is_given = recover->options.clock->kind->simulated;
	worker_pool_submit(recover->options.pool, &recover->work);
}

size_t
flight_recover_count(const struct flight_recover *recover)
{
	return recover->unread_count;
}

bool
flight_recover_is_busy(const struct flight_recover *recover)
{
	return recover->busy;
}

enum status
flight_recover_open(const struct flight_recover_options *options, struct flight_recover **out, struct err *err)
{
	struct flight_recover *recover = calloc(1, sizeof(*recover));

	*out = recover;
	if (recover == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	recover->options = *options;
	recover->work = (struct work){.run = run, .done = done, .owner = recover};
	return STATUS_OK;
}

void
flight_recover_close(struct flight_recover **recover)
{
	assert(!(*recover)->busy);
	free((*recover)->lanes);
	free(*recover);
	*recover = NULL;
}
