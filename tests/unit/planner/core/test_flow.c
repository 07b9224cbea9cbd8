/* Small networks by hand, and random ones against paths found one at a time. */
#include "planner/core/flow.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/support/random.h"

enum { ARCS_MAX = 12, NODES_MAX = 9, CASES = 3000 };

struct arc_row {
	int from, to, capacity, cost; /* capacity 0 ends the list */
	int preset, expected;
};

struct flow_row {
	const char *what;
	int nodes, sink;
	struct arc_row arcs[ARCS_MAX];
};

/* Node 0 is the source. */
static const struct flow_row rows[] = {
	{"one arc", 2, 1, {{0, 1, 5, 0, 0, 5}}},
	{"the narrowest arc of a way", 3, 2, {{0, 1, 5, 0, 0, 3}, {1, 2, 3, 0, 0, 3}}},
	{"no way", 3, 2, {{0, 1, 5, 0, 0, 0}}},
	{"the cheaper way first", 2, 1, {{0, 1, 2, 7, 0, 2}, {0, 1, 3, 1, 0, 3}}},
	{"the dearer way only for what is left", 4, 3, {{0, 1, 4, 0, 0, 4}, {1, 2, 3, 0, 0, 3}, {1, 3, 9, 5, 0, 1}, {2, 3, 9, 1, 0, 3}}},
	{"what was led the wrong way is led elsewhere", 6, 5,
		{{0, 1, 1, 0, 1, 1}, {0, 2, 1, 0, 0, 1}, {1, 3, 1, 0, 1, 0}, {1, 4, 1, 0, 0, 1}, {2, 3, 1, 0, 0, 1}, {3, 5, 1, 0, 1, 1},
			{4, 5, 1, 0, 0, 1}}},
	{"more before cheap", 5, 4,
		{{0, 1, 1, 0, 0, 1}, {0, 2, 1, 0, 0, 1}, {1, 3, 1, 0, 0, 0}, {2, 3, 1, 0, 0, 1}, {1, 4, 1, 9, 0, 1}, {3, 4, 1, 0, 0, 1}}},
	{"an arc that leads back", 3, 2, {{0, 1, 2, 0, 0, 2}, {1, 0, 2, 0, 0, 0}, {1, 2, 2, 3, 0, 2}}},
};

static void
flows_are_as_the_rows_say(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint32_t arcs[ARCS_MAX] = {0};
		struct flow *flow;
		assert_int_equal(flow_create((uint32_t)rows[i].nodes, &flow), STATUS_OK);
		for (int k = 0; k < ARCS_MAX && rows[i].arcs[k].capacity > 0; k++) {
			const struct arc_row *arc = &rows[i].arcs[k];
			assert_int_equal(flow_add_arc(flow, (uint32_t)arc->from, (uint32_t)arc->to, arc->capacity, arc->cost, &arcs[k]), STATUS_OK);
			flow_preset(flow, arcs[k], arc->preset);
		}
		flow_run(flow, 0, (uint32_t)rows[i].sink);
		for (int k = 0; k < ARCS_MAX && rows[i].arcs[k].capacity > 0; k++)
			if (flow_on(flow, arcs[k]) != rows[i].arcs[k].expected)
				fail_msg("%s: arc %d carries %lld, not %d", rows[i].what, k, (long long)flow_on(flow, arcs[k]), rows[i].arcs[k].expected);
		flow_free(&flow);
		assert_null(flow);
	}
}

/* Room and cost between each two nodes; at most one arc joins two nodes, in one direction. */
struct grid {
	int nodes;
	int64_t room[NODES_MAX][NODES_MAX];
	int32_t cost[NODES_MAX][NODES_MAX];
};

static struct grid
random_grid(struct random_source *random)
{
	struct grid grid = {.nodes = (int)random_between(random, 2, NODES_MAX)};
	for (int from = 0; from < grid.nodes; from++)
		for (int to = 0; to < from; to++)
			if (random_chance(random, 60)) {
				const bool forwards = random_chance(random, 50);
				const int a = forwards ? to : from, b = forwards ? from : to;
				grid.room[a][b] = random_between(random, 0, 6);
				grid.cost[a][b] = (int32_t)random_between(random, 0, 4);
				grid.cost[b][a] = -grid.cost[a][b];
			}
	return grid;
}

/* One unit along the cheapest way, by Bellman and Ford. False: there is no way. */
static bool
send_one(struct grid *grid, int64_t *io_cost)
{
	int64_t distance[NODES_MAX];
	int before[NODES_MAX];
	for (int i = 0; i < grid->nodes; i++)
		distance[i] = i == 0 ? 0 : INT32_MAX;
	for (int round = 0; round < grid->nodes; round++)
		for (int from = 0; from < grid->nodes; from++)
			for (int to = 0; to < grid->nodes; to++)
				if (grid->room[from][to] > 0 && distance[from] != INT32_MAX && distance[from] + grid->cost[from][to] < distance[to]) {
					distance[to] = distance[from] + grid->cost[from][to];
					before[to] = from;
				}
	const int sink = grid->nodes - 1;
	if (distance[sink] == INT32_MAX)
		return false;
	*io_cost += distance[sink];
	for (int node = sink; node != 0; node = before[node]) {
		grid->room[before[node]][node]--;
		grid->room[node][before[node]]++;
	}
	return true;
}

/* Runs the flow of a grid, and checks that no arc carries more than it may and that what enters a node leaves it. */
static void
run_grid(const struct grid *grid, int64_t *out_amount, int64_t *out_cost)
{
	uint32_t arcs[NODES_MAX][NODES_MAX];
	int64_t net[NODES_MAX] = {0};
	struct flow *flow;
	assert_int_equal(flow_create((uint32_t)grid->nodes, &flow), STATUS_OK);
	for (int from = 0; from < grid->nodes; from++)
		for (int to = 0; to < grid->nodes; to++)
			if (grid->room[from][to] > 0)
				assert_int_equal(
					flow_add_arc(flow, (uint32_t)from, (uint32_t)to, grid->room[from][to], grid->cost[from][to], &arcs[from][to]),
					STATUS_OK);
	flow_run(flow, 0, (uint32_t)grid->nodes - 1);
	*out_cost = 0;
	for (int from = 0; from < grid->nodes; from++)
		for (int to = 0; to < grid->nodes; to++)
			if (grid->room[from][to] > 0) {
				const int64_t amount = flow_on(flow, arcs[from][to]);
				assert_in_range(amount, 0, grid->room[from][to]);
				net[from] -= amount;
				net[to] += amount;
				*out_cost += amount * grid->cost[from][to];
			}
	for (int node = 1; node < grid->nodes - 1; node++)
		assert_int_equal(net[node], 0);
	*out_amount = net[grid->nodes - 1];
	flow_free(&flow);
}

static void
flows_are_the_most_and_the_cheapest(void **state)
{
	struct random_source random = random_start("flow");
	(void)state;
	for (int i = 0; i < CASES; i++) {
		struct grid grid = random_grid(&random);
		int64_t amount, cost, best = 0, best_cost = 0;
		run_grid(&grid, &amount, &cost);
		while (send_one(&grid, &best_cost))
			best++;
		if (amount != best || cost != best_cost)
			fail_msg(
				"case %d: %lld at %lld, not %lld at %lld", i, (long long)amount, (long long)cost, (long long)best, (long long)best_cost);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flows_are_as_the_rows_say),
		cmocka_unit_test(flows_are_the_most_and_the_cheapest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
