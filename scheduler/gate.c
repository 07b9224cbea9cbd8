/*
 * Classes are kept in an array sorted by number, as the claim's binary search wants them. Each carries its present verdict and until when that
 * is good: the end of the window, the next local midnight (consent rules are dated) or a day, whichever comes first. The verdict of a closed
 * class names its next opening, so that a claim that straddles the opening does not find it closed.
 *
 * The texts of all verdicts are built together and shared by every claim until the first verdict ends; they are counted, because claims in
 * flight still read them when they are replaced.
 */
#include "gate.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/log.h"
#include "planner/core/cap.h"
#include "planner/core/emergency.h"
#include "planner/core/quota.h"

/* How far around now windows are expanded: back, because the server's clock may lag, and ahead to the next opening. */
#define SPAN_BACK US_PER_HOUR
#define SPAN_AHEAD (8 * US_PER_DAY)
#define VERDICT_GOOD_FOR US_PER_DAY
/* Around local midnight the consent rules of both days bind. */
#define MIDNIGHT_SLACK US_PER_MINUTE

/* Shared with the laws that came of it: a worker may be reading. Counted in the loop's thread. */
struct gate_book {
	struct lawbook *book;
	unsigned users;
};

struct gate {
	struct gate_book *shared;
	struct lawbook *book; /* of it */
	uint64_t laws_number;
	struct gate_class **classes; /* by id */
	size_t count, capacity;
	struct gate_laws *laws; /* NULL: to be built */
};

static const struct interval closed = {{INT64_MAX}, {INT64_MIN}};

/* Verdicts ---------------------------------------------------------------------------------------------------------------------------------- */

static void tell(struct gate_class *class, const char *format, ...) PRINTF_LIKE(2, 3);

/* Once for each class and law: its slots come due one by one and would say it again and again. */
static void
tell(struct gate_class *class, const char *format, ...)
{
	struct err why = ERR_INIT;
	char text[ERR_PRIMARY_MAX];
	va_list arguments;

	if (class->told)
		return;
	class->told = true;
	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	err_set(&why, STATUS_INVALID, "messages of class %d are held: %s", class->id, text);
	err_hint(&why, "Bring zones and rulebook of this host and the planner's to the same state, then: daypart plan.");
	log_err(SEVERITY_ERROR, &why);
}

/* False: a zone is missing here, or its offsets are not those the class was planned with. */
static bool
find_zones(const struct gate *gate, struct gate_class *class, const struct zone **out)
{
	for (size_t i = 0; i < class->zones.count; i++) {
		const char *name = class->zones.items[i];

		out[i] = zone_set_find(gate->book->zones, name);
		if (out[i] == NULL) {
			tell(class, "this host has no time zone %s", name);
			return false;
		}
		if (zone_hash(out[i], class->hashed) != (uint64_t)strtoll(class->hashes.items[i], NULL, 10)) {
			tell(class, "this host's data of time zone %s differ from the plan's", name);
			return false;
		}
	}
	return true;
}

static void
unite_need(struct consent_need *need, struct consent_need more)
{
	need->required = need->required || more.required;
	need->evidence |= more.evidence;
	if (more.good_for.us > 0 && (need->good_for.us == 0 || more.good_for.us < need->good_for.us))
		need->good_for = more.good_for;
}

/* Consent rules are dated in local dates: those of every candidate zone bind together. */
static void
judge_consent(const struct law *law, const struct zone *const *zones, size_t count, struct instant now, struct verdict *out)
{
	for (size_t i = 0; i < count; i++) {
		const struct date today = wall_date(zone_wall(zones[i], now));
		const struct date soon = wall_date(zone_wall(zones[i], (struct instant){now.us + MIDNIGHT_SLACK}));
		const struct wall midnight = wall_at((struct date){soon.days + 1}, (struct day_time){0});

		unite_need(&out->need, law_consent_need(law, today));
		unite_need(&out->need, law_consent_need(law, soon));
		out->until = instant_min(out->until, (struct instant){zone_closing(zones[i], midnight).us - MIDNIGHT_SLACK});
	}
}

static enum status
judge_windows(const struct gate *gate, const struct law *law, const struct class_facts *facts, const struct zone *const *zones,
	struct instant now, struct verdict *out, struct err *err)
{
	const struct interval span = {{now.us - SPAN_BACK}, {now.us + SPAN_AHEAD}};
	struct windows windows = WINDOWS_INIT;
	const struct interval *next;

	if (window_expand_in(law, facts, zones, &gate->book->context, span, &windows, err) != STATUS_OK) {
		windows_free(&windows);
		return err->status;
	}
	next = interval_set_next(&windows.open, now);
	if (next != NULL) {
		out->open = *next;
		out->until = instant_min(out->until, next->until);
	}
	windows_free(&windows);
	return STATUS_OK;
}

/* As plan_class makes it. */
static uint64_t
terms_hash(const struct gate *gate, const struct law *law)
{
	const struct lawbook *book = gate->book;

	return cap_calendars_hash(law_terms_hash(book->law.rulebook, law), law->of[RULE_CAP].items, law->of[RULE_CAP].count,
		book->context.calendars, book->context.calendar_count);
}

static enum status
judge_law(const struct gate *gate, struct gate_class *class, const struct zone *const *zones, struct instant now, struct verdict *out,
	struct err *err)
{
	const struct class_facts facts = gate_class_facts(class);
	struct law law = LAW_INIT;

	if (law_merge(gate->book->law.rulebook, &facts, &law, err) == STATUS_OK) {
		class->volumes = quota_rules_of(gate->book->law.rulebook, &law);
		if (terms_hash(gate, &law) != class->terms_hash)
			tell(class, "rules that a plan judges have changed since it was made");
		else if (judge_windows(gate, &law, &facts, zones, now, out, err) == STATUS_OK)
			judge_consent(&law, zones, class->zones.count, now, out);
	}
	law_free(&law);
	return err->status;
}

static void
judge(const struct gate *gate, struct gate_class *class, struct instant now)
{
	struct verdict verdict = {.open = closed, .need = {.required = true}, .until = {now.us + VERDICT_GOOD_FOR}};
	const struct zone *zones[PLACE_ZONES_MAX];
	struct err err = ERR_INIT;

	class->volumes = UINT32_MAX;
	if (!class->known || class->zones.count == 0 || class->zones.count > PLACE_ZONES_MAX)
		tell(class, "the database does not know this class, or not in full");
	else if (find_zones(gate, class, zones) && judge_law(gate, class, zones, now, &verdict, &err) != STATUS_OK) {
		tell(class, "%s", err.primary);
		verdict.open = closed;
	}
	class->verdict = verdict;
}

/* Texts ------------------------------------------------------------------------------------------------------------------------------------- */

static void
drop_book(struct gate_book **shared)
{
	struct gate_book *dropped = *shared;

	*shared = NULL;
	if (dropped == NULL || --dropped->users > 0)
		return;
	lawbook_free(&dropped->book);
	free(dropped);
}

static void
free_laws(struct gate_laws *laws)
{
	drop_book(&laws->shared);
	free(laws->class_ids);
	free(laws->volumes);
	free((void *)laws->claim.class_ids);
	free((void *)laws->claim.open_from);
	free((void *)laws->claim.open_until);
	free((void *)laws->claim.evidence);
	free((void *)laws->claim.good_for);
	free((void *)laws->claim.later);
	free(laws);
}

void
gate_laws_drop(struct gate_laws **laws)
{
	struct gate_laws *dropped = *laws;

	*laws = NULL;
	if (dropped != NULL && --dropped->users == 0)
		free_laws(dropped);
}

typedef void print_class_fn(FILE *out, const struct gate_class *class);

static void
print_id(FILE *out, const struct gate_class *class)
{
	(void)fprintf(out, "%d", class->id);
}

static void
print_open_from(FILE *out, const struct gate_class *class)
{
	char text[SESSION_PARAM_MAX];

	(void)fprintf(out, "\"%s\"", session_param_instant(class->verdict.open.from, text));
}

static void
print_open_until(FILE *out, const struct gate_class *class)
{
	char text[SESSION_PARAM_MAX];

	(void)fprintf(out, "\"%s\"", session_param_instant(class->verdict.open.until, text));
}

static void
print_evidence(FILE *out, const struct gate_class *class)
{
	(void)fprintf(out, "%lld", class->verdict.need.required ? (long long)class->verdict.need.evidence : -1LL);
}

static void
print_good_for(FILE *out, const struct gate_class *class)
{
	(void)fprintf(out, "%lld", class->verdict.need.required ? (long long)class->verdict.need.good_for.us : 0LL);
}

static void
print_later(FILE *out, const struct gate_class *class)
{
	(void)fputc(class->later ? 't' : 'f', out);
}

static char *
print_array(const struct gate *gate, print_class_fn *print)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < gate->count; i++) {
		(void)fputc(i == 0 ? '{' : ',', out);
		print(out, gate->classes[i]);
	}
	(void)fputs(gate->count == 0 ? "{}" : "}", out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static bool
list_volumes(const struct gate *gate, struct gate_laws *laws)
{
	laws->class_ids = calloc(gate->count + 1, sizeof(*laws->class_ids));
	laws->volumes = calloc(gate->count + 1, sizeof(*laws->volumes));
	if (laws->class_ids == NULL || laws->volumes == NULL)
		return false;
	for (laws->class_count = 0; laws->class_count < gate->count; laws->class_count++) {
		laws->class_ids[laws->class_count] = gate->classes[laws->class_count]->id;
		laws->volumes[laws->class_count] = gate->classes[laws->class_count]->volumes;
	}
	return true;
}

static struct gate_laws *
build_laws(struct gate *gate, struct instant now)
{
	struct gate_laws *laws = calloc(1, sizeof(*laws));

	if (laws == NULL)
		return NULL;
	*laws = (struct gate_laws){.users = 1, .until = {INT64_MAX}, .number = ++gate->laws_number, .book = gate->book, .shared = gate->shared};
	gate->shared->users++;
	for (size_t i = 0; i < gate->count; i++) {
		if (gate->classes[i]->verdict.until.us <= now.us)
			judge(gate, gate->classes[i], now);
		laws->until = instant_min(laws->until, gate->classes[i]->verdict.until);
	}
	laws->claim = (struct claim_law){
		.class_ids = print_array(gate, print_id),
		.open_from = print_array(gate, print_open_from),
		.open_until = print_array(gate, print_open_until),
		.evidence = print_array(gate, print_evidence),
		.good_for = print_array(gate, print_good_for),
		.later = print_array(gate, print_later),
		.rulebook_id = gate->book->rulebook_id,
	};
	if (laws->claim.class_ids == NULL || laws->claim.open_from == NULL || laws->claim.open_until == NULL || laws->claim.evidence == NULL ||
		laws->claim.good_for == NULL || laws->claim.later == NULL || !list_volumes(gate, laws)) {
		free_laws(laws);
		return NULL;
	}
	return laws;
}

struct gate_laws *
gate_laws(struct gate *gate, struct instant now)
{
	assert(gate->book != NULL);
	if (gate->laws != NULL && gate->laws->until.us <= now.us)
		gate_laws_drop(&gate->laws);
	if (gate->laws == NULL)
		gate->laws = build_laws(gate, now);
	if (gate->laws != NULL)
		gate->laws->users++;
	return gate->laws;
}

/* The gate itself --------------------------------------------------------------------------------------------------------------------------- */

struct gate *
gate_create(void)
{
	return calloc(1, sizeof(struct gate));
}

static void
forget_classes(struct gate *gate)
{
	for (size_t i = 0; i < gate->count; i++)
		gate_class_free(&gate->classes[i]);
	gate->count = 0;
	gate_laws_drop(&gate->laws);
}

void
gate_free(struct gate **gate)
{
	struct gate *gone = *gate;

	*gate = NULL;
	if (gone == NULL)
		return;
	forget_classes(gone);
	drop_book(&gone->shared);
	free(gone->classes);
	free(gone);
}

static struct gate_book *
share_book(struct lawbook *book)
{
	struct gate_book *shared = malloc(sizeof(*shared));

	if (shared == NULL)
		abort(); /* some bytes, once in months */
	*shared = (struct gate_book){.book = book, .users = 1};
	return shared;
}

/* Classes belong to a rulebook: those that are still needed are learned again by the next claims. */
void
gate_set_law(struct gate *gate, struct lawbook **book)
{
	forget_classes(gate);
	drop_book(&gate->shared);
	gate->shared = share_book(*book);
	gate->book = *book;
	*book = NULL;
}

void
gate_set_emergencies(struct gate *gate, struct emergencies *emergencies)
{
	if (!lawbook_set_emergencies(gate->book, emergencies))
		return;
	for (size_t i = 0; i < gate->count; i++)
		gate->classes[i]->verdict.until.us = INT64_MIN;
	gate_laws_drop(&gate->laws);
}

const struct lawbook *
gate_law(const struct gate *gate)
{
	return gate->book;
}

bool
gate_has_law(const struct gate *gate)
{
	return gate->book != NULL;
}

int32_t
gate_rulebook_id(const struct gate *gate)
{
	return gate->book != NULL ? gate->book->rulebook_id : 0;
}

static enum status
reserve(struct gate *gate, size_t more)
{
	const size_t capacity = gate->count + more;
	struct gate_class **classes;

	if (capacity <= gate->capacity)
		return STATUS_OK;
	classes = realloc(gate->classes, capacity * sizeof(*classes));
	if (classes == NULL)
		return STATUS_NO_MEMORY;
	gate->classes = classes;
	gate->capacity = capacity;
	return STATUS_OK;
}

static void
insert(struct gate *gate, struct gate_class **class)
{
	size_t place = gate->count;

	while (place > 0 && gate->classes[place - 1]->id >= (*class)->id)
		place--;
	if (place < gate->count && gate->classes[place]->id == (*class)->id) {
		gate_class_free(class);
		return;
	}
	memmove(&gate->classes[place + 1], &gate->classes[place], (gate->count - place) * sizeof(gate->classes[0]));
	(*class)->verdict.until.us = INT64_MIN;
	gate->classes[place] = *class;
	gate->count++;
	*class = NULL;
}

enum status
gate_add(struct gate *gate, struct gate_class **classes, size_t count, struct err *err)
{
	if (reserve(gate, count) != STATUS_OK)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	for (size_t i = 0; i < count; i++)
		insert(gate, &classes[i]);
	gate_laws_drop(&gate->laws);
	return STATUS_OK;
}
