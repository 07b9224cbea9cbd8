/*
 * fork and exec; stdout and stderr go to two files of the temp folder, which are read when the child has ended or is being watched.
 */
#include "tests/support/process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/temp.h"

enum { EXIT_NOT_STARTED = 127, POLL_MS = 5 };

struct process {
	pid_t pid;
	char *out_path, *err_path;
};

static int
open_or_fail(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0644);

	if (fd < 0)
		support_fail("%s: %s", path, strerror(errno));
	return fd;
}

static char *
output_path(const char *kind)
{
	static int count;
	char name[32];

	snprintf(name, sizeof name, "process-%d.%s", ++count, kind);
	return temp_path(name);
}

static void
forget_databases(void)
{
	char name[64];

	unsetenv("DATABASE_URL");
	for (char **entry = environ; *entry;) {
		if (strncmp(*entry, "PG", 2) == 0 && sscanf(*entry, "%63[^=]", name) == 1 && unsetenv(name) == 0)
			entry = environ; /* unsetenv moves the entries */
		else
			entry++;
	}
}

int
process_become(const char *user)
{
	const struct passwd *entry = getpwnam(user);

	return entry && initgroups(user, entry->pw_gid) == 0 && setgid(entry->pw_gid) == 0 && setuid(entry->pw_uid) == 0 ? 0 : -1;
}

/* Runs in the child; returns only when something failed, with errno set. */
static void
child_exec(const char *const argv[], const struct process_options *options)
{
	forget_databases();
	setenv("STATE_DIRECTORY", temp_dir(), 1);
	for (const char *const *entry = options->env; entry && *entry; entry++)
		putenv((char *)*entry);
	if (options->cwd && chdir(options->cwd) != 0)
		return;
	if (options->user && process_become(options->user) != 0)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* after setuid, which clears it */
	execvp(argv[0], (char *const *)argv);
}

struct process *
process_start(const char *const argv[], const struct process_options *options)
{
	static const struct process_options defaults;
	struct process *process = calloc(1, sizeof *process);

	if (!process)
		support_fail("out of memory");
	options = options ? options : &defaults;
	process->out_path = output_path("out");
	process->err_path = output_path("err");
	int fds[3] = {
		open_or_fail(options->stdin_file ? options->stdin_file : "/dev/null", O_RDONLY),
		open_or_fail(process->out_path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND),
		open_or_fail(process->err_path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND),
	};
	fflush(NULL);
	process->pid = fork();
	if (process->pid < 0)
		support_fail("fork: %s", strerror(errno));
	if (process->pid == 0) {
		for (int i = 0; i < 3; i++)
			dup2(fds[i], i);
		child_exec(argv, options);
		fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
		_exit(EXIT_NOT_STARTED);
	}
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	return process;
}

pid_t
process_pid(const struct process *process)
{
	return process->pid;
}

void
process_signal(const struct process *process, int signal)
{
	if (kill(process->pid, signal) != 0)
		support_fail("kill: %s", strerror(errno));
}

static bool
file_contains(const char *path, const char *text)
{
	char *content = file_read(path, NULL);
	bool found = strstr(content, text) != NULL;

	free(content);
	return found;
}

bool
process_has_ended(const struct process *process)
{
	siginfo_t info = {.si_pid = 0};

	return waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
}

bool
process_await_output(const struct process *process, const char *text, int timeout_ms)
{
	const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};

	for (int waited_ms = 0;; waited_ms += POLL_MS) {
		bool ended = process_has_ended(process); /* before looking: what it wrote last still counts */
		if (file_contains(process->out_path, text) || file_contains(process->err_path, text))
			return true;
		if (ended || waited_ms >= timeout_ms)
			return false;
		nanosleep(&pause, NULL);
	}
}

static char *
take_output(char *path)
{
	char *content = file_read(path, NULL);

	unlink(path);
	free(path);
	return content;
}

struct process_result
process_wait(struct process **process)
{
	struct process *p = *process;
	int status;

	while (waitpid(p->pid, &status, 0) < 0)
		if (errno != EINTR)
			support_fail("waitpid: %s", strerror(errno));
	struct process_result result = {
		.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
		.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
		.out = take_output(p->out_path),
		.err = take_output(p->err_path),
	};
	free(p);
	*process = NULL;
	return result;
}

struct process_result
process_run(const char *const argv[], const struct process_options *options)
{
	struct process *process = process_start(argv, options);

	return process_wait(&process);
}

void
process_result_free(struct process_result *result)
{
	free(result->out);
	free(result->err);
	*result = (struct process_result){.out = NULL};
}
