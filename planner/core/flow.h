/*
 * flow - the most that can flow through a network, at the least cost
 *
 *     flow_create(nodes, &flow);
 *     flow_add_arc(flow, from, to, capacity, cost, &arc);       // any number of them
 *     flow_preset(flow, arc, amount);                           // optional: where to begin
 *     flow_run(flow, source, sink);                             // once
 *     amount = flow_on(flow, arc);
 *
 * A maximum flow, and among them one of least cost; the same calls in the same order give the same one. What is preset stays in the sum: nothing
 * that has reached the sink is taken back, it is only led elsewhere.
 *
 * Limits: amounts and costs are integers, costs not negative; nodes and arcs fewer than 2^31. Memory: 48 bytes an arc, 48 a node.
 * Cost: primal-dual, one search for each distinct cost of a path and a few sweeps over the arcs for each. Errors: only memory (STATUS_NO_MEMORY).
 */
#ifndef DAYPART_CORE_FLOW_H
#define DAYPART_CORE_FLOW_H

#include <stdint.h>

#include "status.h"

struct flow;

MUST_CHECK enum status flow_create(uint32_t node_count, struct flow **out);
void flow_free(struct flow **flow);

/* `out_arc` may be NULL. */
MUST_CHECK enum status flow_add_arc(struct flow *flow, uint32_t from, uint32_t to, int64_t capacity, int64_t cost, uint32_t *out_arc);
/* Before the run: this much flows already, at most the capacity. What is preset, all arcs together, must be a flow from source to sink, over arcs
 * of cost 0 only: then no cheaper way for it exists. */
void flow_preset(struct flow *flow, uint32_t arc, int64_t amount);
void flow_run(struct flow *flow, uint32_t source, uint32_t sink);
int64_t flow_on(const struct flow *flow, uint32_t arc);

#endif
