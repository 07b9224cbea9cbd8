-- Approves a business, sender, template or campaign as it is now; the function refuses whoever submitted it. $1 text: subject, $2 text: name, $3 text:
-- note or NULL. One row.
SELECT approve($1::subject, $2, $3)
