/*
 * number_table - the data behind number.h, as numbering.py writes them
 *
 * A trie over the digits of a number, root first, with shared subtrees. An entry with NUMBER_LEAF set is an index into number_places, any other
 * an index into number_nodes. The last entry of a node is for a number that ends there.
 */
#ifndef DAYPART_CORE_NUMBER_TABLE_H
#define DAYPART_CORE_NUMBER_TABLE_H

#include "number.h"

enum { NUMBER_LEAF = 0x8000 };

struct number_node {
	uint16_t next[10];
	uint16_t ends; /* always a leaf */
};

extern const struct number_place number_places[];
extern const uint16_t number_places_count;
extern const struct number_node number_nodes[];
extern const uint16_t number_root;
extern const char *const number_region_codes[];
extern const size_t number_region_codes_count;
extern const char number_version[];

#endif
