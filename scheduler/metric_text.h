/*
 * metric_text - writes the Prometheus text exposition format, version 0.0.4
 *
 *     metric_family(file, "daypart_released_total", METRIC_COUNTER, "Messages, by what became of them.");
 *     metric_sample(file, "daypart_released_total", 17, "sender", "acme-us", "outcome", "handed_over", NULL);
 *
 * A family is written before its samples. Labels are pairs of name and value; values are escaped, whatever they hold. What cannot be written shows
 * in ferror().
 */
#ifndef DAYPART_SCHEDULER_METRIC_TEXT_H
#define DAYPART_SCHEDULER_METRIC_TEXT_H

#include <stdio.h>

#define METRIC_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

void metric_family(FILE *file, const char *name, enum metric_type type, const char *help);
/* Ends with NULL where a label's name would stand. */
void metric_sample(FILE *file, const char *name, double value, ...) __attribute__((sentinel));

#endif
