/*
 * random_uuid - a name that nobody else draws
 *
 *     char name[RANDOM_UUID_TEXT];
 *     if (!random_uuid(name)) ... the system gives no random numbers ...
 */
#ifndef DAYPART_SCHEDULER_RANDOM_UUID_H
#define DAYPART_SCHEDULER_RANDOM_UUID_H

#include <stdbool.h>

enum { RANDOM_UUID_TEXT = 37 };

bool random_uuid(char out[RANDOM_UUID_TEXT]);

#endif
