/*
 * rulebook_file - one rulebook file: one regime and its rules, in libconfig's format
 *
 *     id = "br";  title = "Brazil";  status = "enforced";  regions = ["BR"];  review_by = "2027-06-30";
 *     windows = (
 *         { id = "br.window"; source = "R-056 R-057"; strength = "must"; categories = ["marketing"];
 *           days = { weekdays = "09:00-20:00"; weekends = "closed"; holidays = "closed"; calendar = "BR"; }; } );
 *     caps = ( { id = "br.cap"; source = "R-064"; strength = "must"; categories = ["marketing"]; n = 4; per = "calendar month"; } );
 *     consents = ( { id = "br.consent"; source = "R-034 R-048"; strength = "must"; categories = ["marketing"];
 *                    required = true; evidence = ["time", "ip", "tax_id"]; } );
 *
 * Every key is checked; unknown ones are refused. Common to all rules: id, source, strength (must should info), categories ("all" or a list),
 * and, when not for ever and everywhere, channels, from, until (dates, until excluded). `regions = "everywhere"` attaches to everybody.
 * Ranges: "09:00-20:00", several with commas, "closed"; one that ends at or before its beginning ends on the next day. Later keys of `days`
 * override earlier ones in this order: every_day, weekdays, weekends, the days' names. `clock = "America/Los_Angeles"` fixes the zone.
 * per: "calendar day", "calendar month" or a rolling length ("31d").
 */
#ifndef DAYPART_CONF_RULEBOOK_FILE_H
#define DAYPART_CONF_RULEBOOK_FILE_H

#include "law_text.h"

/* Collects problems; the first is kept for the error. */
struct problems {
	law_problem_fn *on_problem;
	void *context;
	int count;
	char first[ERR_DETAIL_MAX];
};

void problem_add(struct problems *problems, const char *file, int line, const char *format, ...) PRINTF_LIKE(4, 5);
/* An error about the whole file, with its detail and hint. */
void problem_add_err(struct problems *problems, const char *file, const struct err *err);

/* Adds the file's regime to the rulebook, whose array has room for it. Only STATUS_NO_MEMORY fails; all else is a problem. */
MUST_CHECK enum status rulebook_file_parse(const char *name, const char *text, struct rulebook *rulebook, struct problems *problems);

/* How many rules of the rulebook have this id. */
int rulebook_rule_count(const struct rulebook *rulebook, const char *id);

#endif
