// DuckDB on the events of Ticks.cs, made by the same formula: node duck.mjs '{"events":..,"query":..,...}'
// Prints one line of JSON: seconds of each run, and the answer, for comparison.
import { DuckDBInstance } from '@duckdb/node-api';

const asked = JSON.parse(process.argv[2]);
const instance = await DuckDBInstance.create(asked.file ?? ':memory:', { threads: String(asked.threads ?? 1) });
const connection = await instance.connect();
const all = async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJson();
for (const sql of asked.prepare) await connection.run(sql);
const seconds = [];
let answer;
const began = performance.now();
while (seconds.length < asked.runs || performance.now() - began < asked.warmSeconds * 1000 + 500) {
  const start = performance.now();
  answer = await all(asked.query);
  const took = (performance.now() - start) / 1000;
  if (start - began >= asked.warmSeconds * 1000) seconds.push(took);
  if (seconds.length >= asked.runs) break;
}
const version = (await all('select version() as v'))[0].v;
console.log(JSON.stringify({ version, seconds, answer: answer[0] }));
