/* The order of the checks is the order of the answers: an opt-out hides everything else, incomplete evidence matters only where there is consent. */
#include "eligibility.h"

#include "mix.h"

enum reason
eligibility_judge(const struct person_facts *facts, struct consent_need need)
{
	if (facts->suppressed)
		return REASON_OPTED_OUT;
	if (need.required && !facts->consent_granted)
		return REASON_NO_CONSENT;
	if (need.evidence & ~facts->evidence)
		return REASON_EVIDENCE_INCOMPLETE;
	return REASON_NONE;
}

/* Mixed in turn, so that two campaigns take independent samples of the same people; the id itself is a keyed hash already. */
static bool
is_sampled(int64_t recipient_id, int64_t campaign_id, uint64_t purpose, unsigned percent)
{
	const uint64_t hash = mix64((uint64_t)recipient_id ^ mix64((uint64_t)campaign_id + purpose));
	return (hash >> 32) * 100 >> 32 < percent;
}

bool
eligibility_in_holdout(int64_t recipient_id, int64_t campaign_id, unsigned percent)
{
	return is_sampled(recipient_id, campaign_id, UINT64_C(0x9e3779b97f4a7c15), percent);
}

bool
eligibility_in_split(int64_t recipient_id, int64_t campaign_id, unsigned percent)
{
	return is_sampled(recipient_id, campaign_id, UINT64_C(0xd1b54a32d192ed03), percent);
}
