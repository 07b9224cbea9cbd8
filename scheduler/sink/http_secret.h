/*
 * http_secret - a secret from where the settings say that it is: an environment variable or a file, never the settings themselves
 *
 *     http_secret_read("release.http.token", "env:DAYPART_TOKEN", &secret, &err);     // or "file:/etc/daypart/token"
 *     ... secret.text ...
 *     http_secret_forget(&secret);
 *
 * A file must be a regular one that belongs to this user or to root and that nobody else may read (0600 or less). One line; its end is cut. No
 * error quotes what was read.
 */
#ifndef DAYPART_SCHEDULER_HTTP_SECRET_H
#define DAYPART_SCHEDULER_HTTP_SECRET_H

#include "planner/core/status.h"

enum { HTTP_SECRET_MAX = 4096 }; /* the longest tokens are a few hundred characters */

struct http_secret {
	char *text; /* NULL: none */
};

/* `setting` is named in errors. `where` "" is no secret and no error. */
MUST_CHECK enum status http_secret_read(const char *setting, const char *where, struct http_secret *out, struct err *err);
/* Overwrites it first. */
void http_secret_forget(struct http_secret *secret);

#endif
