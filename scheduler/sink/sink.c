#include "sink.h"

#include <string.h>

#include "sink_http.h"

/* The default: a row of table outbox, committed together with the ledger's. The consumer takes it with take_outbox(). */
const struct sink sink_outbox = {.name = "outbox", .delivers = true, .place = SINK_OUTBOX};
/* For rehearsals: everything is judged and recorded, nothing is delivered. */
const struct sink sink_null = {.name = "null", .place = SINK_NOBODY};

const struct sink *
sink_find(const char *name)
{
	static const struct sink *const sinks[] = {&sink_outbox, &sink_null, &sink_jsonl, &sink_http};

	for (size_t i = 0; i < sizeof(sinks) / sizeof(sinks[0]); i++)
		if (strcmp(sinks[i]->name, name) == 0)
			return sinks[i];
	return NULL;
}
