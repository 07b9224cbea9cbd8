-- What holds for all lanes. One row: stopped boolean, rulebook_id int. By primary key, no lock.
SELECT control.stopped, rulebook_head.rulebook_id
FROM control, rulebook_head
WHERE control.one AND rulebook_head.one
