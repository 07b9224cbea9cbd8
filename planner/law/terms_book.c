/*
 * How it works: one small query for each kind of fact, all by primary key. The results are kept, so that texts need not be copied; only the
 * arrays that `terms` wants are made here. A column that is NULL is "", 0, or no date at all.
 */
#include "terms_book.h"

#include <stdlib.h>
#include <string.h>

enum { HEAD, VARIANTS, VARIABLES, TAGS, ATTESTATIONS, WAIVERS, LIMITS, PART_COUNT };

/* Columns of terms_campaign and terms_template. */
enum {
	CATEGORY,
	CHANNEL,
	TEMPLATE,
	CAMPAIGN,
	SENDER,
	BUSINESS,
	LEGAL_NAME,
	IDENTIFIER,
	ONE_WAY,
	SENDER_COUNTRY,
	SENDER_TYPE,
	TRUST,
	REGISTERED_ON,
	GRANTED_LIMIT,
	GRANTED_ON,
	PORTFOLIO_LIMIT,
	DAILY_LIMIT,
	RATE_MILLI,
	HAS_OFFER,
	OFFER_EXPIRES_ON,
	TEMPLATE_B,
	SPLIT_PERCENT,
	FIRST_TEMPLATE,
	HEADROOM_PERCENT
};
enum {
	VARIANT_LANGUAGE,
	VARIANT_BODY,
	VARIANT_APPROVED,
	VARIANT_FREE_FORM,
	VARIANT_APPROVED_ON,
	VARIANT_LAST_USED_ON,
	VARIANT_CATEGORY,
	VARIANT_ARM,
	VARIANT_TEMPLATE
};
enum { VARIABLE_LANGUAGE, VARIABLE_NAME, VARIABLE_MAX_LENGTH, VARIABLE_ARM };
enum { TAG_NAME, TAG_OF_ALL };
enum { ATTESTED_SUBJECT, ATTESTED_ITEM, ATTESTED_ON, ATTESTED_UNTIL, ATTESTED_NAME };
enum { WAIVED_RULE, WAIVED_UNTIL };
enum { LIMIT_FROM, LIMIT_DAILY };

/* What a terms_book points to lies behind it. */
struct shelf {
	struct terms_book book; /* first: see terms_book_free */
	PGresult *parts[PART_COUNT];
	struct variant *variants;
	struct content_variable *variables;
	struct attestation *attestations;
	struct daily_tier *tiers;
	const char **tags, **partial_tags, **waived;
	struct date *waived_until;
};

static const struct date LONG_AGO = {INT32_MIN}, NEVER = {INT32_MAX};

static size_t
row_count(const struct shelf *shelf, int part)
{
	return (size_t)PQntuples(shelf->parts[part]);
}

static const char *
text_at(const struct shelf *shelf, int part, size_t row, int column)
{
	return PQgetvalue(shelf->parts[part], (int)row, column);
}

/* `otherwise` when there is none. */
static enum status
date_at(const struct shelf *shelf, int part, size_t row, int column, struct date otherwise, struct date *out, struct err *err)
{
	*out = otherwise;
	return PQgetisnull(shelf->parts[part], (int)row, column) ? STATUS_OK : date_parse(text_at(shelf, part, row, column), out, err);
}

static int32_t
number_at(const struct shelf *shelf, int part, size_t row, int column)
{
	return PQgetisnull(shelf->parts[part], (int)row, column) ? 0 : (int32_t)session_int(shelf->parts[part], (int)row, column);
}

static bool
subject_parse(const char *text, enum subject *out)
{
	for (int i = 0; i < SUBJECT_COUNT; i++)
		if (strcmp(subject_name((enum subject)i), text) == 0) {
			*out = (enum subject)i;
			return true;
		}
	return false;
}

static enum status
unknown_word(const char *word, struct err *err)
{
	(void)err_set(err, STATUS_INTERNAL, "the database knows \"%s\", which this program does not", word);
	return err_hint(err, "install the programs and the schema from one release");
}

/* Reading -------------------------------------------------------------------------------------------------------------------------------- */

static const char *
param(const struct shelf *shelf, int column)
{
	return PQgetisnull(shelf->parts[HEAD], 0, column) ? NULL : text_at(shelf, HEAD, 0, column);
}

static enum status
read_parts(struct session *session, struct shelf *shelf, struct err *err)
{
	const char *const business = param(shelf, BUSINESS), *const template = param(shelf, TEMPLATE), *const campaign = param(shelf, CAMPAIGN);
	const char *const channel = param(shelf, CHANNEL), *const other = param(shelf, TEMPLATE_B), *const first = param(shelf, FIRST_TEMPLATE);
	const struct {
		const struct sql_statement *statement;
		const char *params[6];
		int count;
	} queries[PART_COUNT] = {
		[VARIANTS] = {&sql_query_terms_variants, {template, business, channel, other, first}, 5},
		[VARIABLES] = {&sql_query_terms_variables, {template, business, channel, other, first}, 5},
		[TAGS] = {&sql_query_terms_tags, {campaign, template, other, first}, 4},
		[ATTESTATIONS] = {&sql_query_terms_attestations, {business, param(shelf, SENDER), template, campaign, other, first}, 6},
		[WAIVERS] = {&sql_query_terms_waivers, {business}, 1},
		[LIMITS] = {&sql_query_terms_limits, {param(shelf, SENDER)}, 1},
	};
	enum status status = STATUS_OK;
	for (int i = HEAD + 1; i < PART_COUNT && status == STATUS_OK; i++)
		status = session_query(session, queries[i].statement, queries[i].params, queries[i].count, &shelf->parts[i], err);
	return status;
}

static enum status
fill_tiers(const struct shelf *shelf, struct sender_facts *out, struct err *err)
{
	enum status status = STATUS_OK;
	for (size_t row = 0; row < row_count(shelf, LIMITS) && status == STATUS_OK; row++) {
		shelf->tiers[row].limit = number_at(shelf, LIMITS, row, LIMIT_DAILY);
		status = date_at(shelf, LIMITS, row, LIMIT_FROM, NEVER, &shelf->tiers[row].from, err);
	}
	out->daily_tiers = shelf->tiers;
	out->daily_tier_count = row_count(shelf, LIMITS);
	return status;
}

static enum status
fill_sender(const struct shelf *shelf, struct sender_facts *out, struct err *err)
{
	*out = (struct sender_facts){.trust = text_at(shelf, HEAD, 0, TRUST),
		.granted_limit = number_at(shelf, HEAD, 0, GRANTED_LIMIT),
		.portfolio_limit = number_at(shelf, HEAD, 0, PORTFOLIO_LIMIT),
		.daily_limit = number_at(shelf, HEAD, 0, DAILY_LIMIT),
		.rate_milli = number_at(shelf, HEAD, 0, RATE_MILLI)};
	enum status status = date_at(shelf, HEAD, 0, REGISTERED_ON, LONG_AGO, &out->registered_on, err);
	if (status == STATUS_OK)
		status = date_at(shelf, HEAD, 0, GRANTED_ON, LONG_AGO, &out->granted_on, err);
	return status == STATUS_OK ? fill_tiers(shelf, out, err) : status;
}

static enum status
fill_head(struct shelf *shelf, struct err *err)
{
	struct terms_book *book = &shelf->book;
	struct terms *terms = &book->terms;
	const char *category = text_at(shelf, HEAD, 0, CATEGORY), *channel = text_at(shelf, HEAD, 0, CHANNEL);
	if (!category_parse(category, &terms->category) || !channel_parse(channel, &book->channel))
		return unknown_word(category, err);
	book->template = text_at(shelf, HEAD, 0, TEMPLATE);
	book->sender_country = text_at(shelf, HEAD, 0, SENDER_COUNTRY);
	book->sender_type = text_at(shelf, HEAD, 0, SENDER_TYPE);
	book->headroom_percent = number_at(shelf, HEAD, 0, HEADROOM_PERCENT);
	terms->business = text_at(shelf, HEAD, 0, BUSINESS);
	terms->legal_name = text_at(shelf, HEAD, 0, LEGAL_NAME);
	terms->identifier = text_at(shelf, HEAD, 0, IDENTIFIER);
	terms->template_only = PQgetisnull(shelf->parts[HEAD], 0, CAMPAIGN);
	terms->split_percent = (unsigned)number_at(shelf, HEAD, 0, SPLIT_PERCENT);
	terms->has_first_text = !PQgetisnull(shelf->parts[HEAD], 0, FIRST_TEMPLATE);
	terms->one_way = session_bool(shelf->parts[HEAD], 0, ONE_WAY);
	terms->has_offer_terms = session_bool(shelf->parts[HEAD], 0, HAS_OFFER);
	terms->offer_expires = !PQgetisnull(shelf->parts[HEAD], 0, OFFER_EXPIRES_ON);
	enum status status = date_at(shelf, HEAD, 0, OFFER_EXPIRES_ON, NEVER, &terms->offer_expires_on, err);
	return status == STATUS_OK ? fill_sender(shelf, &book->sender, err) : status;
}

/* The variables of a variant lie side by side, in the order of the variants. */
static void
take_variables(const struct shelf *shelf, struct variant *variant, size_t *next)
{
	variant->variables = &shelf->variables[*next];
	while (*next < row_count(shelf, VARIABLES) && number_at(shelf, VARIABLES, *next, VARIABLE_ARM) == (int32_t)variant->arm &&
		strcmp(text_at(shelf, VARIABLES, *next, VARIABLE_LANGUAGE), variant->language) == 0) {
		shelf->variables[*next] = (struct content_variable){
			.name = text_at(shelf, VARIABLES, *next, VARIABLE_NAME), .max_length = number_at(shelf, VARIABLES, *next, VARIABLE_MAX_LENGTH)};
		variant->variable_count++;
		++*next;
	}
}

static enum status
fill_variant(const struct shelf *shelf, size_t row, struct variant *out, struct err *err)
{
	*out = (struct variant){.template = text_at(shelf, VARIANTS, row, VARIANT_TEMPLATE),
		.arm = (enum arm)number_at(shelf, VARIANTS, row, VARIANT_ARM),
		.language = text_at(shelf, VARIANTS, row, VARIANT_LANGUAGE),
		.text = text_at(shelf, VARIANTS, row, VARIANT_BODY),
		.approved = session_bool(shelf->parts[VARIANTS], (int)row, VARIANT_APPROVED),
		.free_form = session_bool(shelf->parts[VARIANTS], (int)row, VARIANT_FREE_FORM)};
	const char *category = text_at(shelf, VARIANTS, row, VARIANT_CATEGORY);
	if (!category_parse(category, &out->category))
		return unknown_word(category, err);
	enum status status = date_at(shelf, VARIANTS, row, VARIANT_APPROVED_ON, LONG_AGO, &out->approved_on, err);
	return status == STATUS_OK ? date_at(shelf, VARIANTS, row, VARIANT_LAST_USED_ON, LONG_AGO, &out->last_used_on, err) : status;
}

static enum status
fill_variants(struct shelf *shelf, struct err *err)
{
	enum status status = STATUS_OK;
	size_t next_variable = 0;
	for (size_t row = 0; row < row_count(shelf, VARIANTS) && status == STATUS_OK; row++) {
		status = fill_variant(shelf, row, &shelf->variants[row], err);
		take_variables(shelf, &shelf->variants[row], &next_variable);
	}
	shelf->book.terms.variants = shelf->variants;
	shelf->book.terms.variant_count = row_count(shelf, VARIANTS);
	return status;
}

static enum status
fill_attestations(struct shelf *shelf, struct err *err)
{
	enum status status = STATUS_OK;
	for (size_t row = 0; row < row_count(shelf, ATTESTATIONS) && status == STATUS_OK; row++) {
		struct attestation *out = &shelf->attestations[row];
		out->item = text_at(shelf, ATTESTATIONS, row, ATTESTED_ITEM);
		if (!subject_parse(text_at(shelf, ATTESTATIONS, row, ATTESTED_SUBJECT), &out->subject))
			return unknown_word(text_at(shelf, ATTESTATIONS, row, ATTESTED_SUBJECT), err);
		out->template = out->subject == SUBJECT_TEMPLATE ? text_at(shelf, ATTESTATIONS, row, ATTESTED_NAME) : NULL;
		status = date_at(shelf, ATTESTATIONS, row, ATTESTED_ON, LONG_AGO, &out->given_on, err);
		if (status == STATUS_OK)
			status = date_at(shelf, ATTESTATIONS, row, ATTESTED_UNTIL, NEVER, &out->valid_until, err);
	}
	shelf->book.terms.attestations = shelf->attestations;
	shelf->book.terms.attestation_count = row_count(shelf, ATTESTATIONS);
	return status;
}

static enum status
fill_words(struct shelf *shelf, struct err *err)
{
	enum status status = STATUS_OK;
	for (size_t row = 0; row < row_count(shelf, TAGS); row++) {
		shelf->tags[row] = text_at(shelf, TAGS, row, TAG_NAME);
		if (!session_bool(shelf->parts[TAGS], (int)row, TAG_OF_ALL))
			shelf->partial_tags[shelf->book.partial_tag_count++] = shelf->tags[row];
	}
	for (size_t row = 0; row < row_count(shelf, WAIVERS) && status == STATUS_OK; row++) {
		shelf->waived[row] = text_at(shelf, WAIVERS, row, WAIVED_RULE);
		status = date_at(shelf, WAIVERS, row, WAIVED_UNTIL, LONG_AGO, &shelf->waived_until[row], err);
	}
	shelf->book.terms.tags = shelf->tags;
	shelf->book.terms.tag_count = row_count(shelf, TAGS);
	shelf->book.partial_tags = shelf->partial_tags;
	shelf->book.waived = shelf->waived;
	shelf->book.waived_until = shelf->waived_until;
	shelf->book.waived_count = row_count(shelf, WAIVERS);
	return status;
}

static bool
allocate(struct shelf *shelf)
{
	shelf->variants = calloc(row_count(shelf, VARIANTS) + 1, sizeof *shelf->variants);
	shelf->variables = calloc(row_count(shelf, VARIABLES) + 1, sizeof *shelf->variables);
	shelf->attestations = calloc(row_count(shelf, ATTESTATIONS) + 1, sizeof *shelf->attestations);
	shelf->tiers = calloc(row_count(shelf, LIMITS) + 1, sizeof *shelf->tiers);
	shelf->tags = calloc(row_count(shelf, TAGS) + 1, sizeof *shelf->tags);
	shelf->partial_tags = calloc(row_count(shelf, TAGS) + 1, sizeof *shelf->partial_tags);
	shelf->waived = calloc(row_count(shelf, WAIVERS) + 1, sizeof *shelf->waived);
	shelf->waived_until = calloc(row_count(shelf, WAIVERS) + 1, sizeof *shelf->waived_until);
	return shelf->variants && shelf->variables && shelf->attestations && shelf->tiers && shelf->tags && shelf->partial_tags &&
		shelf->waived && shelf->waived_until;
}

static enum status
read_shelf(struct session *session, const struct sql_statement *head, const char *name, struct shelf *shelf, struct err *err)
{
	enum status status = session_query(session, head, (const char *const[]){name}, 1, &shelf->parts[HEAD], err);
	if (status != STATUS_OK)
		return status;
	if (row_count(shelf, HEAD) == 0)
		return err_set(err, STATUS_NOT_FOUND, "there is no %s \"%s\"", head == &sql_query_terms_campaign ? "campaign" : "template", name);
	if ((status = read_parts(session, shelf, err)) != STATUS_OK)
		return status;
	if (!allocate(shelf))
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	if ((status = fill_head(shelf, err)) == STATUS_OK && (status = fill_variants(shelf, err)) == STATUS_OK &&
		(status = fill_attestations(shelf, err)) == STATUS_OK)
		status = fill_words(shelf, err);
	return status == STATUS_OK ? status : err_wrap(err, "%s", name);
}

static enum status
read_book(struct session *session, const struct sql_statement *head, const char *name, struct terms_book **out, struct err *err)
{
	struct shelf *shelf = calloc(1, sizeof *shelf);
	*out = NULL;
	if (shelf == NULL)
		return err_set(err, STATUS_NO_MEMORY, "out of memory");
	*out = &shelf->book;
	if (read_shelf(session, head, name, shelf, err) != STATUS_OK)
		terms_book_free(out);
	return err->status;
}

enum status
terms_book_read(struct session *session, const char *campaign, struct terms_book **out, struct err *err)
{
	return read_book(session, &sql_query_terms_campaign, campaign, out, err);
}

enum status
terms_book_read_template(struct session *session, const char *template, struct terms_book **out, struct err *err)
{
	return read_book(session, &sql_query_terms_template, template, out, err);
}

void
terms_book_free(struct terms_book **book)
{
	struct shelf *shelf = (struct shelf *)*book;
	*book = NULL;
	if (shelf == NULL)
		return;
	for (int i = 0; i < PART_COUNT; i++)
		PQclear(shelf->parts[i]);
	free(shelf->variants);
	free(shelf->variables);
	free(shelf->attestations);
	free(shelf->tiers);
	free(shelf->book.bound);
	free(shelf->tags);
	free(shelf->partial_tags);
	free(shelf->waived);
	free(shelf->waived_until);
	free(shelf);
}
