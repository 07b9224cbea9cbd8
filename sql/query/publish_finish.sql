-- Marks ended campaigns as finished when nothing of them is queued. $1 int[]: campaigns. One row each that was finished: its name.
SELECT finish_campaigns($1::int[])
