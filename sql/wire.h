/*
 * wire - PostgreSQL's binary formats: integers in network order, timestamps since 2000, tuples of COPY BINARY
 *
 * Pure: bytes in, values out; libpq is not needed.
 *
 *     struct wire_buffer buffer = {0};
 *     wire_put_count(&buffer, 1);
 *     wire_put_int64(&buffer, id);
 *
 * A failed allocation is remembered in `buffer.failed` and later puts do nothing, so a row is built without a check per value.
 * The buffer is freed with wire_free; wire_clear empties it and keeps the memory.
 */
#ifndef DAYPART_SQL_WIRE_H
#define DAYPART_SQL_WIRE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "planner/core/instant.h"

/* 2000-01-01T00:00:00Z in microseconds since 1970: PostgreSQL counts from there. */
#define WIRE_EPOCH_US (INT64_C(946684800) * US_PER_SECOND)

struct wire_buffer {
	uint8_t *bytes;
	size_t size, capacity;
	bool failed;
};

/* Room for `more` bytes; false, and `failed` set, when there is no memory. */
bool wire_reserve(struct wire_buffer *buffer, size_t more);
void wire_clear(struct wire_buffer *buffer);
void wire_free(struct wire_buffer *buffer);

static inline void
wire_store(uint8_t *out, uint64_t value, int size)
{
	for (int i = size - 1; i >= 0; i--, value >>= 8)
		out[i] = (uint8_t)value;
}

/* One load and a swap of bytes, as compilers see it. */
static inline uint32_t
wire_word(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* A signed integer of 2, 4 or 8 bytes. */
static inline int64_t
wire_load(const uint8_t *bytes, int size)
{
	const uint32_t high = size == 2 ? 0 : wire_word(bytes);

	if (size == 8)
		return (int64_t)((uint64_t)high << 32 | wire_word(bytes + 4));
	if (size == 4)
		return (int32_t)high;
	return (int16_t)(uint16_t)(bytes[0] << 8 | bytes[1]);
}

/* Infinities are the extreme values on both sides. */
static inline struct instant
wire_instant(int64_t postgres_us)
{
	if (postgres_us == INT64_MAX || postgres_us == INT64_MIN)
		return (struct instant){postgres_us};
	return (struct instant){postgres_us + WIRE_EPOCH_US};
}

static inline int64_t
wire_postgres_us(struct instant value)
{
	return value.us == INT64_MAX || value.us == INT64_MIN ? value.us : value.us - WIRE_EPOCH_US;
}

/* A bare integer: the field count of a tuple. */
static inline void
wire_put_count(struct wire_buffer *buffer, int16_t count)
{
	if (!wire_reserve(buffer, 2))
		return;
	wire_store(buffer->bytes + buffer->size, (uint64_t)count, 2);
	buffer->size += 2;
}

/* A field: its size, then its bytes. */
static inline void
wire_put_int(struct wire_buffer *buffer, int64_t value, int size)
{
	if (!wire_reserve(buffer, 12))
		return;
	wire_store(buffer->bytes + buffer->size, (uint64_t)size, 4);
	wire_store(buffer->bytes + buffer->size + 4, (uint64_t)value, size);
	buffer->size += 4 + (size_t)size;
}

void wire_put_null(struct wire_buffer *buffer);
void wire_put_bytes(struct wire_buffer *buffer, const void *bytes, size_t size);

/* What opens and ends a COPY BINARY stream. */
void wire_put_header(struct wire_buffer *buffer);
void wire_put_trailer(struct wire_buffer *buffer);

/* The size of the stream's header at the start of `bytes`, or 0 when it is none. */
size_t wire_header_size(const uint8_t *bytes, size_t size);

#endif
