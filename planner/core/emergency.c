#include "emergency.h"

#include <stdio.h>
#include <stdlib.h>

/* Copies those that touch into `out`, which has room for all of `context`; returns how many. */
static size_t
emergencies_touching(const struct window_context *context, const struct class_facts *where, struct emergency *out)
{
	const struct class_facts facts = {.regions = where->regions, .region_count = where->region_count};
	size_t count = 0;
	for (size_t i = 0; i < context->emergency_count; i++) {
		char word[sizeof "region:" + REGION_CODE_MAX];
		snprintf(word, sizeof word, "region:%s", context->emergencies[i].area);
		if (class_truth(&facts, word) != TRUTH_FALSE)
			out[count++] = context->emergencies[i];
	}
	return count;
}

enum status
window_expand_in(const struct law *law, const struct class_facts *facts, const struct zone *const *zones,
	const struct window_context *context, struct interval span, struct windows *out, struct err *err)
{
	struct window_context own = *context;
	struct emergency *touching = NULL;
	if (context->emergency_count > 0) {
		touching = calloc(context->emergency_count, sizeof *touching);
		if (touching == NULL)
			return err_set(err, STATUS_NO_MEMORY, "no memory for the windows of a class");
		own.emergencies = touching;
		own.emergency_count = emergencies_touching(context, facts, touching);
	}
	const enum status status = window_expand(law, zones, facts->zone_count, &own, span, out, err);
	free(touching);
	return status;
}
