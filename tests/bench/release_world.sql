-- Eight senders with one approved campaign and one person each, so that `daypart plan` makes runs, class and the ledger's part.
SET search_path = daypart, pg_catalog;
INSERT INTO business (name, created_by) VALUES ('bench', 'ana');
INSERT INTO sender (name, business, channel, address, throughput_per_s, created_by)
	SELECT 'sender-' || n, 'bench', 'sms', '+1415555010' || n, 100000, 'ana' FROM generate_series(1, 8) AS n;
INSERT INTO template (name, language, business, channel, category, body, status, created_by)
	VALUES ('hello', 'en', 'bench', 'sms', 'marketing', 'Hello', 'approved', 'ana');
INSERT INTO audience (name, business) VALUES ('everybody', 'bench');
INSERT INTO campaign (name, sender, template, audience, starts_at, ends_at, created_by)
	SELECT 'campaign-' || n, 'sender-' || n, 'hello', 'everybody', to_char(now() - interval '1 day', 'YYYY-MM-DD"T"HH24:MI"Z"'),
		to_char(now() + interval '5 days', 'YYYY-MM-DD"T"HH24:MI"Z"'), 'ana' FROM generate_series(1, 8) AS n;
SELECT add_recipient('+447400123456', region => 'GB', timezone => 'Europe/London'),
	record_consent('+447400123456', 'bench', 'sms', given_at => now() - interval '1 day', method => 'web', wording => 'yes'),
	add_member('everybody', '+447400123456');
SELECT campaign_set_status(name, 'approved') FROM campaign;
