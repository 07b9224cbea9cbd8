-- Chooses the people of a segment anew. $1 text: its audience. One row: added, removed, people bigint, problem text (why it chooses nobody, or NULL),
-- cure text. Runs the segment's query and writes the difference; locks the audience's row.
SELECT added, removed, people, problem, cure FROM refresh_segment($1)
