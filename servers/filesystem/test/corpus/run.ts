/** Attacks the built server and prints what came of it: `node test/corpus/run.ts [part of an id]…`. */
import { attackFiles, formatReport, loadFileCases, runCorpus } from "@mooring/testing";
import { startServer } from "./target.ts";

const wanted = process.argv.slice(2);
let failed = 0;
for (const file of ["attacks.json", "more.json"]) {
  const cases = loadFileCases(new URL(file, import.meta.url)).filter(
    ({ id }) => wanted.length === 0 || wanted.some((part) => id.includes(part)),
  );
  const report = await runCorpus(cases, (each) => attackFiles(each, startServer), {
    onResult: ({ id, outcome, ms, notes }) => console.error([`${outcome.status} ${id} ${ms} ms`, ...notes].join("; ")),
  });
  console.error(formatReport(report, file));
  failed += report.failed;
}
process.exitCode = failed > 0 ? 1 : 0;
