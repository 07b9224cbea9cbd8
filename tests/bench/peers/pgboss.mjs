// pg-boss as its users would tune it, with a handler that does nothing: four workers, batches of 5000, bursts.
//
//     pgboss.mjs fill JOBS        jobs that are due
//     pgboss.mjs drain JOBS       until as many have been handled; prints the seconds from start to the last completion
import { PgBoss } from "pg-boss";
import pg from "pg";

const [what, number] = [process.argv[2], Number(process.argv[3])];
const connection = { host: process.env.PGHOST, port: Number(process.env.PGPORT), user: process.env.PGUSER, database: process.env.PGDATABASE, max: 10 };
const boss = new PgBoss({ ...connection, supervise: false, schedule: false });
boss.on("error", (error) => { throw error; });

async function fill() {
	await boss.createQueue("release");
	await boss.deleteAllJobs("release");
	for (let first = 0; first < number; first += 10000)
		await boss.insert("release", Array.from({ length: Math.min(10000, number - first) }, (_, i) => ({ data: { n: first + i } })));
	const client = new pg.Client(connection);
	await client.connect();
	await client.query("VACUUM ANALYZE pgboss.job");
	await client.end();
}

async function drain() {
	let handled = 0;
	const began = process.hrtime.bigint();
	await new Promise((resolve) => {
		for (let i = 0; i < 4; i++)
			boss.work("release", { batchSize: 5000, pollingIntervalSeconds: 0.5, burstWhenBatchFull: true }, async (jobs) => {
				handled += jobs.length;
				if (handled === number) resolve();
			});
	});
	await boss.stop({ graceful: true });
	console.log((Number(process.hrtime.bigint() - began) / 1e9).toFixed(3));
}

await boss.start();
if (what === "fill") {
	await fill();
	await boss.stop();
} else await drain();
