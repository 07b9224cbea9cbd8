/*
 * json_text - writes JSON as it goes along, a line at a time
 *
 *     json_write_string(out, "two\nlines");                        // "two\nlines", quoted and escaped
 *     json_write_member(out, "name", value);                       // ,"name":"value"; nothing when value is NULL
 */
#ifndef DAYPART_SCHEDULER_JSON_TEXT_H
#define DAYPART_SCHEDULER_JSON_TEXT_H

#include <stdio.h>

/* `text` is UTF-8; nothing is written of what is not, which leaves no JSON that anybody would take. */
void json_write_string(FILE *out, const char *text);
void json_write_member(FILE *out, const char *name, const char *text);

#endif
