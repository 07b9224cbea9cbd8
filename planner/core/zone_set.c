/*
 * zone_set - the named zones of zone.h
 *
 * A sorted array, searched by bisection: some 550 names, added once in any order, looked up once a class. Zones with equal steps are not
 * shared: all of them together take some hundred kilobytes.
 */
#include "zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"

enum { VERSION_MAX = 32 };

struct entry {
	char name[ZONE_NAME_MAX];
	struct zone *zone;
};

struct zone_set {
	char version[VERSION_MAX];
	struct entry *entries;
	size_t count, room;
};

enum status
zone_set_create(const char *tzdata_version, struct zone_set **out)
{
	struct zone_set *set = calloc(1, sizeof(*set));

	if (set == NULL)
		return STATUS_NO_MEMORY;
	snprintf(set->version, sizeof(set->version), "%s", tzdata_version);
	*out = set;
	return STATUS_OK;
}

void
zone_set_free(struct zone_set **set)
{
	if (*set == NULL)
		return;
	for (size_t i = 0; i < (*set)->count; i++)
		zone_free(&(*set)->entries[i].zone);
	free((*set)->entries);
	free(*set);
	*set = NULL;
}

/* Index of the first name that is not before `name`. */
static size_t
place_of(const struct zone_set *set, const char *name)
{
	size_t low = 0, high = set->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (strcmp(set->entries[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
is_at(const struct zone_set *set, size_t place, const char *name)
{
	return place < set->count && strcmp(set->entries[place].name, name) == 0;
}

static enum status
insert(struct zone_set *set, const char *name, struct zone *zone, struct err *err)
{
	const size_t place = place_of(set, name);
	struct entry *entries, *entry;

	if (!zone_name_is_usable(name))
		return err_set(err, STATUS_INVALID, "\"%s\" is not the name of a time zone", name);
	if (is_at(set, place, name))
		return err_set(err, STATUS_CONFLICT, "time zone \"%s\" is there already", name);
	entries = grow(set->entries, set->count, &set->room, sizeof(*entries));
	if (entries == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory for time zones");
	set->entries = entries;
	entry = &entries[place];
	memmove(entry + 1, entry, (set->count - place) * sizeof(*entry));
	*entry = (struct entry){.zone = zone};
	memcpy(entry->name, name, strlen(name));
	set->count++;
	return STATUS_OK;
}

enum status
zone_set_add(struct zone_set *set, const char *name, struct zone *zone, struct err *err)
{
	const enum status status = insert(set, name, zone, err);

	if (status != STATUS_OK)
		zone_free(&zone);
	return status;
}

const struct zone *
zone_set_find(const struct zone_set *set, const char *name)
{
	const size_t place = place_of(set, name);

	return is_at(set, place, name) ? set->entries[place].zone : NULL;
}

size_t
zone_set_count(const struct zone_set *set)
{
	return set->count;
}

const char *
zone_set_name(const struct zone_set *set, size_t index)
{
	return set->entries[index].name;
}

const struct zone *
zone_set_at(const struct zone_set *set, size_t index)
{
	return set->entries[index].zone;
}

const char *
zone_set_version(const struct zone_set *set)
{
	return set->version;
}

/* "Area/..." of an area that tzdb has, in full: PostgreSQL takes "CET", "EST5EDT" and the like as abbreviations with a meaning of their own. */
static bool
has_region(const char *name)
{
	static const char *const regions[] = {
		"Africa/",
		"America/",
		"Antarctica/",
		"Arctic/",
		"Asia/",
		"Atlantic/",
		"Australia/",
		"Brazil/",
		"Canada/",
		"Chile/",
		"Etc/",
		"Europe/",
		"Indian/",
		"Mexico/",
		"Pacific/",
		"US/",
	};

	for (size_t i = 0; i < sizeof(regions) / sizeof(regions[0]); i++) {
		const size_t length = strlen(regions[i]);

		if (strncmp(name, regions[i], length) == 0 && name[length] != '\0')
			return true;
	}
	return false;
}

bool
zone_name_is_usable(const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
	const size_t length = strspn(name, allowed); /* no dot, so no way out of a directory */

	return name[length] == '\0' && length < ZONE_NAME_MAX && (has_region(name) || strcmp(name, "UTC") == 0);
}
