/*
 * status - how a fallible function says what went wrong
 *
 * Every fallible function returns `enum status` and fills the caller's `struct err`. The class is what a caller branches on; the texts are
 * what a person reads: primary (what), detail (where, which value), hint (the cure). Whoever stops the propagation logs it, once.
 *
 *     struct err err = ERR_INIT;
 *     if (zone_parse(bytes, size, &zone, &err) != STATUS_OK)
 *         return err_wrap(&err, "time zone \"%s\"", name);
 *
 * Threads: a struct err belongs to one thread. Texts longer than their limit are cut at a UTF-8 boundary.
 */
#ifndef DAYPART_CORE_STATUS_H
#define DAYPART_CORE_STATUS_H

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

enum status {
	STATUS_OK = 0,
	STATUS_NOT_FOUND,
	STATUS_INVALID,   /* the caller's input is wrong; repeating cannot help */
	STATUS_CONFLICT,  /* somebody else got there first; re-read, then decide */
	STATUS_TRANSIENT, /* repeat the whole unit of work later */
	STATUS_UNCERTAIN, /* a write may have happened; read before repeating */
	STATUS_NO_MEMORY,
	STATUS_CANCELLED,
	STATUS_INTERNAL /* a bug of ours, reported instead of hidden */
};

enum {
	ERR_PRIMARY_MAX = 512, /* one line of a log */
	ERR_DETAIL_MAX = 1024, /* a file, a line, a field and the value found there */
	ERR_HINT_MAX = 512
};

struct err {
	enum status status;
	char sqlstate[6]; /* empty when the error did not come from the database */
	char primary[ERR_PRIMARY_MAX];
	char detail[ERR_DETAIL_MAX];
	char hint[ERR_HINT_MAX];
};

/* clang-format off */
#define ERR_INIT {.status = STATUS_OK}
/* clang-format on */

/* Replaces all of `err`; returns `status` so that a caller can `return err_set(...)`. */
enum status err_set(struct err *err, enum status status, const char *format, ...) PRINTF_LIKE(3, 4);

/* Adds to an error already set; each returns err->status. */
enum status err_detail(struct err *err, const char *format, ...) PRINTF_LIKE(2, 3);
enum status err_hint(struct err *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* Puts "context: " before the primary text; returns err->status. */
enum status err_wrap(struct err *err, const char *format, ...) PRINTF_LIKE(2, 3);

#ifdef __clang_analyzer__ /* sees one file at a time: without this it believes that these may return STATUS_OK */
static inline enum status
err_never_ok(enum status status)
{
	return status == STATUS_OK ? STATUS_INTERNAL : status;
}
#define err_set(...) err_never_ok((err_set)(__VA_ARGS__))
#define err_detail(...) err_never_ok((err_detail)(__VA_ARGS__))
#define err_hint(...) err_never_ok((err_hint)(__VA_ARGS__))
#define err_wrap(...) err_never_ok((err_wrap)(__VA_ARGS__))
#endif

/* "invalid", "transient", ...: the word a log line carries. */
const char *status_name(enum status status);

#endif
