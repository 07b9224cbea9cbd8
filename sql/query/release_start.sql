-- What daypartd must know before it starts. One row: rehearsal boolean (a simulated clock may release here), rulebook boolean (one is active).
SELECT installation.rehearsal, EXISTS (SELECT FROM rulebook_head) AS rulebook
FROM installation
