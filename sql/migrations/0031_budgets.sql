-- placeholder: its owner writes it
SELECT 1;
