/* The published vector of Standard Webhooks, signatures that Python's hmac made, and which keys are taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "scheduler/sink/http_signature.h"

static void
signs_as_standard_webhooks_does(void **state)
{
	static const char body[] = "{\"test\": 2432232314}";
	struct http_signature_key key;
	struct err err = ERR_INIT;
	char text[HTTP_SIGNATURE_TEXT_MAX];

	(void)state;
	assert_int_equal(http_signature_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", &key, &err), STATUS_OK);
	assert_int_equal(key.size, 24);
	assert_int_equal(http_signature_make(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body, strlen(body), text), STATUS_OK);
	assert_string_equal(text, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	assert_int_equal(http_signature_make(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265331, body, strlen(body), text), STATUS_OK);
	assert_string_not_equal(text, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

/* base64(hmac.new(bytes([byte]) * size, b'k.-1.', 'sha256').digest()) */
static void
signs_with_keys_of_every_length(void **state)
{
	static const struct {
		unsigned char byte;
		size_t size;
		const char *signature;
	} rows[] = {
		{0x0b, 24, "v1,VQxhVN+F3U0//kdtDhjy2hzjFD/CU8Pb7MaduqrZK80="},
		{0xaa, 64, "v1,yDaVQO1laqYhnvDq3b76VfqAnnWHQ9CH8Saayg8zzEs="},
		{0x00, 33, "v1,9pUiEn55n2kcG0SSRzOrtqXZNFC0LTp64NarLoLMQZM="},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct http_signature_key key = {.size = rows[i].size};
		char text[HTTP_SIGNATURE_TEXT_MAX];

		memset(key.bytes, rows[i].byte, key.size);
		assert_int_equal(http_signature_make(&key, "k", -1, "", 0, text), STATUS_OK);
		assert_string_equal(text, rows[i].signature);
	}
}

static void
keys_are_24_to_64_bytes_in_base64(void **state)
{
	static const char *const bad[] = {
		"", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS=", /* 23 bytes */
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS!", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2La====",
		"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", /* 65 bytes */
	};
	static const char longest[] = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==";
	struct http_signature_key key;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		err = (struct err)ERR_INIT;
		if (http_signature_key(bad[i], &key, &err) != STATUS_INVALID)
			fail_msg("%s", bad[i]);
		assert_non_null(strstr(err.hint, "whsec_"));
		assert_null(bad[i][0] != '\0' && strlen(bad[i]) > 8 ? strstr(err.primary, bad[i]) : NULL);
	}
	assert_int_equal(http_signature_key(longest, &key, &err), STATUS_OK);
	assert_int_equal(key.size, 64);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs_as_standard_webhooks_does),
		cmocka_unit_test(signs_with_keys_of_every_length),
		cmocka_unit_test(keys_are_24_to_64_bytes_in_base64),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
