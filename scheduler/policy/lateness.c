#include "lateness.h"

static const int64_t steps_ms[LATENESS_STEPS] = {1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 60000, 3600000};

struct duration
lateness_step(int i)
{
	return (struct duration){steps_ms[i] * 1000};
}

void
lateness_note(struct lateness *lateness, struct duration latest, int64_t messages)
{
	int step = 0;

	while (step < LATENESS_STEPS && latest.us > lateness_step(step).us)
		step++;
	lateness->counts[step] += messages;
	lateness->sum.us += latest.us * messages;
}
