/* Values of results and parameters, declared in session.h. */
#include "session.h"

#include <stdio.h>
#include <stdlib.h>

#include "wire.h"

int64_t
session_int(const PGresult *rows, int row, int column)
{
	return strtoll(PQgetvalue(rows, row, column), NULL, 10);
}

bool
session_bool(const PGresult *rows, int row, int column)
{
	return PQgetvalue(rows, row, column)[0] == 't';
}

int64_t
session_int64_binary(const PGresult *rows, int row, int column)
{
	const int size = PQgetlength(rows, row, column);

	return size == 0 ? 0 : wire_load((const uint8_t *)PQgetvalue(rows, row, column), size);
}

struct instant
session_instant_binary(const PGresult *rows, int row, int column)
{
	return wire_instant(session_int64_binary(rows, row, column));
}

char *
session_param_int(int64_t value, char buffer[SESSION_PARAM_MAX])
{
	snprintf(buffer, SESSION_PARAM_MAX, "%lld", (long long)value);
	return buffer;
}

char *
session_param_instant(struct instant value, char buffer[SESSION_PARAM_MAX])
{
	if (value.us == INT64_MAX || value.us == INT64_MIN)
		snprintf(buffer, SESSION_PARAM_MAX, value.us > 0 ? "infinity" : "-infinity");
	else
		instant_format(value, 0, buffer);
	return buffer;
}
