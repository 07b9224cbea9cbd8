/*
 * Any bytes as what a provider sends: the first line as a Retry-After, the rest as the body of a reply in both formats, and as a text with
 * {{placeholders}}. Nothing that says an error is accepted, texts end where they should, and no wait is longer than a day.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "scheduler/sink/http_client.h"
#include "scheduler/sink/http_cloud.h"
#include "scheduler/sink/http_webhook.h"
#include "scheduler/sink/placeholder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_answer(const struct http_answer *answer)
{
	assert(memchr(answer->id, '\0', sizeof answer->id) != NULL && memchr(answer->text, '\0', sizeof answer->text) != NULL);
	assert(answer->code >= PROVIDER_NO_CODE);
	assert(answer->code == PROVIDER_NO_CODE || provider_action(200, answer->code, NULL) != PROVIDER_ACCEPTED);
}

static void
check_reply(const char *body, size_t size)
{
	struct http_answer answer;

	if (http_cloud_read(body, size, &answer))
		assert((answer.id[0] != '\0') == (answer.code == PROVIDER_NO_CODE));
	check_answer(&answer);
	http_webhook_read(body, size, &answer);
	check_answer(&answer);
	if (http_webhook_read_state(body, size, &answer) != HTTP_WEBHOOK_UNKNOWN)
		assert(size > strlen("{\"state\":\"\"}"));
	check_answer(&answer);
}

static void
check_wait(const char *text)
{
	const struct duration wait = http_retry_after(text, (struct instant){INT64_C(1795464000) * US_PER_SECOND});

	assert(wait.us >= 0 && wait.us <= US_PER_DAY);
}

/* Filled with its own names' values it has the length of the pieces. */
static void
check_text(const char *text)
{
	json_t *values = json_pack("{s:s, s:s}", "a", "{{b}}", "b", "");
	char *filled = placeholder_fill(text, values);
	struct placeholder found;
	size_t length = strlen(text);

	for (const char *at = text; placeholder_next(at, &found); at = found.until) {
		const char *value = placeholder_value(&found, values);

		if (value != NULL)
			length = length - (size_t)(found.until - found.from) + strlen(value);
	}
	assert(strlen(filled) == length);
	free(filled);
	json_decref(values);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *body;

	assert(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	check_text(text);
	body = memchr(text, '\n', size);
	if (body != NULL) {
		*body++ = '\0';
		check_reply(body, size - (size_t)(body - text));
	}
	check_wait(text);
	free(text);
	return 0;
}
