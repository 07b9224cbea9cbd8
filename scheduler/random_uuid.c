#include "random_uuid.h"

#include <stdint.h>
#include <stdio.h>
#include <sys/random.h>

bool
random_uuid(char out[RANDOM_UUID_TEXT])
{
	uint8_t bytes[16];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return false;
	bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40); /* version 4 */
	bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
	for (size_t i = 0, size = 0; i < sizeof(bytes); i++)
		size += (size_t)snprintf(out + size, RANDOM_UUID_TEXT - size, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", bytes[i]);
	return true;
}
