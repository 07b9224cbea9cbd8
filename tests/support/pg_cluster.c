/*
 * The server's folder holds data/, log and the socket. Its life is tied to that of the test program by a guard: a shell, detached by a double
 * fork (a test runner kills by parenthood), reads from a pipe whose other end only the test program holds. End of file, whatever its cause,
 * makes it stop the server and remove the folder; pg_cluster_stop closes the pipe and waits until the guard's stdout closes too.
 *
 * The template is made aside and renamed into place, so that tests started at once may all try; its name carries the user and the version.
 */
#include "tests/support/pg_cluster.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/process.h"
#include "tests/support/temp.h"

enum { BASE_MAX = 60, LOG_TAIL_MAX = 2000 }; /* BASE_MAX: as in temp.c */

struct pg_cluster {
	char *base_conninfo, *conninfo; /* without dbname; of database postgres */
	char *bindir, *dir, *data;      /* NULL: a shared server */
	int alive_fd, done_fd;          /* ends of the guard's pipes */
};

static char *text(const char *format, ...) __attribute__((format(printf, 1, 2)));

static char *
text(const char *format, ...)
{
	va_list args;
	char *out;

	va_start(args, format);
	if (vasprintf(&out, format, args) < 0)
		support_fail("out of memory");
	va_end(args);
	return out;
}

/* The server refuses to run as root. */
static const char *
server_user(void)
{
	return geteuid() == 0 ? "postgres" : NULL;
}

static void
fail_with_log(const struct pg_cluster *cluster, const char *command, const char *errors)
{
	char *path = text("%s/log", cluster->dir);
	char *log = access(path, R_OK) == 0 ? file_read(path, NULL) : text("none");
	size_t size = strlen(log);

	support_fail("%s: %s\nserver log:\n%s", command, errors, size > LOG_TAIL_MAX ? log + size - LOG_TAIL_MAX : log);
}

static void
server_command(const struct pg_cluster *cluster, const char *const argv[])
{
	struct process_result result = process_run(argv, &(struct process_options){.user = server_user(), .cwd = "/"});

	if (result.exit_code != 0)
		fail_with_log(cluster, argv[0], result.err);
	process_result_free(&result);
}

static char *
installed_bindir(void)
{
	glob_t found;
	char *best = NULL;
	int best_version = 0;

	if (glob("/usr/lib/postgresql/*/bin", 0, NULL, &found) != 0)
		return NULL;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		int version = atoi(found.gl_pathv[i] + strlen("/usr/lib/postgresql/")); /* NOLINT(cert-err34-c): zero is the lowest */
		if (version > best_version) {
			best_version = version;
			free(best);
			best = text("%s", found.gl_pathv[i]);
		}
	}
	globfree(&found);
	return best;
}

static char *
find_bindir(void)
{
	char *bindir = installed_bindir();

	if (!bindir) {
		struct process_result result = process_run((const char *[]){"pg_config", "--bindir", NULL}, NULL);
		bindir = text("%.*s", (int)strcspn(result.out, "\n"), result.out);
		process_result_free(&result);
	}
	char *initdb = text("%s/initdb", bindir);
	if (access(initdb, X_OK) != 0)
		support_fail("%s: no PostgreSQL server is installed: run scripts/setup", initdb);
	free(initdb);
	return bindir;
}

static void
give_to_server(const char *path)
{
	const struct passwd *entry = server_user() ? getpwnam(server_user()) : NULL;

	if (entry && chown(path, entry->pw_uid, entry->pw_gid) != 0)
		support_fail("%s: %s", path, strerror(errno));
}

/* User postgres may not reach root's TMPDIR, and a socket's address is short. */
static char *
make_dir(void)
{
	const char *base = getenv("TMPDIR");

	if (!base || server_user() || strlen(base) > BASE_MAX)
		base = "/tmp";
	char *dir = text("%s/daypart-test-pg.XXXXXX", base);
	if (!mkdtemp(dir))
		support_fail("%s: %s", dir, strerror(errno));
	give_to_server(dir);
	return dir;
}

static bool
copy_tree(const char *from, const char *to)
{
	struct process_result result = process_run((const char *[]){"cp", "-a", from, to, NULL}, NULL);
	bool copied = result.exit_code == 0;

	process_result_free(&result);
	return copied;
}

static void
make_data(const struct pg_cluster *cluster, const char *template)
{
	char *initdb = text("%s/initdb", cluster->bindir);
	char *aside = text("%s.%d", template, (int)getpid());

	server_command(cluster,
		(const char *[]){
			initdb, "-D", cluster->data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", NULL});
	if (!copy_tree(cluster->data, aside) || rename(aside, template) != 0)
		file_remove_tree(aside); /* somebody else was first */
	free(aside);
	free(initdb);
}

static void
fill_data(const struct pg_cluster *cluster)
{
	char *flat = text("%s", cluster->bindir);

	for (char *c = flat; *c; c++)
		*c = *c == '/' ? '-' : *c;
	char *template = text("%s/pg-template%s-%u", DAYPART_BUILD_DIR, flat, (unsigned)geteuid());
	if (access(template, F_OK) != 0)
		make_data(cluster, template);
	else if (!copy_tree(template, cluster->data))
		support_fail("%s: cannot be copied", template);
	free(template);
	free(flat);
}

static void
configure(const struct pg_cluster *cluster, const struct pg_cluster_options *options)
{
	char *path = text("%s/postgresql.conf", cluster->data);
	FILE *file = fopen(path, "a");

	if (!file)
		support_fail("%s: %s", path, strerror(errno));
	fprintf(file, "listen_addresses = ''\nunix_socket_directories = '%s'\nport = 5432\ntimezone = 'UTC'\n", cluster->dir);
	fprintf(file, "shared_buffers = 64MB\nmax_connections = 60\n");
	if (!options->durable)
		fprintf(file, "fsync = off\nfull_page_writes = off\nsynchronous_commit = off\n");
	fprintf(file, "%s\n", options->settings ? options->settings : "");
	if (fclose(file) != 0)
		support_fail("%s: %s", path, strerror(errno));
	free(path);
}

/* Runs in the guard process; never returns. */
static void
guard_exec(const struct pg_cluster *cluster, int alive_fd, int done_fd)
{
	static const char script[] = "cat >/dev/null; cd /; \"$0/pg_ctl\" -D \"$1/data\" -m immediate -s stop 2>/dev/null; rm -rf \"$1\"";

	dup2(alive_fd, STDIN_FILENO);
	dup2(done_fd, STDOUT_FILENO);
	if (!server_user() || process_become(server_user()) == 0)
		execl("/bin/sh", "sh", "-c", script, cluster->bindir, cluster->dir, (char *)NULL);
	_exit(EXIT_FAILURE);
}

static void
guard_start(struct pg_cluster *cluster)
{
	int alive[2], done[2];

	if (pipe2(alive, O_CLOEXEC) != 0 || pipe2(done, O_CLOEXEC) != 0)
		support_fail("pipe: %s", strerror(errno));
	fflush(NULL);
	pid_t pid = fork();
	if (pid < 0)
		support_fail("fork: %s", strerror(errno));
	if (pid == 0) {
		setsid();
		if (fork() == 0)
			guard_exec(cluster, alive[0], done[1]);
		_exit(EXIT_SUCCESS);
	}
	waitpid(pid, NULL, 0);
	close(alive[0]);
	close(done[1]);
	cluster->alive_fd = alive[1];
	cluster->done_fd = done[0];
}

static struct pg_cluster *
cluster_create(char *base_conninfo)
{
	struct pg_cluster *cluster = calloc(1, sizeof *cluster);

	if (!cluster)
		support_fail("out of memory");
	cluster->base_conninfo = base_conninfo;
	cluster->conninfo = text("%s dbname=postgres", base_conninfo);
	return cluster;
}

/* An empty folder, watched by a guard. */
static struct pg_cluster *
make_cluster(void)
{
	char *dir = make_dir();
	struct pg_cluster *cluster = cluster_create(text("host=%s port=5432 user=postgres", dir));

	cluster->dir = dir;
	cluster->data = text("%s/data", dir);
	cluster->bindir = find_bindir();
	guard_start(cluster);
	return cluster;
}

struct pg_cluster *
pg_cluster_start(const struct pg_cluster_options *options)
{
	static const struct pg_cluster_options defaults;
	const char *shared = getenv("DAYPART_TEST_CLUSTER");

	options = options ? options : &defaults;
	if (shared && *shared && !options->own && !options->durable && !options->settings)
		return cluster_create(text("%s", shared));

	struct pg_cluster *cluster = make_cluster();

	fill_data(cluster);
	configure(cluster, options);
	pg_cluster_resume(cluster);
	return cluster;
}

struct pg_cluster *
pg_cluster_start_standby(const struct pg_cluster *primary)
{
	struct pg_cluster *cluster = make_cluster();
	char *program = text("%s/pg_basebackup", cluster->bindir), *source = text("%s application_name=standby", primary->base_conninfo);

	server_command(cluster,
		(const char *[]){
			program, "-D", cluster->data, "-d", source, "-X", "stream", "-R", "-c", "fast", "--no-sync", "--no-manifest", NULL});
	free(program);
	free(source);
	configure(cluster, &(struct pg_cluster_options){.durable = true}); /* the rest is the primary's */
	pg_cluster_resume(cluster);
	return cluster;
}

void
pg_cluster_stop(struct pg_cluster **cluster)
{
	struct pg_cluster *c = *cluster;
	char nothing;

	if (!c)
		return;
	if (c->dir) {
		close(c->alive_fd);
		while (read(c->done_fd, &nothing, 1) < 0 && errno == EINTR)
			;
		close(c->done_fd);
	}
	free(c->base_conninfo);
	free(c->conninfo);
	free(c->bindir);
	free(c->dir);
	free(c->data);
	free(c);
	*cluster = NULL;
}

const char *
pg_cluster_conninfo(const struct pg_cluster *cluster)
{
	return cluster->conninfo;
}

const char *
pg_cluster_host(const struct pg_cluster *cluster)
{
	return cluster->dir;
}

static void
execute(const char *conninfo, const char *statement)
{
	PGconn *connection = PQconnectdb(conninfo);
	PGresult *result = PQexec(connection, statement);

	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		support_fail("%s: %s", statement, PQerrorMessage(connection));
	PQclear(result);
	PQfinish(connection);
}

char *
pg_cluster_new_database(const struct pg_cluster *cluster, const char *name, const char *template)
{
	char *suffix = cluster->dir ? text("%s", "") : text("_%d", (int)getpid());
	char *origin = template ? text("%s%s", template, suffix) : text("template1");
	char *statement = text("CREATE DATABASE \"%s%s\" TEMPLATE \"%s\"", name, suffix, origin);
	char *conninfo = text("%s dbname=%s%s", cluster->base_conninfo, name, suffix);

	execute(cluster->conninfo, statement);
	free(statement);
	free(origin);
	free(suffix);
	return conninfo;
}

#define START_S "300" /* recovering after a crash, on a busy machine */

static void
pg_ctl(const struct pg_cluster *cluster, const char *verb, const char *mode)
{
	if (!cluster->dir)
		support_fail("a shared server is not to be stopped: ask for one of your own");
	char *program = text("%s/pg_ctl", cluster->bindir);
	char *log = text("%s/log", cluster->dir);
	server_command(cluster, (const char *[]){program, "-D", cluster->data, "-l", log, "-m", mode, "-w", "-t", START_S, "-s", verb, NULL});
	free(log);
	free(program);
}

void
pg_cluster_resume(struct pg_cluster *cluster)
{
	pg_ctl(cluster, "start", "fast");
}

void
pg_cluster_halt(struct pg_cluster *cluster, enum pg_cluster_mode mode)
{
	static const char *const names[] = {
		[PG_CLUSTER_SMART] = "smart",
		[PG_CLUSTER_FAST] = "fast",
		[PG_CLUSTER_IMMEDIATE] = "immediate",
	};

	pg_ctl(cluster, "stop", names[mode]);
}

void
pg_cluster_promote(struct pg_cluster *cluster)
{
	pg_ctl(cluster, "promote", "fast");
}

void
pg_cluster_kill(const struct pg_cluster *cluster)
{
	char *path = text("%s/postmaster.pid", cluster->data), *content = file_read(path, NULL);
	const long pid = strtol(content, NULL, 10);

	if (pid <= 1 || kill((pid_t)pid, SIGKILL) != 0)
		support_fail("%s: no postmaster to kill", path);
	free(content);
	free(path);
}

void
pg_cluster_restart(struct pg_cluster *cluster, enum pg_cluster_mode mode)
{
	pg_cluster_halt(cluster, mode);
	pg_cluster_resume(cluster);
}
