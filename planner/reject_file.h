/*
 * reject_file - where the bad rows of an import go, so that nothing is lost and no phone number leaks
 *
 *     struct reject_file *rejects;
 *     reject_file_create("people.rejects.csv", header, &rejects, &err);
 *     reject_file_add(rejects, &(struct reject){.line = 7, .field = "phone", .reason = "..."}, fields, count, &err);
 *     reject_file_finish(rejects, &err);      // now it has its name
 *     reject_file_free(&rejects);
 *
 * Columns: line, field, reason, then those of the imported file. Phones are masked there and in the reasons, and the file is its
 * owner's alone (mode 0600). It is made with the first reject, under a temporary name beside its own, and renamed when it is complete;
 * freed without finish it leaves nothing behind. An import without rejects makes no file and removes nothing.
 * How a bad row gets in after all: rows without phones are corrected in the file of rejects, which can be imported as it is; rows of people
 * are corrected in the imported file, on the line that is named, and that file is imported again: what landed before changes nothing.
 */
#ifndef DAYPART_PLANNER_REJECT_FILE_H
#define DAYPART_PLANNER_REJECT_FILE_H

#include <stdbool.h>

#include "csv.h"

struct reject_file;

struct reject {
	int64_t line;
	const char *field;  /* NULL or "": the row as a whole */
	const char *reason; /* what and the cure */
};

/* `header` is copied. */
MUST_CHECK enum status reject_file_create(const char *path, const struct csv_record *header, struct reject_file **out, struct err *err);
/* `fields` are those of the bad row, in file order; fewer or more than the header has are masked throughout. */
MUST_CHECK enum status reject_file_add(
	struct reject_file *rejects, const struct reject *reject, const struct csv_field *fields, int count, struct err *err);
/* Without rejects this does nothing. */
MUST_CHECK enum status reject_file_finish(struct reject_file *rejects, struct err *err);
int64_t reject_file_count(const struct reject_file *rejects);
void reject_file_free(struct reject_file **rejects);

enum mask { MASK_INTERNATIONAL, MASK_ALL };
/* Hides phone numbers in `text`: digits after a plus sign, or any digits, whatever punctuation is between them. Of 7 and more digits the first
 * three and the last two stay; of fewer, none with MASK_ALL, all with MASK_INTERNATIONAL. The example of the hints, +1 415 555 0123, stays. */
void mask_numbers(char *text, enum mask mask);
/* The same for the reason why a field was refused: of a phone every digit between the quotes counts, there stands what was written. */
void mask_reason(char *reason, const char *field);

#endif
