/*
 * How it works: Bob Jenkins' lookup3 (public domain) in the form that PostgreSQL gives it in src/common/hashfn.c: a seed is mixed in first, the 64 bits are
 * its b and c.
 */
#include "row_sum.h"

#include <string.h>

struct state {
	uint32_t a, b, c;
};

static inline uint32_t
rotate(uint32_t x, int by)
{
	return x << by | x >> (32 - by);
}

static inline struct state
mix(struct state s)
{
	s.a = (s.a - s.c) ^ rotate(s.c, 4);
	s.c += s.b;
	s.b = (s.b - s.a) ^ rotate(s.a, 6);
	s.a += s.c;
	s.c = (s.c - s.b) ^ rotate(s.b, 8);
	s.b += s.a;
	s.a = (s.a - s.c) ^ rotate(s.c, 16);
	s.c += s.b;
	s.b = (s.b - s.a) ^ rotate(s.a, 19);
	s.a += s.c;
	s.c = (s.c - s.b) ^ rotate(s.b, 4);
	s.b += s.a;
	return s;
}

static inline uint64_t
finish(struct state s)
{
	s.c = (s.c ^ s.b) - rotate(s.b, 14);
	s.a = (s.a ^ s.c) - rotate(s.c, 11);
	s.b = (s.b ^ s.a) - rotate(s.a, 25);
	s.c = (s.c ^ s.b) - rotate(s.b, 16);
	s.a = (s.a ^ s.c) - rotate(s.c, 4);
	s.b = (s.b ^ s.a) - rotate(s.a, 14);
	s.c = (s.c ^ s.b) - rotate(s.b, 24);
	return (uint64_t)s.b << 32 | s.c;
}

static inline struct state
start(size_t size, uint64_t seed)
{
	const uint32_t first = UINT32_C(0x9E3779B9) + (uint32_t)size + 3923095;
	const struct state s = {first, first, first};
	return seed == 0 ? s : mix((struct state){first + (uint32_t)(seed >> 32), first + (uint32_t)seed, first});
}

static uint64_t
hash_word(uint32_t word, uint64_t seed)
{
	struct state s = start(sizeof word, seed);
	s.a += word;
	return finish(s);
}

uint64_t
row_hash_int32(int32_t value, uint64_t seed)
{
	return hash_word((uint32_t)value, seed);
}

/* Both halves, so that small numbers have the hash of their narrower types. */
uint64_t
row_hash_int64(int64_t value, uint64_t seed)
{
	const uint32_t low = (uint32_t)value, high = (uint32_t)((uint64_t)value >> 32);
	return hash_word(low ^ (value >= 0 ? high : ~high), seed);
}

static inline uint32_t
load(const unsigned char *bytes)
{
	uint32_t word;
	memcpy(&word, bytes, sizeof word);
	return word;
}

uint64_t
row_hash_text(const void *text, size_t size, uint64_t seed)
{
	const unsigned char *at = text;
	size_t left = size;
	struct state s = start(size, seed);
	for (; left >= 12; at += 12, left -= 12) {
		s.a += load(at);
		s.b += load(at + 4);
		s.c += load(at + 8);
		s = mix(s);
	}
	unsigned char last[12] = {0}; /* the lowest byte of c is the length's, which start() put in */
	if (left > 0)
		memcpy(last, at, left < 8 ? left : 8);
	if (left > 8)
		memcpy(last + 9, at + 8, left - 8);
	s.a += load(last);
	s.b += load(last + 4);
	s.c += load(last + 8);
	return finish(s);
}
