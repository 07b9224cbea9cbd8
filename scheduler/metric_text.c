#include "metric_text.h"

#include <math.h>
#include <stdarg.h>

/* Whole numbers are counters and must not lose a digit; the rest is seconds. */
static void
write_number(FILE *file, double value)
{
	if (value == floor(value) && fabs(value) < 1e15)
		fprintf(file, "%.0f", value);
	else
		fprintf(file, "%.6f", value);
}

static void
write_escaped(FILE *file, const char *text)
{
	for (; *text != '\0'; text++)
		switch (*text) {
		case '\n':
			fputs("\\n", file);
			break;
		case '\\':
		case '"':
			fprintf(file, "\\%c", *text);
			break;
		default:
			fputc(*text, file);
		}
}

void
metric_family(FILE *file, const char *name, enum metric_type type, const char *help)
{
	static const char *const types[] = {[METRIC_COUNTER] = "counter", [METRIC_GAUGE] = "gauge", [METRIC_HISTOGRAM] = "histogram"};

	fprintf(file, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, types[type]);
}

void
metric_sample(FILE *file, const char *name, double value, ...)
{
	const char *label, *before = "{";
	va_list labels;

	fputs(name, file);
	va_start(labels, value);
	while ((label = va_arg(labels, const char *)) != NULL) {
		fprintf(file, "%s%s=\"", before, label);
		write_escaped(file, va_arg(labels, const char *));
		fputc('"', file);
		before = ",";
	}
	va_end(labels);
	if (*before == ',')
		fputc('}', file);
	fputc(' ', file);
	write_number(file, value);
	fputc('\n', file);
}
