/*
 * Preloaded into a program: its host's CLOCK_REALTIME is set forward or back, for it alone, by the microseconds that an int64 in the file
 * $DAYPART_TEST_CLOCK_STEP says at that moment. Other clocks go on, as they do when a real clock is set.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static const _Atomic int64_t *step_us;
static int (*real_clock_gettime)(clockid_t, struct timespec *);

__attribute__((constructor)) static void
open_step(void)
{
	const char *path = getenv("DAYPART_TEST_CLOCK_STEP");
	const int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *page = fd >= 0 ? mmap(NULL, sizeof(*step_us), PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;

	real_clock_gettime = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	if (page != MAP_FAILED)
		step_us = page;
	if (fd >= 0)
		close(fd);
}

int
clock_gettime(clockid_t id, struct timespec *out)
{
	if (real_clock_gettime == NULL) /* another library begins before ours */
		real_clock_gettime = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	const int result = real_clock_gettime(id, out);

	if (id == CLOCK_REALTIME && step_us != NULL)
		out->tv_sec += *step_us / 1000000;
	return result;
}
