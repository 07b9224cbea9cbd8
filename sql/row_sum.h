/*
 * row_sum - sums of rows that come out the same here and in a query: how many, and their hashes by exclusive or
 *
 * The hash functions are the server's own (hashint4extended, hashint8extended, hashtextextended), so that a set of rows that is read anyway need not be
 * summed up in the server as well. They do not change between its versions: hash partitions rest on them.
 *
 *     SELECT count(*), bit_xor(hashint8extended(id, hashint4extended(evidence, 0))) FROM consent
 *     row_sum_add(&sum, row_hash_int64(id, row_hash_int32(evidence, 0)));
 *
 * Pure. As the server does on processors of the other byte order they come out differently: then a sum of the one side never equals one of the other,
 * which costs time and is never taken for "the same".
 */
#ifndef DAYPART_SQL_ROW_SUM_H
#define DAYPART_SQL_ROW_SUM_H

#include <stddef.h>
#include <stdint.h>

struct row_sum {
	int64_t count;
	uint64_t digest;
};

static inline void
row_sum_add(struct row_sum *sum, uint64_t hash)
{
	sum->count++;
	sum->digest ^= hash;
}

uint64_t row_hash_int32(int32_t value, uint64_t seed);
uint64_t row_hash_int64(int64_t value, uint64_t seed);                /* also of a timestamp, by the microseconds on the wire */
uint64_t row_hash_text(const void *text, size_t size, uint64_t seed); /* of any collation but a nondeterministic one */

#endif
