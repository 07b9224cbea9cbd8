/* What others see of the daemon: the service manager, Prometheus, a health check. */
#include "conf/log.h"
#include "daemon_private.h"
#include "metrics.h"

void
daemon_tell_status(struct daemon *daemon)
{
	char status[128];

	(void)snprintf(status, sizeof(status), "%zu senders, sink %s%s", daemon->lanes.count, daemon->lanes_share.sink->name,
		daemon->stopped                       ? "; everything is stopped"
			: daemon->lanes_share.may_release ? ""
											  : "; nothing is released, see the log");
	supervisor_status(&daemon->supervisor, status);
}

static struct metrics
metrics_of(const struct daemon *daemon)
{
	return (struct metrics){
		.ready = daemon->ready,
		.stopped = daemon->stopped,
		.database_up = daemon->database_up,
		.lawless = daemon->ready && !gate_has_law(daemon->lanes_share.gate),
		.untrusted = daemon->untrusted,
		.clock_offset = daemon->clock.offset,
		.rulebook_id = gate_rulebook_id(daemon->lanes_share.gate),
		.schema_version = daemon->schema_version,
		.now = clock_now(&daemon->clock),
		.watched = &daemon->watched,
		.lanes = &daemon->lanes,
	};
}

static void
write_metrics(void *owner, FILE *out)
{
	const struct metrics metrics = metrics_of(owner);

	metrics_write(&metrics, out);
}

static bool
write_health(void *owner, FILE *out)
{
	const struct metrics metrics = metrics_of(owner);

	return metrics_write_health(&metrics, out);
}

enum status
daemon_open_monitor(struct daemon *daemon, struct err *err)
{
	const struct monitor_pages pages = {.write_metrics = write_metrics, .write_health = write_health, .context = daemon};

	if (daemon->settings->release_monitor[0] == '\0')
		return STATUS_OK;
	if (monitor_open(&daemon->loop, daemon->settings->release_monitor, &pages, &daemon->monitor, err) == STATUS_OK)
		log_message(SEVERITY_INFO, "/metrics and /health are answered on port %d", monitor_port(daemon->monitor));
	return err->status;
}
