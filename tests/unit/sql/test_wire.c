/* PostgreSQL's binary formats, byte by byte, as its documentation gives them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sql/wire.h"

static void
assert_bytes(const struct wire_buffer *buffer, const char *expected, size_t size)
{
	assert_int_equal(buffer->size, size);
	assert_memory_equal(buffer->bytes, expected, size);
}
#define BYTES(literal) literal, sizeof(literal) - 1

static void
a_tuple_is_counts_and_fields_in_network_order(void **state)
{
	struct wire_buffer buffer = {0};

	(void)state;
	wire_put_count(&buffer, 5);
	wire_put_int(&buffer, -2, 2);
	wire_put_int(&buffer, 0x01020304, 4);
	wire_put_int(&buffer, INT64_MIN, 8);
	wire_put_null(&buffer);
	wire_put_bytes(&buffer, "ab", 2);
	assert_bytes(&buffer,
		BYTES("\0\5"
			  "\0\0\0\2\377\376"
			  "\0\0\0\4\1\2\3\4"
			  "\0\0\0\10\200\0\0\0\0\0\0\0"
			  "\377\377\377\377"
			  "\0\0\0\2ab"));
	wire_free(&buffer);
}

static void
a_stream_has_a_header_and_a_trailer(void **state)
{
	static const char header[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0";
	struct wire_buffer buffer = {0};

	(void)state;
	wire_put_header(&buffer);
	assert_bytes(&buffer, header, sizeof(header) - 1);
	assert_int_equal(wire_header_size(buffer.bytes, buffer.size), buffer.size);
	wire_clear(&buffer);
	wire_put_trailer(&buffer);
	assert_bytes(&buffer, BYTES("\377\377"));
	wire_free(&buffer);
}

static void
a_header_may_carry_an_extension(void **state)
{
	static const uint8_t extended[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\3abc";

	(void)state;
	assert_int_equal(wire_header_size(extended, 22), 22);
	assert_int_equal(wire_header_size(extended, 21), 0); /* cut */
	assert_int_equal(wire_header_size((const uint8_t *)"PGCOPY\n\n\r\n\0\0\0\0\0\0\0\0\0", 19), 0);
}

static void
integers_come_back_as_they_went(void **state)
{
	static const int64_t values[] = {0, 1, -1, INT16_MAX, INT16_MIN, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN};
	uint8_t bytes[8];

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		wire_store(bytes, (uint64_t)values[i], 8);
		assert_int_equal(wire_load(bytes, 8), values[i]);
		wire_store(bytes, (uint64_t)values[i], 2);
		assert_int_equal(wire_load(bytes, 2), (int16_t)values[i]);
	}
}

static void
timestamps_count_from_2000(void **state)
{
	(void)state;
	assert_int_equal(wire_instant(0).us, INT64_C(946684800000000));
	assert_int_equal(wire_postgres_us((struct instant){INT64_C(946684800000001)}), 1);
	assert_int_equal(wire_instant(INT64_MAX).us, INT64_MAX);
	assert_int_equal(wire_postgres_us((struct instant){INT64_MIN}), INT64_MIN);
}

static void
a_buffer_grows_as_needed(void **state)
{
	static char text[5000];
	struct wire_buffer buffer = {0};

	(void)state;
	for (int i = 0; i < 20; i++)
		wire_put_bytes(&buffer, text, sizeof(text));
	assert_int_equal(buffer.size, 20 * (4 + sizeof(text)));
	assert_false(buffer.failed);
	wire_free(&buffer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tuple_is_counts_and_fields_in_network_order),
		cmocka_unit_test(a_stream_has_a_header_and_a_trailer),
		cmocka_unit_test(a_header_may_carry_an_extension),
		cmocka_unit_test(integers_come_back_as_they_went),
		cmocka_unit_test(timestamps_count_from_2000),
		cmocka_unit_test(a_buffer_grows_as_needed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
