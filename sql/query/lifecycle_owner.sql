-- Of a sender or business that is to be approved. $1 text: subject (sender or business), $2 text: name. No row: none of this name. One row: business
-- text, channel text (NULL: every channel).
SELECT s.business, s.channel::text FROM sender AS s WHERE $1 = 'sender' AND s.name = $2
UNION ALL
SELECT b.name, NULL FROM business AS b WHERE $1 = 'business' AND b.name = $2
