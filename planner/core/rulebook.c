/*
 * Regions form a forest of depth two: "US" holds "US-TX". A person known only to be in "US" may be in Texas, so a regime of a subdivision
 * covers the bare country as well: an unknown attaches (REGULATIONS 3.3, step 2).
 */
#include "rulebook.h"

#include <stdlib.h>
#include <string.h>

void
rulebook_free(struct rulebook **rulebook)
{
	if (!*rulebook)
		return;
	for (size_t i = 0; i < (*rulebook)->regime_count; i++) {
		free((*rulebook)->regimes[i].title);
		free((*rulebook)->regimes[i].rules);
	}
	free((*rulebook)->regimes);
	free(*rulebook);
	*rulebook = NULL;
}

/* "US" contains "US" and "US-TX". */
static bool
region_contains(const char *outer, const char *inner)
{
	size_t length = strlen(outer);
	return strncmp(outer, inner, length) == 0 && (inner[length] == '\0' || inner[length] == '-');
}

bool
regime_covers(const struct regime *regime, const char *region)
{
	if (regime->everywhere)
		return true;
	for (size_t i = 0; i < regime->region_count; i++)
		if (region_contains(regime->regions[i], region) || region_contains(region, regime->regions[i]))
			return true;
	return false;
}

bool
rule_binds(const struct rulebook *rulebook, const struct regime *regime, const struct rule *rule)
{
	if (regime->status != REGIME_ENFORCED)
		return false;
	return rule->strength == STRENGTH_MUST || (rule->strength == STRENGTH_SHOULD && rulebook->enforce_should);
}
