/*
 * replay_main - runs a fuzz target once over every file of a corpus, for builds without libFuzzer
 *
 *     fuzz_tzif tests/fuzz/corpus/tzif/
 *
 * A missing folder is an empty corpus; the empty input is always tried. A finding is a crash.
 */
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
replay_file(const char *path, const struct stat *stat, int kind, struct FTW *walk)
{
	(void)walk;
	if (kind != FTW_F)
		return 0;
	size_t size = (size_t)stat->st_size;
	uint8_t *bytes = malloc(size + 1);
	FILE *file = fopen(path, "rb");
	if (!bytes || !file || fread(bytes, 1, size, file) != size) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	fclose(file);
	fprintf(stderr, "%s\n", path); /* the last one named is the one that crashed */
	LLVMFuzzerTestOneInput(bytes, size);
	free(bytes);
	return 0;
}

int
main(int argc, char **argv)
{
	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	for (int i = 1; i < argc; i++)
		nftw(argv[i], replay_file, 16, FTW_PHYS);
	return EXIT_SUCCESS;
}
