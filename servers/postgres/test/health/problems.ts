import pg from "pg";
import { openDatabase, type Opened } from "../open-database.ts";
import { healthReport, type Report, type ReportOptions } from "../../src/health/report.ts";
import type { Finding } from "../../src/health/finding.ts";
import type { Policy } from "../../src/policy.ts";

/** A person's connection beside the server's own. */
export async function person(url: string): Promise<pg.Client & AsyncDisposable> {
  const client = new pg.Client(url);
  client.on("error", () => {});
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}

export interface Looking extends AsyncDisposable {
  readonly opened: Opened;
  report(options?: Partial<ReportOptions>): Promise<Report>;
  /** Findings of one check, all of them. */
  find(check: string, options?: Partial<ReportOptions>): Promise<readonly Finding[]>;
}

/** Reports of the database at `url`. Throws where a check could not be done. */
export function looking(url: string, policy: Partial<Policy> = {}): Looking {
  const opened = openDatabase(url, { policy });
  const report = (options: Partial<ReportOptions> = {}) =>
    healthReport(opened.database, { signal: AbortSignal.timeout(20_000), config: {}, top: 100, ...options });
  return {
    opened,
    report,
    async find(check, options) {
      const { findings, unchecked } = await report({ checks: [check], ...options });
      if (unchecked.length > 0) throw new Error(`${check} could not be checked: ${unchecked[0]?.text}`);
      return findings.map(({ severity, subject, evidence, fix }) => ({ severity, subject, evidence, fix }));
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

/** Runs fixes as a person would: one statement at a time, since some refuse to share a transaction. */
export async function mend(client: pg.Client, findings: readonly Finding[]): Promise<void> {
  for (const { fix } of findings)
    for (const statement of (fix ?? "").split(/(?<=;) /)) if (statement) await client.query(statement);
}
