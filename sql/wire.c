/*
 * wire - implementation
 *
 * Growth doubles, so a buffer settles at the largest batch it ever held. The single-value functions are inline in the header because a plan
 * writes some ten million fields.
 */
#include "wire.h"

#include <stdlib.h>

static const uint8_t signature[11] = "PGCOPY\n\377\r\n";

enum { SIGNATURE_SIZE = 11, FLAGS_SIZE = 4, EXTENSION_SIZE = 4, HEADER_SIZE = SIGNATURE_SIZE + FLAGS_SIZE + EXTENSION_SIZE };

bool
wire_reserve(struct wire_buffer *buffer, size_t more)
{
	size_t capacity = buffer->capacity ? buffer->capacity : 1024;
	uint8_t *bytes;

	if (buffer->failed)
		return false;
	if (buffer->size + more <= buffer->capacity)
		return true;
	while (capacity < buffer->size + more)
		capacity *= 2;
	bytes = realloc(buffer->bytes, capacity);
	if (bytes == NULL) {
		buffer->failed = true;
		return false;
	}
	buffer->bytes = bytes;
	buffer->capacity = capacity;
	return true;
}

void
wire_clear(struct wire_buffer *buffer)
{
	buffer->size = 0;
}

void
wire_free(struct wire_buffer *buffer)
{
	free(buffer->bytes);
	*buffer = (struct wire_buffer){0};
}

static void
put_raw(struct wire_buffer *buffer, const void *bytes, size_t size)
{
	if (size == 0 || !wire_reserve(buffer, size))
		return;
	memcpy(buffer->bytes + buffer->size, bytes, size);
	buffer->size += size;
}

void
wire_put_null(struct wire_buffer *buffer)
{
	put_raw(buffer, "\377\377\377\377", 4);
}

void
wire_put_bytes(struct wire_buffer *buffer, const void *bytes, size_t size)
{
	if (!wire_reserve(buffer, 4))
		return;
	wire_store(buffer->bytes + buffer->size, size, 4);
	buffer->size += 4;
	put_raw(buffer, bytes, size);
}

void
wire_put_header(struct wire_buffer *buffer)
{
	static const uint8_t no_flags_no_extension[FLAGS_SIZE + EXTENSION_SIZE];

	put_raw(buffer, signature, sizeof(signature));
	put_raw(buffer, no_flags_no_extension, sizeof(no_flags_no_extension));
}

void
wire_put_trailer(struct wire_buffer *buffer)
{
	wire_put_count(buffer, -1);
}

size_t
wire_header_size(const uint8_t *bytes, size_t size)
{
	size_t header;

	if (size < HEADER_SIZE || memcmp(bytes, signature, SIGNATURE_SIZE) != 0)
		return 0;
	header = HEADER_SIZE + (size_t)wire_load(bytes + SIGNATURE_SIZE + FLAGS_SIZE, EXTENSION_SIZE);
	return header <= size ? header : 0;
}
