/*
 * import_kind - what `daypart import` knows of each KIND: its columns, and what a header row must hold
 *
 *     const struct import_kind *kind = import_kind_find("recipients");
 *     if (import_header_check(kind, header, &err) != STATUS_OK) ... no row of the file can be understood ...
 *
 * Columns are named as in the tables and come in any order. A file of rejects is accepted as it is: its own three columns are known to every
 * kind and carry nothing. Values are judged by the database, in the words its functions and constraints use (sql/migrations/0006_import.sql and
 * 0013_law_import.sql, 0026_breakers.sql).
 */
#ifndef DAYPART_PLANNER_IMPORT_KIND_H
#define DAYPART_PLANNER_IMPORT_KIND_H

#include <stdbool.h>
#include <stdio.h>

#include "csv.h"
#include "sql_embedded.h"

struct import_column {
	const char *name;
	bool required;
	const char *help;
};

struct import_kind {
	const char *name; /* as typed: "opt-outs" */
	const struct import_column *columns;
	int column_count;
	bool takes_variables;               /* columns "var:NAME" */
	const struct sql_statement *vacuum; /* of the table it fills; NULL for small ones */
};

enum { IMPORT_KINDS = 13 };
extern const struct import_kind import_kinds[IMPORT_KINDS];

#define IMPORT_VARIABLE_PREFIX "var:"
#define IMPORT_PHONE_COLUMN "phone"

/* The columns that a file of rejects has in front. */
enum { IMPORT_REJECT_COLUMNS = 3 };
extern const char *const import_reject_columns[IMPORT_REJECT_COLUMNS];

/* NULL for an unknown name. */
const struct import_kind *import_kind_find(const char *name);
/* All names, blank between: for a message. */
const char *import_kind_names(void);

/* All kinds and their columns, for `daypart help import`. */
void import_kinds_print(FILE *out);

/* STATUS_INVALID names the column that is unknown (with the nearest known one), given twice or missing. */
MUST_CHECK enum status import_header_check(const struct import_kind *kind, const struct csv_record *header, struct err *err);

#endif
