/*
 * tzdb - implementation
 *
 * One pass over tzdata.zi, a line at a time; each name's file is read into one buffer that all files share. The alternative, walking the
 * directory, needs a list of what is no zone (posix/, right/, tables) and finds no version.
 */
#include "conf/tzdb.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define VERSION_PREFIX "# version "

struct loading {
	const struct tzdb_source *source;
	const char *directory;
	struct zone_set *set;
	uint8_t *file; /* ZONE_FILE_MAX_BYTES and one, which tells a file that is too long */
};

static const char *
directory_or_default(const char *directory)
{
	return directory != NULL ? directory : TZDB_DIRECTORY;
}

static enum status
unreadable(const char *path, struct err *err)
{
	err_set(err, errno == ENOENT ? STATUS_NOT_FOUND : STATUS_INVALID, "cannot read \"%s\"", path);
	return err_detail(err, "%s", strerror(errno));
}

static enum status
open_list(const char *directory, FILE **out, struct err *err)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/tzdata.zi", directory);
	*out = fopen(path, "re");
	if (*out != NULL)
		return STATUS_OK;
	unreadable(path, err);
	return err_hint(err, "install the package tzdata, or correct the setting zoneinfo_dir");
}

static enum status
read_version(FILE *list, char version[TZDB_VERSION_MAX], struct err *err)
{
	const size_t prefix = strlen(VERSION_PREFIX);
	char line[sizeof(VERSION_PREFIX) + TZDB_VERSION_MAX - 1];

	if (fgets(line, sizeof(line), list) == NULL || strncmp(line, VERSION_PREFIX, prefix) != 0) {
		err_set(err, STATUS_INVALID, "tzdata.zi does not begin with its version");
		return err_hint(err, "its first line should read \"" VERSION_PREFIX "2026f\"; install the package tzdata again");
	}
	line[prefix + strcspn(line + prefix, " \n")] = '\0';
	snprintf(version, TZDB_VERSION_MAX, "%s", line + prefix);
	return STATUS_OK;
}

/* The whole file, or its beginning when it is longer than zone_parse allows, which then refuses it. */
static enum status
read_zone_file(struct loading *loading, const char *path, size_t *out_size, struct err *err)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum status status = STATUS_OK;
	ssize_t got = 1;

	*out_size = 0;
	if (fd < 0)
		return unreadable(path, err);
	while (got > 0 && *out_size <= ZONE_FILE_MAX_BYTES) {
		got = read(fd, loading->file + *out_size, ZONE_FILE_MAX_BYTES + 1 - *out_size);
		if (got > 0)
			*out_size += (size_t)got;
	}
	if (got < 0)
		status = unreadable(path, err);
	close(fd);
	return status;
}

static enum status
load_zone(struct loading *loading, const char *name, struct err *err)
{
	char path[PATH_MAX];
	struct zone *zone;
	size_t size;

	snprintf(path, sizeof(path), "%s/%s", loading->directory, name);
	if (read_zone_file(loading, path, &size, err) != STATUS_OK)
		return err->status;
	if (zone_parse(loading->file, size, loading->source->horizon, &zone, err) != STATUS_OK)
		return err_wrap(err, "\"%s\"", path);
	return zone_set_add(loading->set, name, zone, err);
}

/* The name that a line of tzdata.zi defines, cut out in place: "Z Asia/Kolkata 5:53 ...", "L Asia/Kolkata Asia/Calcutta". Or NULL. */
static const char *
name_in(char *line)
{
	const bool zone = strncmp(line, "Z ", 2) == 0, link = strncmp(line, "L ", 2) == 0;
	char *rest = NULL;
	const char *name = NULL;

	if (!zone && !link)
		return NULL;
	strtok_r(line, " \t\n", &rest);
	name = strtok_r(NULL, " \t\n", &rest);
	return link ? strtok_r(NULL, " \t\n", &rest) : name;
}

static enum status
load_names(struct loading *loading, FILE *list, struct err *err)
{
	enum status status = STATUS_OK;
	size_t capacity = 0;
	char *line = NULL;

	while (status != STATUS_NO_MEMORY && getline(&line, &capacity, list) >= 0) {
		const char *name = name_in(line);

		if (name == NULL || !zone_name_is_usable(name))
			continue;
		status = load_zone(loading, name, err);
		if (status != STATUS_OK && loading->source->on_left_out != NULL)
			loading->source->on_left_out(loading->source->context, name, err);
	}
	free(line);
	if (status == STATUS_NO_MEMORY)
		return status;
	if (zone_set_count(loading->set) == 0)
		return err_set(err, STATUS_INVALID, "no usable time zone in \"%s\"", loading->directory);
	return STATUS_OK;
}

static enum status
load_from(struct loading *loading, FILE *list, struct err *err)
{
	char version[TZDB_VERSION_MAX];

	if (read_version(list, version, err) != STATUS_OK)
		return err->status;
	loading->file = malloc(ZONE_FILE_MAX_BYTES + 1);
	if (loading->file == NULL || zone_set_create(version, &loading->set) != STATUS_OK)
		return err_set(err, STATUS_NO_MEMORY, "out of memory for time zones");
	return load_names(loading, list, err);
}

enum status
tzdb_load(const struct tzdb_source *source, struct zone_set **out, struct err *err)
{
	struct loading loading = {.source = source, .directory = directory_or_default(source->directory)};
	enum status status;
	FILE *list;

	if (open_list(loading.directory, &list, err) != STATUS_OK)
		return err->status;
	status = load_from(&loading, list, err);
	if (status == STATUS_OK)
		*out = loading.set;
	else
		zone_set_free(&loading.set);
	free(loading.file);
	fclose(list);
	return status;
}

static struct instant
file_changed_at(const struct stat *info)
{
	return (struct instant){info->st_ctim.tv_sec * US_PER_SECOND + info->st_ctim.tv_nsec / 1000};
}

enum status
tzdb_look(const char *directory, struct tzdb_look *out, struct err *err)
{
	struct tzdb_look look = {.inode = 0};
	char table[PATH_MAX];
	struct stat info;
	enum status status;
	FILE *list;

	directory = directory_or_default(directory);
	if (open_list(directory, &list, err) != STATUS_OK)
		return err->status;
	status = read_version(list, look.version, err);
	if (status == STATUS_OK && fstat(fileno(list), &info) != 0)
		status = unreadable("tzdata.zi", err);
	fclose(list);
	if (status != STATUS_OK)
		return status;

	look.inode = info.st_ino;
	look.size_bytes = (uint64_t)info.st_size;
	look.changed_at = file_changed_at(&info);
	snprintf(table, sizeof(table), "%s/zone1970.tab", directory);
	if (stat(table, &info) == 0)
		look.changed_at = instant_max(look.changed_at, file_changed_at(&info));
	*out = look;
	return STATUS_OK;
}

bool
tzdb_look_equal(const struct tzdb_look *a, const struct tzdb_look *b)
{
	return strcmp(a->version, b->version) == 0 && a->inode == b->inode && a->size_bytes == b->size_bytes &&
		a->changed_at.us == b->changed_at.us;
}
