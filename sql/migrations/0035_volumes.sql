-- A plan beside a limit of volume holds until room may appear, and no plan holds beyond a horizon that may help somebody who goes without. What was stored
-- before may promise more: it is forgotten, so that the next plan looks at everybody once.
DELETE FROM plan_state;
COMMENT ON COLUMN plan_state.holds_until IS 'from then on time alone may change the plan: a message leaves, or an hour passes, whose volume or cap somebody waits for';
COMMENT ON COLUMN plan_state.holds_to_horizon IS 'a planning horizon beyond this may change the plan: it reaches an instant with room for somebody whom that may help';

CALL hand_over();
