-- What a plan told of rules that only advise, so that a plan that finds nothing changed tells it again (F11).
ALTER TABLE plan_state ADD COLUMN advice text NOT NULL DEFAULT '';
COMMENT ON COLUMN plan_state.advice IS 'whose messages go against rules that only advise, one a line: campaign run, people, rule';

CALL hand_over();
