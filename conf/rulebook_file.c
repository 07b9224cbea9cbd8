/*
 * How it works: readers walk libconfig's tree with one table of keys per kind of group; what is missing, unknown or of the wrong type is a
 * problem with file and line, and the walk goes on, so that one run shows all problems.
 */
#include "rulebook_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_text.h"
#include "planner/core/number.h"
#include "rulebook_read.h"
#include "rulebook_rules.h"

static void
add_region(const struct rulebook_reader *reader, const config_setting_t *element, struct regime *regime)
{
	const char *code = config_setting_get_string(element);
	if (code == NULL || !region_is_known(code)) {
		problem_add(reader->problems, reader->file, rulebook_line(element),
			"regions: \"%s\" is no ISO 3166 code; write a country such as \"GB\" or a subdivision such as \"US-TX\"",
			code != NULL ? code : "?");
		return;
	}
	for (size_t i = 0; i < regime->region_count; i++)
		if (strcmp(regime->regions[i], code) == 0)
			problem_add(reader->problems, reader->file, rulebook_line(element), "regions: \"%s\" stands there twice; take one out", code);
	snprintf(regime->regions[regime->region_count++], REGION_CODE_MAX, "%s", code);
}

static void
read_regions(const struct rulebook_reader *reader, const config_setting_t *root, struct regime *regime)
{
	const config_setting_t *list = config_setting_get_member(root, "regions");
	const char *text = list != NULL ? config_setting_get_string(list) : NULL;
	regime->everywhere = text != NULL && strcmp(text, "everywhere") == 0;
	if (regime->everywhere)
		return;
	if (list == NULL || !config_setting_is_array(list) || config_setting_length(list) == 0 ||
		config_setting_length(list) > REGIME_REGIONS_MAX) {
		rulebook_complain(reader, root, "regions", "must be \"everywhere\" or 1 to %d codes in brackets", REGIME_REGIONS_MAX);
		return;
	}
	for (int i = 0; i < config_setting_length(list); i++)
		add_region(reader, config_setting_get_elem(list, (unsigned)i), regime);
}

/* The policy for all files, which one of them may state. */
static void
read_should(const struct rulebook_reader *reader, const config_setting_t *root, const struct regime *regime, struct rulebook *rulebook)
{
	static const char *const policies[] = {[SHOULD_BLOCK] = "block", [SHOULD_WARN] = "warn", [SHOULD_IGNORE] = "ignore"};
	rulebook->should = (enum should_policy)rulebook_read_word(reader, root, "should", policies, 3);
	if (rulebook->should_from != NULL)
		rulebook_complain(reader, root, "should", "stands in %s already; one file says it for all, take it out of the other",
			rulebook->should_from->file);
	rulebook->should_from = regime;
}

static void
read_head(const struct rulebook_reader *reader, const config_setting_t *root, struct regime *regime)
{
	static const char *const statuses[] = {[REGIME_ENFORCED] = "enforced", [REGIME_ADVISORY] = "advisory", [REGIME_OFF] = "off"};
	static const char *const kinds[REGIME_KIND_COUNT] = {[REGIME_LAW] = "law",
		[REGIME_CARRIER] = "carrier",
		[REGIME_PLATFORM] = "platform",
		[REGIME_SELF_REGULATION] = "self_regulation",
		[REGIME_HOUSE] = "house"};
	regime->file = strdup(reader->file);
	rulebook_read_id(reader, root, "id", regime->id, sizeof regime->id);
	regime->title = strdup(rulebook_read_text(reader, root, "title"));
	if (rulebook_has(root, "kind"))
		regime->kind = (enum regime_kind)rulebook_read_word(reader, root, "kind", kinds, REGIME_KIND_COUNT);
	regime->status = (enum regime_status)rulebook_read_word(reader, root, "status", statuses, 3);
	read_regions(reader, root, regime);
	regime->review_by = rulebook_read_date(reader, root, "review_by");
	reader->problems->no_memory |= regime->title == NULL || regime->file == NULL;
}

static void
check_root_keys(const struct rulebook_reader *reader, const config_setting_t *root)
{
	static const char *const head[] = {"id", "title", "kind", "status", "regions", "review_by", "should"};
	enum { HEAD = sizeof head / sizeof *head };
	const char *keys[HEAD + RULEBOOK_SECTIONS];
	memcpy(keys, head, sizeof head);
	rulebook_section_names(keys + HEAD);
	rulebook_check_keys(reader, root, keys, HEAD + RULEBOOK_SECTIONS);
}

/* What is wrong with the text itself; the detail is "NAME:LINE", and sometimes what stands there. */
static void
add_text_problem(struct problems *problems, const char *name, const struct err *err)
{
	const char *place = err->detail + (strncmp(err->detail, name, strlen(name)) == 0 ? strlen(name) : 0);
	char *rest = NULL;
	const long line = *place == ':' ? strtol(place + 1, &rest, 10) : 0;
	problem_add(problems, name, (int)line, "%s%s%s%s", err->primary, rest != NULL ? rest : "", err->hint[0] != '\0' ? "; " : "", err->hint);
}

enum status
rulebook_file_parse(const char *name, const char *text, struct rulebook *rulebook, struct problems *problems)
{
	const struct rulebook_reader reader = {name, problems};
	struct err err = ERR_INIT;
	config_t config;
	if (config_text_parse(name, text, &config, &err) != STATUS_OK) {
		add_text_problem(problems, name, &err);
		return err.status == STATUS_NO_MEMORY ? STATUS_NO_MEMORY : STATUS_OK;
	}
	const config_setting_t *root = config_root_setting(&config);
	struct regime *regime = &rulebook->regimes[rulebook->regime_count++];
	check_root_keys(&reader, root);
	read_head(&reader, root, regime);
	if (rulebook_has(root, "should"))
		read_should(&reader, root, regime, rulebook);
	rulebook_rules_read(&reader, root, regime);
	config_destroy(&config);
	return problems->no_memory ? STATUS_NO_MEMORY : STATUS_OK;
}
