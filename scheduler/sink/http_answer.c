#include "http_answer.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

void
http_answer_copy(char *out, size_t size, const char *text)
{
	size_t length;

	assert(size > 0);
	if (text == NULL)
		text = "";
	length = strlen(text);
	if (length >= size) {
		length = size - 1;
		while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
			length--;
	}
	memcpy(out, text, length);
	out[length] = '\0';
}

int
http_answer_code(const json_t *value)
{
	const char *digits = json_string_value(value);
	long long number = -1;
	char *end;

	if (json_is_integer(value)) {
		number = json_integer_value(value);
	} else if (digits != NULL && digits[0] >= '0' && digits[0] <= '9') {
		number = strtoll(digits, &end, 10);
		if (*end != '\0')
			number = -1;
	}
	return number >= 0 && number <= INT_MAX ? (int)number : PROVIDER_NO_CODE;
}
