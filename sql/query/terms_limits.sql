-- Daily limits of a sender that change by date. $1 text: sender, NULL for none. Rows: first day (date), daily_limit (int, NULL: none), by day.
SELECT valid_from, daily_limit FROM sender_limit WHERE sender = $1::text ORDER BY valid_from
