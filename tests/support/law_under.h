/*
 * law_under - under what a row of tests/cases/law_*.txt asks: overlays, readings and exceptions switched in the rulebook, and facts of the class
 *
 *     struct law_changes changes = {.count = 0};
 *     law_under_apply(rulebook, question, &changes);
 *     ...
 *     law_under_undo(&changes);
 *
 * The words are those of law_cases.h. What is none of them stays in question->under for the kind of row; a regime or rule that does not exist ends the
 * test program.
 */
#ifndef DAYPART_TESTS_SUPPORT_LAW_UNDER_H
#define DAYPART_TESTS_SUPPORT_LAW_UNDER_H

#include "tests/support/law_answer.h"

enum { LAW_CHANGES_MAX = 256 };

struct law_changes {
	struct law_change {
		void *where;
		size_t size;
		unsigned char before[8];
	} items[LAW_CHANGES_MAX];
	size_t count;
};

void law_under_apply(struct rulebook *rulebook, struct law_question *question, struct law_changes *changes);
void law_under_undo(struct law_changes *changes);

#endif
