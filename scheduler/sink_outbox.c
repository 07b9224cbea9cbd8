/* The default: a row of table outbox, committed together with the ledger's. The consumer takes it with take_outbox(). */
#include "sink.h"

static enum status
release(struct session *session, struct claim_request *request, struct claim_answer *out, struct err *err)
{
	request->to_outbox = true;
	return claim_release(session, request, out, err);
}

const struct sink sink_outbox = {.name = "outbox", .delivers = true, .release = release};
