/* What the settings of the sink http may say, and what an operator reads when they say something else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scheduler/sink/http_config.h"
#include "tests/support/temp.h"

#define CLOUD "url = \"https://graph.facebook.com/v23.0/\"; token = \"env:DAYPART_TEST_TOKEN\"; "
#define IDS "phone_number_ids = \"+14155550123=106540352242922, acme=1\"; "
#define HOOK "format = \"webhook\"; url = \"https://example.com/in?x=/\"; "
#define KEY "signing_key = \"env:DAYPART_TEST_KEY\"; "

static enum status
read_text(const char *text, struct http_config *config, struct err *err)
{
	char whole[1024], *path;
	struct settings settings;
	enum status status;

	setenv("DAYPART_TEST_TOKEN", "t0ken", 1);
	setenv("DAYPART_TEST_KEY", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 1);
	snprintf(whole, sizeof whole, "release = { http = { %s }; };\n", text);
	path = temp_write("http.cfg", whole);
	*err = (struct err)ERR_INIT;
	assert_int_equal(settings_load(path, &settings, err), STATUS_OK);
	status = http_config_read(&settings, config, err);
	settings_free(&settings);
	free(path);
	return status;
}

static void
what_is_good(void **state)
{
	struct http_config config;
	struct err err;

	(void)state;
	assert_int_equal(read_text(CLOUD IDS, &config, &err), STATUS_OK);
	assert_string_equal(config.url, "https://graph.facebook.com/v23.0");
	assert_string_equal(config.token.text, "t0ken");
	assert_string_equal(http_config_phone_number_id(&config, "+14155550123"), "106540352242922");
	assert_string_equal(http_config_phone_number_id(&config, "acme"), "1");
	assert_null(http_config_phone_number_id(&config, "+1415555012"));
	assert_int_equal(config.concurrency, 32);
	http_config_free(&config);
	assert_int_equal(read_text(HOOK KEY "status_url = \"https://example.com/m/{key}\";", &config, &err), STATUS_OK);
	assert_string_equal(config.url, "https://example.com/in?x=/");
	assert_true(config.signs);
	assert_null(config.token.text);
	http_config_free(&config);
}

static void
http_is_for_this_machine_only(void **state)
{
	static const struct {
		const char *url;
		bool good;
	} rows[] = {
		{"http://127.0.0.1:8080/in", true},
		{"http://localhost/in", true},
		{"http://[::1]:80/in", true},
		{"https://10.0.0.1/in", true},
		{"http://10.0.0.1/in", false},
		{"http://127.0.0.1.example.com/in", false},
		{"http://localhost.example.com/in", false},
		{"http://127.0.0.1@example.com/in", false},
		{"https://user:secret@example.com/in", false},
		{"ftp://127.0.0.1/in", false},
		{"file:///etc/passwd", false},
		{"example.com/in", false},
		{"https://", false},
		{"not a url", false},
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct http_config config;
		struct err err;

		snprintf(text, sizeof text, "format = \"webhook\"; " KEY "url = \"%s\";", rows[i].url);
		if ((read_text(text, &config, &err) == STATUS_OK) != rows[i].good)
			fail_msg("%s: %s", rows[i].url, err.primary);
		if (rows[i].good)
			http_config_free(&config);
	}
}

static void
what_is_not_good_is_told_with_the_cure(void **state)
{
	static const struct {
		const char *text, *primary, *hint;
	} rows[] = {
		{"", "release.http.url is not set", "https://"},
		{CLOUD, "release.http.phone_number_ids is not set", "="},
		{CLOUD "phone_number_ids = \"+14155550123\";", "no address of a sender", "="},
		{CLOUD "phone_number_ids = \"+14155550123=abc\";", "no address of a sender", "="},
		{CLOUD "phone_number_ids = \"=1\";", "no address of a sender", "="},
		{CLOUD "phone_number_ids = \"a=1;b=2\";", "no address of a sender", "="},
		{"url = \"https://a.example\"; " IDS, "release.http.token is not set", "file:"},
		{"url = \"https://a.example\"; token = \"t0ken\"; " IDS, "neither env: nor file:", "file:"},
		{CLOUD IDS KEY, "the Cloud API takes no signatures", ""},
		{CLOUD IDS "status_url = \"https://a.example/{key}\";", "cannot be asked", ""},
		{HOOK, "neither release.http.token nor release.http.signing_key is set", "env:"},
		{HOOK "signing_key = \"env:DAYPART_TEST_TOKEN\";", "release.http.signing_key: the signing key is not", "head -c 32"},
		{HOOK KEY IDS, "only the Cloud API has them", ""},
		{CLOUD IDS "lost_answer = \"repeat\";", "takes the same message twice", "daypart settle"},
		{HOOK KEY "lost_answer = \"repeat\"; status_url = \"https://a.example/{key}\";", "is set as well", "status_url"},
		{HOOK KEY "status_url = \"https://a.example/\";", "where the key stands", "{key}"},
		{HOOK KEY "status_url = \"http://a.example/{key}\";", "release.http.status_url does not begin with https://", ""},
		{HOOK KEY "ca_file = \"/nowhere/ca.pem\";", "release.http.ca_file cannot be read", ""},
		{HOOK KEY "ca_file = \"ca.pem\";", "release.http.ca_file cannot be read", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct http_config config;
		struct err err;

		if (read_text(rows[i].text, &config, &err) != STATUS_INVALID || strstr(err.primary, rows[i].primary) == NULL ||
			strstr(err.hint, rows[i].hint) == NULL)
			fail_msg("%s: %s / %s", rows[i].text, err.primary, err.hint);
		assert_null(strstr(err.primary, "t0ken"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_good),
		cmocka_unit_test(http_is_for_this_machine_only),
		cmocka_unit_test(what_is_not_good_is_told_with_the_cure),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
