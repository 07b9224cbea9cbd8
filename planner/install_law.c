/*
 * install_law - the part of install.h that brings rulebook and calendars into the database
 *
 * A rulebook is known by the SHA-256 of its texts and never changed: editing a file makes a new one, and the old one stays, because slots
 * and releases name it.
 */
#include <stdio.h>

#include "conf/log.h"
#include "install.h"

enum { HASH_BYTES = 32, HASH_TEXT_MAX = 2 * HASH_BYTES + 1, SHORT_HASH = 12 };

static void
log_problem(void *context, const char *file, int line, const char *what)
{
	(void)context;
	if (line > 0)
		log_message(SEVERITY_ERROR, "%s:%d: %s", file, line, what);
	else
		log_message(SEVERITY_ERROR, "%s: %s", file, what);
}

static const char *
fixed_zone(const struct rule *rule)
{
	if (rule->kind == RULE_WINDOW)
		return rule->window.fixed_zone;
	return rule->kind == RULE_VOLUME ? rule->volume.fixed_zone : "";
}

/* A rule may tie its hours or days to the clock of one place, which this host must know. */
static enum status
check_fixed_zones(const struct rulebook *rulebook, const struct zone_set *zones, struct err *err)
{
	int problems = 0;

	for (size_t i = 0; i < rulebook->regime_count; i++) {
		const struct regime *regime = &rulebook->regimes[i];

		for (size_t j = 0; j < regime->rule_count; j++) {
			const char *zone = fixed_zone(&regime->rules[j]);

			if (zone[0] == '\0' || zone_set_find(zones, zone) != NULL)
				continue;
			problems++;
			log_message(SEVERITY_ERROR, "%s:%d: clock: unknown time zone \"%s\"; use a name of tzdb, such as America/Sao_Paulo",
				regime->file, regime->rules[j].line, zone);
		}
	}
	return problems == 0 ? STATUS_OK : err_set(err, STATUS_INVALID, "the rulebook has %d problem%s", problems, problems == 1 ? "" : "s");
}

enum status
install_check_law(const char *rulebook_dir, const char *calendar_dir, const struct zone_set *zones, struct law_texts *out_texts,
	struct parsed_law *out_law, struct err *err)
{
	enum status status = law_texts_read(rulebook_dir, calendar_dir, out_texts, err);

	if (status == STATUS_OK && (status = law_parse(out_texts, log_problem, NULL, out_law, err)) == STATUS_INVALID)
		err->detail[0] = '\0'; /* the first problem, told already */
	if (status == STATUS_OK)
		status = check_fixed_zones(out_law->rulebook, zones, err);
	return status;
}

enum status
install_read_law(const struct settings *settings, const struct zone_set *zones, struct law_texts *out, struct err *err)
{
	struct parsed_law law = PARSED_LAW_INIT;
	const enum status status = install_check_law(settings->rulebook_dir, settings->calendar_dir, zones, out, &law, err);

	parsed_law_free(&law);
	if (status == STATUS_INVALID)
		(void)err_hint(
			err, "Nothing was changed. Correct the files in %s and %s, then: daypart init", settings->rulebook_dir, settings->calendar_dir);
	return status;
}

static void
hash_to_text(const uint8_t hash[HASH_BYTES], char out[HASH_TEXT_MAX])
{
	for (int i = 0; i < HASH_BYTES; i++)
		snprintf(out + 2 * i, 3, "%02x", hash[i]);
}

/* The rulebook's row, by its hash. */
static enum status
find_or_make(const struct install *install, const char *hash, int64_t *out_id, bool *out_made, struct err *err)
{
	PGresult *rows;

	if (session_query(install->session, &sql_query_init_rulebook, &hash, 1, &rows, err) != STATUS_OK)
		return err->status;
	*out_id = session_int(rows, 0, 0);
	*out_made = session_bool(rows, 0, 1);
	PQclear(rows);
	return STATUS_OK;
}

static enum status
store_texts(const struct install *install, const char *id, const struct law_texts *texts, struct err *err)
{
	for (size_t i = 0; i < texts->count; i++) {
		const char *params[] = {id, texts->items[i].name, texts->items[i].text};

		if (session_query(install->session, &sql_query_init_rulebook_file, params, 3, NULL, err) != STATUS_OK)
			return err->status;
	}
	return STATUS_OK;
}

static enum status
put_in_force(const struct install *install, const char *id, bool *out_changed, struct err *err)
{
	PGresult *rows;

	if (session_query(install->session, &sql_query_init_rulebook_head, &id, 1, &rows, err) != STATUS_OK)
		return err->status;
	*out_changed = PQntuples(rows) > 0;
	PQclear(rows);
	return STATUS_OK;
}

/* Parsed once more, because a rulebook is known by its texts; installing is rare. */
static enum status
write_consent_words(const struct install *install, const struct law_texts *texts, struct err *err)
{
	struct parsed_law law = PARSED_LAW_INIT;
	enum status status = law_parse(texts, NULL, NULL, &law, err);

	if (status == STATUS_OK)
		status = install_consent_words(install, law.rulebook, err);
	parsed_law_free(&law);
	return status;
}

enum status
install_rulebook(const struct install *install, const struct law_texts *texts, struct err *err)
{
	char hash_text[HASH_TEXT_MAX] = "", id_text[SESSION_PARAM_MAX], done[64];
	uint8_t hash[HASH_BYTES];
	bool made = false, changed = false;
	int64_t id = 0;

	if (law_texts_hash(texts, hash, err) != STATUS_OK)
		return err->status;
	hash_to_text(hash, hash_text);
	if (find_or_make(install, hash_text, &id, &made, err) != STATUS_OK)
		return err->status;
	session_param_int(id, id_text);
	if (made && store_texts(install, id_text, texts, err) != STATUS_OK)
		return err->status;
	if (put_in_force(install, id_text, &changed, err) != STATUS_OK)
		return err->status;
	snprintf(done, sizeof(done), "%.*s in force, %zu files", SHORT_HASH, hash_text, texts->count);
	if (changed)
		install->on_done(install->context, "rulebook", done);
	return write_consent_words(install, texts, err);
}
