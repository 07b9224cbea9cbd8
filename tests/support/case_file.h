/*
 * case_file - tables of tests/cases: one case a line, fields between separators, '#' begins a comment line
 *
 *     struct case_file *file = case_file_open("numbers.txt", ';');
 *     char *field[4];
 *     while (case_file_next(file, field, 4)) ... field[0], case_file_line(file) ...
 *     case_file_close(&file);
 *
 * Blanks around a field are cut. A line with another number of fields, or a file without cases, ends the test program with a message.
 */
#ifndef DAYPART_TESTS_SUPPORT_CASE_FILE_H
#define DAYPART_TESTS_SUPPORT_CASE_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct case_file;

struct case_file *case_file_open(const char *name, char separator);
bool case_file_next(struct case_file *file, char **fields, size_t count); /* the fields live until the next call */
int case_file_line(const struct case_file *file);
void case_file_close(struct case_file **file);

#endif
