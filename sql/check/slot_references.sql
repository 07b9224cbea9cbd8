-- Promise 9: every slot and every ledger row names a class, a run and a plan that exist, and a slot's lane is its run's sender. Hot tables
-- have no foreign keys. Columns: place, run_id, class_id, plan_run, lane, messages.
SELECT m.*
FROM (
	SELECT 'slot' AS place, run_id, class_id, plan_run, lane, count(*) AS messages FROM slot GROUP BY 2, 3, 4, 5
	UNION ALL
	SELECT 'inflight', run_id, class_id, plan_run, lane, count(*) FROM inflight GROUP BY 2, 3, 4, 5
	UNION ALL
	SELECT 'release', run_id, class_id, plan_run, NULL, count(*) FROM release GROUP BY 2, 3, 4
) AS m
	LEFT JOIN campaign_run AS run USING (run_id)
	LEFT JOIN class USING (class_id)
	LEFT JOIN plan_run AS plan USING (plan_run)
WHERE run.run_id IS NULL OR class.class_id IS NULL OR plan.plan_run IS NULL OR m.lane <> run.sender_id
