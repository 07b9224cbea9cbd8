/*
 * provider_answer - implementation
 *
 * Two tables of ranges, looked through from the top: codes of REGULATIONS.md 2.10 (WhatsApp's, and 651 of India's DLT), then HTTP statuses for
 * answers without a code that we know. What is in neither is an error that nobody understands, after which the message may have been accepted.
 *
 * 131000, 1, 2, 131016 and 5xx could be repeated if the message were provably not accepted. Nothing in an answer proves it: gateways write 502
 * to 504 over requests that were carried out. A second message to a person is worse than a message that waits for a decision.
 */
#include "provider_answer.h"

#include <stddef.h>
#include <string.h>

struct range {
	int first, last;
	enum provider_action action;
};

enum { CODE_PER_USER_LIMIT = 131049 };

static const struct range codes[] = {
	{130429, 130429, PROVIDER_RETRY_SENDER},    /* throughput */
	{131056, 131056, PROVIDER_RETRY_PERSON},    /* same sender, same person */
	{80007, 80007, PROVIDER_RETRY_ACCOUNT},     /* requests of the account */
	{4, 4, PROVIDER_RETRY_ACCOUNT},             /* requests of the application */
	{131000, 131000, PROVIDER_UNCERTAIN},       /* unknown error */
	{131016, 131016, PROVIDER_UNCERTAIN},       /* service unavailable */
	{1, 2, PROVIDER_UNCERTAIN},                 /* both, of the API as a whole */
	{131048, 131048, PROVIDER_STOP_SENDER},     /* blocked and reported too often */
	{131050, 131050, PROVIDER_STOP_PERSON},     /* stopped marketing */
	{131047, 131047, PROVIDER_DROP},            /* the 24-hour window is closed */
	{131026, 131026, PROVIDER_UNREACHABLE},     /* not on WhatsApp, old client, blocked */
	{130472, 130472, PROVIDER_DROP},            /* in an experiment of the provider */
	{131042, 131042, PROVIDER_PAUSE_ACCOUNT},   /* payment, eligibility */
	{131031, 131031, PROVIDER_STOP_SENDER},     /* locked */
	{368, 368, PROVIDER_STOP_SENDER},           /* blocked for a breach of policy */
	{132000, 132001, PROVIDER_STOP_CAMPAIGN},   /* number of parameters, no such template */
	{131008, 131009, PROVIDER_STOP_CAMPAIGN},   /* a parameter is missing, is wrong */
	{100, 100, PROVIDER_STOP_CAMPAIGN},         /* a parameter is wrong, of the API as a whole */
	{132015, 132015, PROVIDER_HOLD_TEMPLATE},   /* template paused */
	{132016, 132016, PROVIDER_CANCEL_TEMPLATE}, /* template disabled */
	{131051, 131053, PROVIDER_STOP_CAMPAIGN},   /* unsupported type, media */
	{0, 0, PROVIDER_PAUSE_ACCOUNT},             /* authentication */
	{10, 10, PROVIDER_PAUSE_ACCOUNT},           /* permission */
	{190, 190, PROVIDER_PAUSE_ACCOUNT},         /* the token has expired */
	{200, 299, PROVIDER_PAUSE_ACCOUNT},         /* permissions */
	{651, 651, PROVIDER_LATE},                  /* DLT: outside the time for promotion */
};

static const struct range statuses[] = {
	{200, 299, PROVIDER_ACCEPTED},      /* whatever the body says about it */
	{303, 303, PROVIDER_UNCERTAIN},     /* "done, the result is over there" */
	{300, 399, PROVIDER_PAUSE_ACCOUNT}, /* never followed: the address that was configured is wrong, and a token goes nowhere else */
	{401, 405, PROVIDER_PAUSE_ACCOUNT}, /* who we are, what we pay, where we knock: wrong for every message */
	{407, 407, PROVIDER_PAUSE_ACCOUNT}, /* the same of a proxy */
	{408, 409, PROVIDER_UNCERTAIN},     /* took too long; or another request with this key is under way */
	{410, 411, PROVIDER_PAUSE_ACCOUNT}, /* the address is gone; or it does not speak our HTTP */
	{415, 415, PROVIDER_PAUSE_ACCOUNT}, /* does not take JSON */
	{421, 421, PROVIDER_RETRY},         /* the wrong server, which has not looked at it */
	{425, 425, PROVIDER_RETRY},         /* too early, not looked at */
	{429, 429, PROVIDER_RETRY_ACCOUNT}, /* too many requests */
	{400, 499, PROVIDER_DROP},          /* this message is not wanted */
};

static const struct range *
find(const struct range *ranges, size_t count, int number)
{
	for (size_t i = 0; i < count; i++)
		if (number >= ranges[i].first && number <= ranges[i].last)
			return &ranges[i];
	return NULL;
}

/* In the United States the pause of marketing is for good; elsewhere it passes. */
static enum provider_action
per_user_limit(const char *country)
{
	return country == NULL || strcmp(country, "US") == 0 ? PROVIDER_DROP : PROVIDER_LATER;
}

enum provider_action
provider_action(int http_status, int code, const char *country)
{
	const struct range *range = NULL;

	if (code == CODE_PER_USER_LIMIT)
		return per_user_limit(country);
	if (code != PROVIDER_NO_CODE)
		range = find(codes, sizeof codes / sizeof codes[0], code);
	if (code != PROVIDER_NO_CODE && range == NULL && http_status < 300)
		return PROVIDER_UNCERTAIN; /* an error that calls itself a success */
	if (range == NULL)
		range = find(statuses, sizeof statuses / sizeof statuses[0], http_status);
	return range ? range->action : PROVIDER_UNCERTAIN;
}

const char *
provider_action_name(enum provider_action action)
{
	static const char *const names[PROVIDER_ACTION_COUNT] = {
		[PROVIDER_ACCEPTED] = "accepted",
		[PROVIDER_RETRY] = "retry",
		[PROVIDER_RETRY_PERSON] = "retry_person",
		[PROVIDER_RETRY_SENDER] = "retry_sender",
		[PROVIDER_RETRY_ACCOUNT] = "retry_account",
		[PROVIDER_LATER] = "later",
		[PROVIDER_STOP_PERSON] = "stop_person",
		[PROVIDER_UNREACHABLE] = "unreachable",
		[PROVIDER_DROP] = "drop",
		[PROVIDER_STOP_CAMPAIGN] = "stop_campaign",
		[PROVIDER_HOLD_TEMPLATE] = "hold_template",
		[PROVIDER_CANCEL_TEMPLATE] = "cancel_template",
		[PROVIDER_STOP_SENDER] = "stop_sender",
		[PROVIDER_PAUSE_ACCOUNT] = "pause_account",
		[PROVIDER_LATE] = "late",
		[PROVIDER_UNCERTAIN] = "uncertain",
	};

	return names[action];
}
