/*
 * token_file - the file on a host that says from which copy of the database it may release (adoption.h)
 *
 *     if (token_file_path(settings->release_token_file, "NAME", path, &err) != STATUS_OK) ...
 *     status = token_file_read(path, &content, &err);        // STATUS_NOT_FOUND: there is none
 *     status = token_file_write(path, &content, &err);       // replaces it, whole or not at all
 *
 * A text of three lines, readable and writable by its owner only. Written beside it, flushed and renamed, so that a crash leaves the old one or
 * the new one. Any thread, one at a time for one file.
 */
#ifndef DAYPART_SCHEDULER_TOKEN_FILE_H
#define DAYPART_SCHEDULER_TOKEN_FILE_H

#include <limits.h>

#include "planner/core/instant.h"

enum { TOKEN_TEXT = 37 }; /* a UUID */

struct token_content {
	char token[TOKEN_TEXT];
	struct instant beat; /* the latest that was seen; ADOPTION_NO_BEAT: none yet */
};

/* `setting` when it is not empty, else NAME.token in the state folder of systemd or of the user, which is made when it is not there. */
MUST_CHECK enum status token_file_path(const char *setting, const char *name, char out[PATH_MAX], struct err *err);
MUST_CHECK enum status token_file_read(const char *path, struct token_content *out, struct err *err);
MUST_CHECK enum status token_file_write(const char *path, const struct token_content *content, struct err *err);
/* As token_file_write, but one that is there stays, which is no error: read it again. */
MUST_CHECK enum status token_file_create(const char *path, const struct token_content *content, struct err *err);

#endif
