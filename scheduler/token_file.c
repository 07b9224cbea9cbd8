#include "token_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policy/adoption_rule.h"

static const char first_line[] = "daypart installation token, version 1";

static enum status
fail(struct err *err, const char *path)
{
	return err_set(err, STATUS_INVALID, "%s: %s", path, strerror(errno));
}

/* Where it is --------------------------------------------------------------------------------------------------------------------------- */

/* systemd's may be several, separated by colons; the first is ours. */
static bool
state_folder(char out[PATH_MAX])
{
	const char *systemd = getenv("STATE_DIRECTORY"), *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (systemd != NULL && systemd[0] != '\0')
		return snprintf(out, PATH_MAX, "%.*s", (int)strcspn(systemd, ":"), systemd) < PATH_MAX;
	if (xdg != NULL && xdg[0] == '/')
		return snprintf(out, PATH_MAX, "%s/daypart", xdg) < PATH_MAX;
	return home != NULL && home[0] == '/' && snprintf(out, PATH_MAX, "%s/.local/state/daypart", home) < PATH_MAX;
}

static bool
make_folders(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0755) != 0 && errno != EEXIST)
			return false;
		*slash = '/';
	}
	return mkdir(path, 0700) == 0 || errno == EEXIST;
}

enum status
token_file_path(const char *setting, const char *name, char out[PATH_MAX], struct err *err)
{
	char folder[PATH_MAX];

	if (setting[0] != '\0') {
		if (setting[0] == '/' && snprintf(out, PATH_MAX, "%s", setting) < PATH_MAX)
			return STATUS_OK;
		err_set(err, STATUS_INVALID, "release.token_file is no path that begins with \"/\"");
		return err_hint(err, "Write a whole path, or leave the setting out.");
	}
	if (!state_folder(folder)) {
		err_set(err, STATUS_INVALID, "there is no folder for the installation token");
		return err_hint(err, "Set release.token_file, or STATE_DIRECTORY (in a systemd unit: StateDirectory=daypart).");
	}
	if (!make_folders(folder)) {
		fail(err, folder);
		return err_hint(err, "Let this user write there, or set release.token_file.");
	}
	if (snprintf(out, PATH_MAX, "%s/%s.token", folder, name) >= PATH_MAX)
		return err_set(err, STATUS_INVALID, "%s: the path is too long", folder);
	return STATUS_OK;
}

/* What it says -------------------------------------------------------------------------------------------------------------------------- */

static enum status
parse(FILE *file, struct token_content *out, struct err *err)
{
	char line[64], token[64], beat[64];

	if (fgets(line, sizeof(line), file) == NULL || strncmp(line, first_line, strlen(first_line)) != 0 ||
		fscanf(file, "token %36s\nbeat %63s", token, beat) != 2 || strlen(token) != TOKEN_TEXT - 1)
		return err_set(err, STATUS_INVALID, "it is no token file");
	(void)snprintf(out->token, sizeof(out->token), "%s", token);
	out->beat = ADOPTION_NO_BEAT;
	return strcmp(beat, "none") == 0 ? STATUS_OK : instant_parse(beat, &out->beat, err);
}

enum status
token_file_read(const char *path, struct token_content *out, struct err *err)
{
	FILE *file = fopen(path, "re");
	enum status status;

	if (file == NULL && errno == ENOENT)
		return err_set(err, STATUS_NOT_FOUND, "%s: there is none", path);
	if (file == NULL) {
		fail(err, path);
		return err_hint(err, "Let daypartd read it.");
	}
	status = parse(file, out, err);
	(void)fclose(file);
	if (status == STATUS_OK)
		return STATUS_OK;
	err_wrap(err, "%s", path);
	err->status = STATUS_INVALID;
	return err_hint(err, "Remove it, then see what daypartd says.");
}

/* Writing ------------------------------------------------------------------------------------------------------------------------------- */

static bool
write_text(const char *path, const struct token_content *content)
{
	char beat[INSTANT_TEXT_MAX] = "none";
	const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
	bool written;

	if (file == NULL) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	if (content->beat.us != ADOPTION_NO_BEAT.us)
		instant_format(content->beat, 0, beat);
	written = fprintf(file, "%s\ntoken %s\nbeat %s\n", first_line, content->token, beat) > 0 && fflush(file) == 0 && fsync(fd) == 0;
	return fclose(file) == 0 && written;
}

/* The name must survive a crash, too. */
static bool
flush_folder(const char *path)
{
	char copy[PATH_MAX];
	int fd;
	bool flushed;

	(void)snprintf(copy, sizeof(copy), "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	flushed = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	return flushed;
}

static enum status
write_beside(const char *path, const struct token_content *content, bool replace, struct err *err)
{
	char beside[PATH_MAX];
	bool done;

	if (snprintf(beside, sizeof(beside), "%s.%d", path, (int)getpid()) >= PATH_MAX)
		return err_set(err, STATUS_INVALID, "%s: the path is too long", path);
	(void)unlink(beside); /* of a process that had our number and crashed */
	done = write_text(beside, content) && (replace ? rename(beside, path) == 0 : link(beside, path) == 0 || errno == EEXIST);
	if (!done) {
		fail(err, path);
		err_hint(err, "Let daypartd write there, or set release.token_file.");
	}
	(void)unlink(beside);
	if (!done)
		return err->status;
	return flush_folder(path) ? STATUS_OK : fail(err, path);
}

enum status
token_file_write(const char *path, const struct token_content *content, struct err *err)
{
	return write_beside(path, content, true, err);
}

enum status
token_file_create(const char *path, const struct token_content *content, struct err *err)
{
	return write_beside(path, content, false, err);
}
