-- Approves a wording in all languages that are not approved yet; the function refuses whoever submitted it. $1 text: business, $2 text: name. One row.
SELECT approve_wording($1, $2)
