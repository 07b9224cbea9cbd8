/*
 * number_table - the shape of what numbering.py generates; for number.c alone
 *
 * A trie over decimal digits. A child is the index of a node, or NUMBER_LEAF plus the index of a place. `end` is the place of a number that
 * ends at the node.
 */
#ifndef DAYPART_CORE_NUMBER_TABLE_H
#define DAYPART_CORE_NUMBER_TABLE_H

#include "number.h"

enum { NUMBER_LEAF = 0x8000 };

struct number_node {
	uint16_t children[10];
	uint16_t end;
};

extern const struct number_place number_places[];
extern const uint16_t number_places_count;
extern const struct number_node number_nodes[];
extern const uint16_t number_root;
extern const char *const number_region_codes[];
extern const size_t number_region_codes_count;
extern const char number_version[];

#endif
