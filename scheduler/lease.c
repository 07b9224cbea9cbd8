/*
 * One work goes round: give back, beat (adoption.h), enrol, renew, take; each a statement of its own, committed by itself, so that whatever fails leaves what came
 * before it. Its answer is the whole list of what is held, and the lanes are brought to it: there is no other memory of it. The timer asks
 * again, and whoever has reason to hurries it; while a round is under way, one more is remembered.
 */
#include "lease.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/log.h"
#include "random_uuid.h"

enum { HOST_TEXT = 128 };

struct grant {
	int16_t lane;
	int64_t epoch;
};

struct lease_keeper {
	struct lease_options options;
	uv_timer_t timer;
	char holder[RANDOM_UUID_TEXT], host[HOST_TEXT];
	bool serving, leaving;
	bool asked;    /* a round was ever begun: the database may know us */
	bool asking;   /* a round is under way */
	bool again;    /* another one is wanted after it */
	bool offline;  /* the last round found no database */
	bool failing;  /* it failed otherwise: logged once */
	size_t serves; /* what was logged last */

	struct work work;
	/* What the round under way reads and writes. */
	struct {
		struct duration length;
		bool serve;
		bool all;   /* give everything back, and no more */
		char *give; /* lanes, as an array; NULL: none */
	} request;
	struct {
		struct instant asked_at;
		struct grant *grants; /* by lane */
		size_t count, lanes, share;
		struct duration others_end; /* negative: nobody's */
		bool refused;               /* this host may not release from this database */
	} answer;
};

/* In the worker ----------------------------------------------------------------------------------------------------------------------------- */

/* Columns of lease_enrol; of lease_renew and lease_take. */
enum { LANES, DAEMONS, NEXT_US };
enum { LANE, EPOCH };

static char *
length_text(const struct lease_keeper *keeper, char text[SESSION_PARAM_MAX])
{
	(void)snprintf(text, SESSION_PARAM_MAX, "%lld us", (long long)keeper->request.length.us);
	return text;
}

static enum status
give_back(struct lease_keeper *keeper, struct session *session, struct err *err)
{
	const char *params[] = {keeper->holder, keeper->request.all ? NULL : keeper->request.give};

	return session_query(session, &sql_query_lease_give_back, params, 2, NULL, err);
}

/* A standby has taken over. What it had not got, this process takes for done: messages whose answers it recorded may be in flight there for good. Under
 * other epochs they are over, and found. */
static enum status
leave_epochs(struct lease_keeper *keeper, struct session *session, struct err *err)
{
	const char *params[] = {keeper->holder, NULL};

	if (session_query(session, &sql_query_lease_give_back, params, 2, NULL, err) != STATUS_OK)
		return err->status;
	keeper->options.adoption->taken_over = false;
	return STATUS_OK;
}

static enum status
enrol(struct lease_keeper *keeper, struct session *session, struct err *err)
{
	char length[SESSION_PARAM_MAX];
	const char *params[] = {keeper->holder, keeper->host, length_text(keeper, length)};
	PGresult *rows;

	if (session_query(session, &sql_query_lease_enrol, params, 3, &rows, err) != STATUS_OK)
		return err->status;
	keeper->answer.lanes = (size_t)session_int(rows, 0, LANES);
	keeper->answer.share = lease_share(keeper->answer.lanes, (size_t)session_int(rows, 0, DAEMONS));
	if (!PQgetisnull(rows, 0, NEXT_US))
		keeper->answer.others_end.us = session_int(rows, 0, NEXT_US);
	PQclear(rows);
	return STATUS_OK;
}

static enum status
add_grants(struct lease_keeper *keeper, const PGresult *rows, struct err *err)
{
	const size_t more = (size_t)PQntuples(rows);
	struct grant *grants = realloc(keeper->answer.grants, (keeper->answer.count + more + 1) * sizeof(*grants));

	if (grants == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	keeper->answer.grants = grants;
	for (size_t i = 0; i < more; i++)
		grants[keeper->answer.count++] =
			(struct grant){.lane = (int16_t)session_int(rows, (int)i, LANE), .epoch = session_int(rows, (int)i, EPOCH)};
	return STATUS_OK;
}

static enum status
query_grants(
	struct lease_keeper *keeper, struct session *session, const struct sql_statement *statement, const char *limit, struct err *err)
{
	char length[SESSION_PARAM_MAX];
	const char *params[] = {keeper->holder, length_text(keeper, length), limit};
	PGresult *rows;
	enum status status;

	if (session_query(session, statement, params, limit != NULL ? 3 : 2, &rows, err) != STATUS_OK)
		return err->status;
	status = add_grants(keeper, rows, err);
	PQclear(rows);
	return status;
}

static enum status
take(struct lease_keeper *keeper, struct session *session, struct err *err)
{
	char limit[SESSION_PARAM_MAX];

	if (keeper->answer.count >= keeper->answer.share)
		return STATUS_OK;
	session_param_int((int64_t)(keeper->answer.share - keeper->answer.count), limit);
	return query_grants(keeper, session, &sql_query_lease_take, limit, err);
}

static enum status
run(struct work *work, struct session *session)
{
	struct lease_keeper *keeper = work->owner;

	keeper->answer.asked_at = lane_steady_now();
	if ((keeper->request.all || keeper->request.give != NULL) && give_back(keeper, session, &work->err) != STATUS_OK)
		return work->err.status;
	if (keeper->request.all)
		return STATUS_OK;
	if (adoption_beat(keeper->options.adoption, session, &work->err) != STATUS_OK) {
		keeper->answer.refused = work->err.status == STATUS_INVALID;
		return work->err.status;
	}
	if (keeper->options.adoption->taken_over && leave_epochs(keeper, session, &work->err) != STATUS_OK)
		return work->err.status;
	if (keeper->request.serve && enrol(keeper, session, &work->err) != STATUS_OK)
		return work->err.status;
	if (query_grants(keeper, session, &sql_query_lease_renew, NULL, &work->err) != STATUS_OK)
		return work->err.status;
	return keeper->request.serve ? take(keeper, session, &work->err) : STATUS_OK;
}

/* In the loop ------------------------------------------------------------------------------------------------------------------------------- */

static int
compare_grants(const void *a, const void *b)
{
	return ((const struct grant *)a)->lane - ((const struct grant *)b)->lane;
}

static const struct grant *
grant_of(const struct lease_keeper *keeper, int16_t lane)
{
	const struct grant wanted = {.lane = lane};

	if (keeper->answer.count == 0)
		return NULL;
	return bsearch(&wanted, keeper->answer.grants, keeper->answer.count, sizeof(wanted), compare_grants);
}

static void
let_go(struct lane *lane)
{
	lane_set_lease(lane, (struct lease){.epoch = 0});
	lane_event(lane, LANE_LEASE_LOST);
}

/* True when the lane was not held before. */
static bool
settle(const struct lease_keeper *keeper, struct lane *lane)
{
	const struct grant *grant = grant_of(keeper, lane_id(lane));
	const bool held = lane_is_held(lane);

	if (grant != NULL) {
		lane_set_lease(lane, lease_until(grant->epoch, keeper->answer.asked_at, keeper->request.length));
		return !held;
	}
	if (lane_epoch(lane) != 0) {
		log_event(SEVERITY_WARNING, &(struct log_about){.event = "sender_lost", .sender = lane_name(lane)},
			"sender %s: another daypartd serves it now", lane_name(lane));
		let_go(lane);
	}
	return false;
}

/* Grants of lanes that the daemon has not seen yet are found when it has. */
static void
settle_all(struct lease_keeper *keeper)
{
	const struct lane_list *lanes = keeper->options.lanes;
	bool gained = keeper->answer.count > lanes->count; /* a sender that no look has seen */

	if (keeper->answer.count > 1)
		qsort(keeper->answer.grants, keeper->answer.count, sizeof(*keeper->answer.grants), compare_grants);
	for (size_t i = 0; i < lanes->count; i++)
		gained = settle(keeper, lanes->items[i]) || gained;
	if (keeper->serves != keeper->answer.count && keeper->request.serve)
		log_event(
			SEVERITY_INFO, &(struct log_about){.event = "serves"}, "serves %zu of %zu senders", keeper->answer.count, keeper->answer.lanes);
	keeper->serves = keeper->answer.count;
	if (gained)
		keeper->options.on_gained(keeper->options.owner);
}

/* What is beyond the share, from the end, as far as nothing of it is in flight. Out of memory: in the next round. */
static void
choose_surplus(struct lease_keeper *keeper)
{
	const struct lane_list *lanes = keeper->options.lanes;
	size_t surplus = lease_surplus(keeper->answer.count, keeper->serving ? keeper->answer.share : 0), size;
	FILE *text = surplus > 0 ? open_memstream(&keeper->request.give, &size) : NULL;
	char comma = '{';

	if (text == NULL)
		return;
	for (size_t i = lanes->count; i > 0 && surplus > 0; i--) {
		struct lane *lane = lanes->items[i - 1];

		if (lane_epoch(lane) == 0 || lane_is_busy(lane))
			continue;
		let_go(lane);
		fprintf(text, "%c%d", comma, lane_id(lane));
		comma = ',';
		surplus--;
	}
	fputc('}', text);
	if (fclose(text) != 0 || comma == '{') {
		free(keeper->request.give);
		keeper->request.give = NULL;
	}
}

static void ask(struct lease_keeper *keeper);

static void
on_timer(uv_timer_t *timer)
{
	ask(timer->data);
}

static void
ask_later(struct lease_keeper *keeper)
{
	const struct duration pause = lease_pause(keeper->options.length, keeper->answer.others_end);

	if (keeper->leaving)
		return;
	uv_update_time(keeper->timer.loop);
	uv_timer_start(&keeper->timer, on_timer, (uint64_t)pause.us / 1000, 0);
}

static void
done(struct work *work)
{
	struct lease_keeper *keeper = work->owner;

	keeper->asking = false;
	keeper->offline = work->offline;
	free(keeper->request.give);
	keeper->request.give = NULL;
	if (work->status == STATUS_OK && !keeper->request.all) {
		settle_all(keeper);
		choose_surplus(keeper);
		keeper->again = keeper->again || keeper->request.give != NULL;
	} else if (work->status != STATUS_OK && !work->offline && !keeper->failing) {
		err_wrap(&work->err, "leases of senders");
		log_err(SEVERITY_ERROR, &work->err);
	}
	keeper->failing = work->status != STATUS_OK;
	if (keeper->answer.refused)
		keeper->options.on_refused(keeper->options.owner);
	ask_later(keeper);
	if (keeper->again && !keeper->leaving)
		ask(keeper);
	keeper->options.on_change(keeper->options.owner);
}

static void
ask(struct lease_keeper *keeper)
{
	keeper->again = keeper->asking;
	if (keeper->asking)
		return;
	keeper->asking = true;
	keeper->asked = true;
	keeper->request.length = keeper->options.length;
	keeper->request.serve = keeper->serving;
	keeper->request.all = keeper->leaving;
	keeper->answer.count = 0;
	keeper->answer.others_end.us = -1;
	keeper->answer.refused = false;
	worker_pool_submit(keeper->options.pool, &keeper->work);
}

void
lease_keeper_serve(struct lease_keeper *keeper, bool serve)
{
	if (keeper->serving == serve)
		return;
	keeper->serving = serve;
	ask(keeper);
}

void
lease_keeper_hurry(struct lease_keeper *keeper)
{
	if (keeper->serving && !keeper->leaving)
		ask(keeper);
}

/* Whom the database does not know, or who cannot reach it, has nothing to give back: what is held runs out. */
void
lease_keeper_leave(struct lease_keeper *keeper)
{
	if (keeper->leaving)
		return;
	keeper->leaving = true;
	uv_timer_stop(&keeper->timer);
	if (keeper->asked && !keeper->offline)
		ask(keeper);
}

bool
lease_keeper_is_leaving(const struct lease_keeper *keeper)
{
	return keeper->leaving;
}

void
lease_keeper_set_length(struct lease_keeper *keeper, struct duration length)
{
	keeper->options.length = length;
}

/* Opening and closing ----------------------------------------------------------------------------------------------------------------------- */

static void
name_host(char out[HOST_TEXT])
{
	char name[HOST_TEXT / 2] = "";

	if (gethostname(name, sizeof(name) - 1) != 0)
		(void)snprintf(name, sizeof(name), "?");
	(void)snprintf(out, HOST_TEXT, "%s, process %d", name, (int)getpid());
}

enum status
lease_keeper_open(uv_loop_t *loop, const struct lease_options *options, struct lease_keeper **out, struct err *err)
{
	struct lease_keeper *keeper = calloc(1, sizeof(*keeper));

	*out = NULL;
	if (keeper == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	if (!random_uuid(keeper->holder)) { /* anew at each start: what a former life of this process held is somebody else's */
		free(keeper);
		return err_set(err, STATUS_INTERNAL, "the system gives no random numbers");
	}
	name_host(keeper->host);
	keeper->options = *options;
	keeper->work = (struct work){.run = run, .done = done, .owner = keeper};
	uv_timer_init(loop, &keeper->timer);
	keeper->timer.data = keeper;
	*out = keeper;
	return STATUS_OK;
}

static void
free_keeper(uv_handle_t *timer)
{
	struct lease_keeper *keeper = timer->data;

	free(keeper->request.give);
	free(keeper->answer.grants);
	free(keeper);
}

void
lease_keeper_close(struct lease_keeper **keeper)
{
	struct lease_keeper *gone = *keeper;

	*keeper = NULL;
	if (gone != NULL)
		uv_close((uv_handle_t *)&gone->timer, free_keeper);
}
