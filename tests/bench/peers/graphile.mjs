// graphile-worker as its users would tune it, with a handler that does nothing: 50 at a time, a local queue, batched completion.
//
//     graphile.mjs fill JOBS FIRST_MS SPACING_US      jobs due from now + FIRST_MS on, SPACING_US apart
//     graphile.mjs drain JOBS                         until as many have been handled; prints the seconds from start to an empty queue
//     graphile.mjs late JOBS                          the same at its best polling; prints lateness p50 p95 p99 max in ms
//     graphile.mjs idle SECONDS                       nothing is due
import { makeWorkerUtils, run, Logger } from "graphile-worker";
import pg from "pg";

const [what, number, firstMs, spacingUs] = process.argv.slice(2).map((word, i) => (i === 0 ? word : Number(word)));
const logger = new Logger(() => () => {});
const pgPool = new pg.Pool({ max: 10 });
pgPool.on("error", (error) => { throw error; });
pgPool.on("connect", (client) => client.on("error", (error) => { throw error; }));
const lateness = [];
let handled = 0;
let allHandled;
const done = new Promise((resolve) => { allHandled = resolve; });

const taskList = {
	release: (payload) => {
		if (what === "late") lateness.push(Date.now() - payload.due);
		if (++handled === number) allHandled();
	},
};

async function fill() {
	const utils = await makeWorkerUtils({ pgPool, logger });
	await utils.migrate();
	await utils.release();
	await pgPool.query("TRUNCATE graphile_worker._private_jobs");
	await pgPool.query(`SELECT graphile_worker.add_jobs(array_agg(json_populate_record(null::graphile_worker.job_spec, json_build_object(
		'identifier', 'release', 'payload', json_build_object('due', floor(extract(epoch FROM due) * 1000)), 'run_at', due))))
		FROM (SELECT now() + $2 * interval '1 ms' + n * $3 * interval '1 us' AS due FROM generate_series(1, $1) AS n) AS jobs`, [number, firstMs, spacingUs]);
	await pgPool.query("VACUUM ANALYZE graphile_worker._private_jobs");
}

async function work() {
	const size = what === "drain" ? 5000 : 500;
	const began = process.hrtime.bigint();
	const runner = await run({
		pgPool, logger, taskList, noHandleSignals: true, concurrency: 50, pollInterval: what === "drain" ? 50 : 5,
		preset: { worker: { concurrentJobs: 50, completeJobBatchDelay: 0, localQueue: { size, refetchDelay: { durationMs: 4, threshold: size - 1 } } } },
	});
	if (what === "idle") await new Promise((resolve) => setTimeout(resolve, number * 1000));
	else await done;
	await runner.stop();
	return Number(process.hrtime.bigint() - began) / 1e9;
}

if (what === "fill") await fill();
else {
	const seconds = await work();
	if (what === "drain") console.log(seconds.toFixed(3));
	if (what === "late") {
		lateness.sort((a, b) => a - b);
		console.log([0.5, 0.95, 0.99, 1].map((q) => lateness[Math.min(lateness.length - 1, Math.floor(q * lateness.length))]).join(" "));
	}
}
await pgPool.end();
