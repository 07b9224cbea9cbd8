/*
 * http_answer - what a reply's body says, whatever format it has
 *
 *     struct http_answer answer = HTTP_ANSWER_INIT;
 *     if (!http_cloud_read(body, size, &answer)) ... nothing that this format knows ...
 */
#ifndef DAYPART_SCHEDULER_HTTP_ANSWER_H
#define DAYPART_SCHEDULER_HTTP_ANSWER_H

#include <jansson.h>

#include "scheduler/policy/provider_answer.h"

enum { HTTP_ANSWER_ID_MAX = 256, HTTP_ANSWER_TEXT_MAX = 512 };

struct http_answer {
	int code;                        /* or PROVIDER_NO_CODE */
	char id[HTTP_ANSWER_ID_MAX];     /* the provider's name of the message, or "" */
	char text[HTTP_ANSWER_TEXT_MAX]; /* what the provider says about an error, or "" */
};
/* clang-format off */
#define HTTP_ANSWER_INIT {.code = PROVIDER_NO_CODE}
/* clang-format on */

/* Copies a text of the provider's, cut at a character's end; NULL is "". */
void http_answer_copy(char *out, size_t size, const char *text);
/* A number, or a text of digits; PROVIDER_NO_CODE when it is neither. */
int http_answer_code(const json_t *value);

#endif
