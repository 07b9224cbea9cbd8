-- What the last plan of each business was made from, so that planning again with nothing changed is recognised before anybody is looked at
-- (planner/planning_change.h); and which classes of people a plan moved (promise 6).

CREATE TABLE plan_state (
	business_id int PRIMARY KEY REFERENCES business (business_id),
	plan_run int NOT NULL,                            -- of plan_run, or 0: the plan it belongs to
	as_of timestamptz NOT NULL,                       -- the instant that plan was made for
	inputs text NOT NULL,                             -- one a line: its name, then what it was
	history_from timestamptz NOT NULL,                -- of what has left, nothing older was looked at
	holds_until timestamptz NOT NULL,                 -- from then on time alone may change the plan
	holds_to_horizon timestamptz NOT NULL             -- and so may a planning horizon beyond this
);

-- People whose slots a plan moved, by the class they are in now.
CREATE TABLE plan_moved (
	plan_run int NOT NULL REFERENCES plan_run,
	run_id int NOT NULL REFERENCES campaign_run,
	class_id int NOT NULL REFERENCES class,
	people bigint NOT NULL,
	before_from timestamptz NOT NULL, before_until timestamptz NOT NULL,
	after_from timestamptz NOT NULL, after_until timestamptz NOT NULL,
	PRIMARY KEY (plan_run, run_id, class_id)
);

COMMENT ON TABLE plan_state IS 'what the last plan of each business was made from: when nothing of it has changed, there is nothing to plan';
COMMENT ON COLUMN plan_state.business_id IS 'of business';
COMMENT ON COLUMN plan_state.plan_run IS 'the plan that stands; 0: none was ever published';
COMMENT ON COLUMN plan_state.as_of IS 'the instant it was last made for';
COMMENT ON COLUMN plan_state.inputs IS 'one a line: the name of an input and what it was; sets of people as their number and a digest';
COMMENT ON COLUMN plan_state.history_from IS 'messages that left earlier were not looked at';
COMMENT ON COLUMN plan_state.holds_until IS 'from then on time alone may change the plan';
COMMENT ON COLUMN plan_state.holds_to_horizon IS 'a planning horizon beyond this may change the plan';
COMMENT ON TABLE plan_moved IS 'people whose slots a plan moved, by the class of people that they are in now';
COMMENT ON COLUMN plan_moved.plan_run IS 'the plan';
COMMENT ON COLUMN plan_moved.run_id IS 'of campaign_run';
COMMENT ON COLUMN plan_moved.class_id IS 'of class: their regions, zones and regimes';
COMMENT ON COLUMN plan_moved.people IS 'how many moved';
COMMENT ON COLUMN plan_moved.before_from IS 'the earliest instant one of them was due at before';
COMMENT ON COLUMN plan_moved.before_until IS 'the latest';
COMMENT ON COLUMN plan_moved.after_from IS 'the earliest instant one of them is due at now';
COMMENT ON COLUMN plan_moved.after_until IS 'the latest';

CALL hand_over();
GRANT SELECT ON plan_state, plan_moved TO daypart_marketer, daypart_planner, daypart_scheduler, daypart_analyst, daypart_privacy;
GRANT INSERT, UPDATE, DELETE ON plan_state TO daypart_planner;
GRANT INSERT ON plan_moved TO daypart_planner;
