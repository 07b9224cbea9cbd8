-- What a planner of this audience has to read, each as one binary stream, into nothing.
\o /dev/null
SET search_path = daypart, pg_catalog;
COPY (SELECT recipient_id FROM audience_member ORDER BY bucket, audience_id, recipient_id) TO STDOUT (FORMAT binary);
COPY (SELECT recipient_id, phone, region, timezone FROM recipient ORDER BY bucket, recipient_id) TO STDOUT (FORMAT binary);
COPY (SELECT recipient_id, evidence FROM consent ORDER BY bucket, business_id, channel, category, recipient_id) TO STDOUT (FORMAT binary);
COPY (SELECT recipient_id FROM suppression ORDER BY bucket, recipient_id) TO STDOUT (FORMAT binary);
COPY (SELECT recipient_id, sent_at FROM outside_send WHERE sent_at >= timestamptz '2026-10-19T11:00:00Z') TO STDOUT (FORMAT binary);
