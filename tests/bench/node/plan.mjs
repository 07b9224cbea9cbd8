// The plan of plan_by_sql.sql, made by Node.js as it is usually done: the database joins, luxon finds the window of each person, COPY both ways,
// indexes after loading. The same caps and the same approximations. Environment: PGHOST, PGPORT,
// PGUSER, PGDATABASE, BENCH_NOW.
import pg from "pg";
import { from as copyFrom, to as copyTo } from "pg-copy-streams";
import { DateTime, IANAZone } from "luxon";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

const now = DateTime.fromISO(process.env.BENCH_NOW, { zone: "utc" });
const ends = now.plus({ days: 7 }).toMillis();
const capDays = 31 * 86400 * 1000;

const people = `COPY (
	SELECT recipient_id, bucket, region, timezone, sent, extract(epoch FROM first_sent) * 1000
	FROM audience_member m JOIN recipient r USING (bucket, recipient_id) JOIN consent k USING (bucket, recipient_id)
		LEFT JOIN suppression s USING (bucket, recipient_id)
		LEFT JOIN (SELECT bucket, recipient_id, count(*) AS sent, min(sent_at) AS first_sent,
				count(*) FILTER (WHERE sent_at >= date_trunc('month', timestamptz '${now.toISO()}')) AS sent_this_month,
				count(*) FILTER (WHERE sent_at >= date_trunc('day', timestamptz '${now.toISO()}')) AS sent_today
			FROM outside_send
			WHERE business_id = 1 AND sent_at >= timestamptz '${now.toISO()}' - interval '31 days' GROUP BY bucket, recipient_id) AS h
			USING (bucket, recipient_id)
	WHERE m.audience_id = 1 AND k.business_id = 1 AND k.channel = 'whatsapp' AND k.category = 'marketing' AND k.state = 'granted'
		AND k.evidence & 15 = 15 AND s.recipient_id IS NULL AND (sent IS NULL OR sent < 8)
		AND NOT (region = 'BR' AND coalesce(sent_this_month, 0) >= 4) AND NOT (region = 'IN' AND coalesce(sent_today, 0) >= 3)
) TO STDOUT`;

const hours = { BR: [9, 20], IN: [9, 21] };
const zones = new Map();

function zone(name) {
	if (!zones.has(name)) zones.set(name, IANAZone.create(name));
	return zones.get(name);
}

const isClosedDay = (region, local) => region === "BR" && (local.weekday > 5 || (local.month === 11 && local.day === 20));

function due(region, timezone, earliest) {
	const [opens, closes] = hours[region] ?? [8, 21];
	let local = DateTime.fromMillis(earliest, { zone: zone(timezone) });
	if (local.hour >= closes) local = local.startOf("day").plus({ days: 1 }).set({ hour: opens });
	while (isClosedDay(region, local)) local = local.startOf("day").plus({ days: 1 }).set({ hour: opens });
	return local.hour < opens ? local.startOf("day").set({ hour: opens }).toMillis() : local.toMillis();
}

async function* slots(lines) {
	let rank = 0, chunk = "";
	for await (const line of lines) {
		const [recipient, bucket, region, timezone, sent, firstSent] = line.split("\t");
		let earliest = now.toMillis() + ++rank * 10;
		if (region === "US" && Number(sent) >= 3) earliest = Math.max(earliest, Number(firstSent) + capDays);
		const at = due(region, timezone, earliest);
		if (at >= ends) continue;
		chunk += `${recipient}\t${new Date(at).toISOString()}\t${new Date(at + 3600000).toISOString()}\t1\t1\t1\t${bucket}\t1\t1\n`;
		if (chunk.length > 65536) {
			yield chunk;
			chunk = "";
		}
	}
	yield chunk;
}

async function connect() {
	const client = new pg.Client();
	await client.connect();
	await client.query("SET search_path = daypart, pg_catalog");
	await client.query("SET client_min_messages = warning");
	await client.query("SET work_mem = '256MB'; SET maintenance_work_mem = '256MB'; SET jit = off; SET enable_hashagg = off; SET enable_nestloop = off");
	return client;
}

const reader = await connect(), writer = await connect();
await writer.query("DROP TABLE IF EXISTS slot_by_node; CREATE TABLE slot_by_node (LIKE slot)");
const lines = createInterface({ input: reader.query(copyTo(people)), crlfDelay: Infinity });
await pipeline(Readable.from(slots(lines)), writer.query(copyFrom("COPY slot_by_node FROM STDIN")));
await writer.query("ALTER TABLE slot_by_node ADD PRIMARY KEY (bucket, recipient_id, run_id, part)");
await writer.query("CREATE INDEX ON slot_by_node (lane, due_at)");
await reader.end();
await writer.end();
