-- People of the benchmark: everybody consents with all evidence, 3 in 100 are suppressed. Hashed ids, as in life. :people
SET search_path = daypart, pg_catalog;
CREATE TABLE public.person AS
	SELECT ('x' || substr(md5(n::text), 1, 16))::bit(64)::bigint & 9223372036854775807 AS id, n FROM generate_series(1, :people) AS n;
INSERT INTO consent (recipient_id, given_at, business_id, evidence, channel, category, state, bucket)
	SELECT id, now() - interval '1 day', business_id, 1023, 'sms', 'marketing', 'granted', bucket_of(id) FROM public.person, business;
INSERT INTO suppression (recipient_id, at, business_id, bucket, channel, category)
	SELECT id, now(), 0, bucket_of(id), 'all', 'all' FROM public.person WHERE n % 33 = 0;
CREATE TABLE public.law AS SELECT DISTINCT class_id FROM slot;
VACUUM ANALYZE;
