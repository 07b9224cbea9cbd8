#include "adoption_rule.h"

#include <string.h>

static bool
is_behind(struct instant database, struct instant file)
{
	if (file.us == ADOPTION_NO_BEAT.us)
		return false;
	return database.us == ADOPTION_NO_BEAT.us || database.us < file.us - ADOPTION_BEHIND_MAX;
}

enum adoption_verdict
adoption_judge(const struct adoption_facts *facts)
{
	if (facts->rehearsal)
		return ADOPTION_OURS;
	if (facts->database_token == NULL)
		return facts->file_token == NULL || facts->file_beat.us == ADOPTION_NO_BEAT.us ? ADOPTION_FIRST : ADOPTION_WENT_BACK;
	if (facts->file_token == NULL)
		return ADOPTION_NOT_HERE;
	if (strcmp(facts->database_token, facts->file_token) != 0)
		return ADOPTION_OTHER;
	return is_behind(facts->database_beat, facts->file_beat) ? ADOPTION_WENT_BACK : ADOPTION_OURS;
}
