/* The bodies of both formats, byte by byte, and what their replies say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "scheduler/sink/http_cloud.h"
#include "scheduler/sink/http_webhook.h"

static struct message
a_message(void)
{
	return (struct message){.recipient_id = INT64_C(9007199254740993),
		.run_id = 7,
		.bucket = 12,
		.attempt = 2,
		.not_after = {INT64_C(1795464000) * US_PER_SECOND},
		.key = "i:7:9007199254740993",
		.phone = "+5511988887777",
		.channel = "whatsapp",
		.category = "marketing",
		.sender = "acme",
		.sender_address = "+14155550123",
		.campaign = "spring \"26\"",
		.template = "hello",
		.language = "pt-BR",
		.body = "Olá {{first_name}}: {{total}}, {{first_name}}!",
		.variables = "{\"total\": \"7 < \\\"8\\\"\", \"first_name\": \"Zoë\", \"unused\": \"x\"}"};
}

static void
expect(char *body, const char *expected)
{
	if (expected == NULL)
		assert_null(body);
	else
		assert_string_equal(body, expected);
	free(body);
}

#define CLOUD_HEAD \
	"{\"messaging_product\":\"whatsapp\",\"recipient_type\":\"individual\",\"to\":\"+5511988887777\",\"type\":\"template\"," \
	"\"template\":{\"name\":\"hello\",\"language\":{\"code\":\"pt_BR\"}"
#define CLOUD_END "},\"biz_opaque_callback_data\":\"i:7:9007199254740993\"}"

static void
cloud_api_template_with_parameters(void **state)
{
	struct message message = a_message();

	(void)state;
	expect(http_cloud_body(&message, HTTP_CLOUD_POSITIONAL),
		CLOUD_HEAD ",\"components\":[{\"type\":\"body\",\"parameters\":[{\"type\":\"text\",\"text\":\"Zoë\"},"
				   "{\"type\":\"text\",\"text\":\"7 < \\\"8\\\"\"}]}]" CLOUD_END);
	expect(http_cloud_body(&message, HTTP_CLOUD_NAMED),
		CLOUD_HEAD ",\"components\":[{\"type\":\"body\",\"parameters\":[{\"type\":\"text\",\"parameter_name\":\"first_name\","
				   "\"text\":\"Zoë\"},{\"type\":\"text\",\"parameter_name\":\"total\",\"text\":\"7 < \\\"8\\\"\"}]}]" CLOUD_END);
	message.body = "No names.";
	expect(http_cloud_body(&message, HTTP_CLOUD_POSITIONAL), CLOUD_HEAD CLOUD_END);
}

static void
webhook_tells_all(void **state)
{
	const struct message message = a_message();

	(void)state;
	expect(http_webhook_body(&message),
		"{\"key\":\"i:7:9007199254740993\",\"attempt\":2,\"not_after\":\"2026-11-23T20:00:00Z\",\"phone\":\"+5511988887777\","
		"\"channel\":\"whatsapp\",\"category\":\"marketing\",\"sender\":\"acme\",\"sender_address\":\"+14155550123\","
		"\"campaign\":\"spring \\\"26\\\"\",\"template\":\"hello\",\"language\":\"pt-BR\","
		"\"text\":\"Olá Zoë: 7 < \\\"8\\\", Zoë!\",\"body\":\"Olá {{first_name}}: {{total}}, {{first_name}}!\","
		"\"variables\":{\"total\":\"7 < \\\"8\\\"\",\"first_name\":\"Zoë\",\"unused\":\"x\"},"
		"\"recipient_id\":\"9007199254740993\",\"run_id\":7,\"bucket\":12}");
}

static void
nothing_is_made_of_a_text_with_holes(void **state)
{
	static const char *const bad[] = {"{}", "{\"first_name\": \"Zoe\"}", "{\"first_name\": \"Zoe\", \"total\": 8}", "[]", "", "{\"first"};
	struct message message = a_message();

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		message.variables = bad[i];
		expect(http_cloud_body(&message, HTTP_CLOUD_POSITIONAL), NULL);
		expect(http_cloud_body(&message, HTTP_CLOUD_NAMED), NULL);
		expect(http_webhook_body(&message), NULL);
	}
}

static void
cloud_api_replies(void **state)
{
	static const struct {
		const char *reply;
		bool understood;
		int code;
		const char *id, *text;
	} rows[] = {
		{"{\"messaging_product\":\"whatsapp\",\"contacts\":[{\"wa_id\":\"55\"}],\"messages\":[{\"id\":\"wamid.HB\"}]}", true,
			PROVIDER_NO_CODE, "wamid.HB", ""},
		{"{\"error\":{\"message\":\"(#131056) pair\",\"code\":131056,\"error_subcode\":2494010,"
		 "\"error_data\":{\"details\":\"wait\"},\"fbtrace_id\":\"A\"}}",
			true, 131056, "", "(#131056) pair: wait (subcode 2494010)"},
		{"{\"error\":{\"message\":\"AuthException\",\"code\":0}}", true, 0, "", "AuthException"},
		{"{\"error\":{\"code\":\"190\"}}", true, 190, "", ""},
		{"{\"error\":{\"message\":\"no code\"}}", false, PROVIDER_NO_CODE, "", "no code"},
		{"{\"error\":{\"code\":-3}}", false, PROVIDER_NO_CODE, "", ""},
		{"{\"messages\":[]}", false, PROVIDER_NO_CODE, "", ""},
		{"{\"messages\":[{\"id\":\"\"}]}", false, PROVIDER_NO_CODE, "", ""},
		{"{\"messages\":[{\"id\":7}]}", false, PROVIDER_NO_CODE, "", ""},
		{"{}", false, PROVIDER_NO_CODE, "", ""},
		{"[]", false, PROVIDER_NO_CODE, "", ""},
		{"", false, PROVIDER_NO_CODE, "", ""},
		{"<html>", false, PROVIDER_NO_CODE, "", ""},
		{"{\"messages\":[{\"id\":\"wamid.HB\"}]", false, PROVIDER_NO_CODE, "", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct http_answer answer;

		assert_int_equal(http_cloud_read(rows[i].reply, strlen(rows[i].reply), &answer), rows[i].understood);
		assert_int_equal(answer.code, rows[i].code);
		assert_string_equal(answer.id, rows[i].id);
		assert_string_equal(answer.text, rows[i].text);
	}
}

static void
webhook_replies(void **state)
{
	static const struct {
		const char *reply;
		int code;
		const char *id, *text;
	} rows[] = {
		{"", PROVIDER_NO_CODE, "", ""},
		{"OK", PROVIDER_NO_CODE, "", ""},
		{"{\"id\":\"m-1\"}", PROVIDER_NO_CODE, "m-1", ""},
		{"{\"code\":651,\"message\":\"promotional time\"}", 651, "", "promotional time"},
		{"{\"error\":{\"code\":\"131050\",\"message\":\"stopped\"}}", 131050, "", "stopped"},
		{"{\"error\":\"it failed\",\"code\":2}", 2, "", ""},
		{"{\"code\":\"E42\"}", PROVIDER_NO_CODE, "", ""},
		{"{\"code\":99999999999}", PROVIDER_NO_CODE, "", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct http_answer answer;

		http_webhook_read(rows[i].reply, strlen(rows[i].reply), &answer);
		assert_int_equal(answer.code, rows[i].code);
		assert_string_equal(answer.id, rows[i].id);
		assert_string_equal(answer.text, rows[i].text);
	}
}

static void
what_became_of_a_message(void **state)
{
	static const struct {
		const char *reply;
		enum http_webhook_state state;
	} rows[] = {
		{"{\"state\":\"sent\",\"id\":\"m-1\"}", HTTP_WEBHOOK_SENT},
		{"{\"state\":\"not_sent\"}", HTTP_WEBHOOK_NOT_SENT},
		{"{\"state\":\"unknown\"}", HTTP_WEBHOOK_UNKNOWN},
		{"{\"state\":\"Sent\"}", HTTP_WEBHOOK_UNKNOWN},
		{"{\"state\":1}", HTTP_WEBHOOK_UNKNOWN},
		{"{}", HTTP_WEBHOOK_UNKNOWN},
		{"sent", HTTP_WEBHOOK_UNKNOWN},
	};
	char *url = http_webhook_status_url("https://example.com/m/{key}?v=1", "a:7/é");

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct http_answer answer;

		assert_int_equal(http_webhook_read_state(rows[i].reply, strlen(rows[i].reply), &answer), rows[i].state);
		assert_string_equal(answer.id, i == 0 ? "m-1" : "");
	}
	assert_string_equal(url, "https://example.com/m/a%3A7%2F%C3%A9?v=1");
	free(url);
}

static void
texts_of_the_provider_are_cut_between_characters(void **state)
{
	char out[6];

	(void)state;
	http_answer_copy(out, sizeof out, "abcéé");
	assert_string_equal(out, "abcé");
	http_answer_copy(out, sizeof out, "abcdé");
	assert_string_equal(out, "abcd");
	http_answer_copy(out, sizeof out, NULL);
	assert_string_equal(out, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cloud_api_template_with_parameters),
		cmocka_unit_test(webhook_tells_all),
		cmocka_unit_test(nothing_is_made_of_a_text_with_holes),
		cmocka_unit_test(cloud_api_replies),
		cmocka_unit_test(webhook_replies),
		cmocka_unit_test(what_became_of_a_message),
		cmocka_unit_test(texts_of_the_provider_are_cut_between_characters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
