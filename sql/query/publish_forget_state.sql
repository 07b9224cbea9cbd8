-- After a plan of one campaign only: the next plan of its business looks at everything again. $1 int: business. Primary key.
DELETE FROM plan_state WHERE business_id = $1::int
