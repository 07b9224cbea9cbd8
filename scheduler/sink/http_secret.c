/* One read of at most a line; what is wrong is said without saying what was read. */
#include "http_secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a header can carry and what people mean by a secret. */
static enum status
keep(const char *setting, const char *where, char *text, struct http_secret *out, struct err *err)
{
	text[strcspn(text, "\r\n")] = '\0';
	if (text[0] == '\0')
		return err_set(err, STATUS_INVALID, "%s: %s is empty", setting, where);
	for (const char *c = text; *c != '\0'; c++)
		if (*c <= ' ' || *c > '~')
			return err_set(err, STATUS_INVALID, "%s: %s holds a blank, a control character or a letter beyond ASCII", setting, where);
	out->text = strdup(text);
	return out->text != NULL ? STATUS_OK : err_set(err, STATUS_NO_MEMORY, "out of memory");
}

static enum status
read_environment(const char *setting, const char *where, const char *name, struct http_secret *out, struct err *err)
{
	const char *value = getenv(name);
	char text[HTTP_SECRET_MAX + 1] = "";
	enum status status;

	if (value == NULL) {
		err_set(err, STATUS_INVALID, "%s: there is no environment variable %s", setting, name);
		return err_hint(err, "Set it for daypartd, or name a file: \"file:/etc/daypart/token\".");
	}
	if (strlen(value) > HTTP_SECRET_MAX)
		return err_set(err, STATUS_INVALID, "%s: %s is longer than %d characters", setting, where, HTTP_SECRET_MAX);
	strcpy(text, value);
	status = keep(setting, where, text, out, err);
	explicit_bzero(text, sizeof text);
	return status;
}

/* Of the file that is open, so that nobody can change it between the look and the reading. */
static enum status
check_file(const char *setting, const char *path, int file, struct err *err)
{
	struct stat facts;

	if (fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode))
		return err_set(err, STATUS_INVALID, "%s: %s is no regular file", setting, path);
	if (facts.st_uid != geteuid() && facts.st_uid != 0)
		return err_set(err, STATUS_INVALID, "%s: %s belongs to another user", setting, path);
	if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
		err_set(err, STATUS_INVALID, "%s: others may read or write %s", setting, path);
		return err_hint(err, "Run: chmod 600 %s", path);
	}
	return STATUS_OK;
}

static enum status
read_file(const char *setting, const char *where, const char *path, struct http_secret *out, struct err *err)
{
	char text[HTTP_SECRET_MAX + 2] = "";
	const int file = path[0] == '/' ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK) : -1;
	enum status status;
	ssize_t size;

	if (path[0] != '/')
		return err_set(err, STATUS_INVALID, "%s: write the whole path of the file, from / on, not \"%s\"", setting, path);
	if (file < 0)
		return err_set(err, STATUS_INVALID, "%s: cannot read %s: %s", setting, path, strerror(errno));
	status = check_file(setting, path, file, err);
	if (status == STATUS_OK) {
		size = read(file, text, sizeof text - 1);
		if (size < 0 || size > HTTP_SECRET_MAX)
			status = err_set(err, STATUS_INVALID, "%s: %s cannot be read or is longer than %d characters", setting, path, HTTP_SECRET_MAX);
		else
			status = keep(setting, where, text, out, err);
	}
	explicit_bzero(text, sizeof text);
	close(file);
	return status;
}

enum status
http_secret_read(const char *setting, const char *where, struct http_secret *out, struct err *err)
{
	out->text = NULL;
	if (where[0] == '\0')
		return STATUS_OK;
	if (strncmp(where, "env:", 4) == 0)
		return read_environment(setting, where, where + 4, out, err);
	if (strncmp(where, "file:", 5) == 0)
		return read_file(setting, where, where + 5, out, err);
	/* It may be the secret itself, so it is not shown. */
	err_set(err, STATUS_INVALID, "%s says neither env: nor file:", setting);
	return err_hint(
		err, "A secret does not belong into the settings: write \"env:NAME\" of a variable or \"file:/PATH\" that only daypartd may read.");
}

void
http_secret_forget(struct http_secret *secret)
{
	if (secret->text != NULL)
		explicit_bzero(secret->text, strlen(secret->text));
	free(secret->text);
	secret->text = NULL;
}
