import { counted } from "../amounts.ts";
import type { Check, CheckContext } from "../check.ts";
import type { Finding } from "../finding.ts";

/** The day after which a major version gets no more fixes: https://www.postgresql.org/support/versioning/ (read in November 2026). */
const endOfLife: ReadonlyMap<number, string> = new Map([
  [12, "2024-11-21"],
  [13, "2025-11-13"],
  [14, "2026-11-12"],
  [15, "2027-11-11"],
  [16, "2028-11-09"],
  [17, "2029-11-08"],
  [18, "2030-11-14"],
]);

/** Minor releases known when this was written; there may be later ones. https://www.postgresql.org/docs/release/ and Debian's 15.20. */
const newestMinor: ReadonlyMap<number, number> = new Map([
  [13, 23],
  [14, 23],
  [15, 20],
  [16, 15],
  [17, 11],
  [18, 6],
]);

const DAY = 86_400_000;
const HALF_A_YEAR = 183 * DAY;

/** Whether the server's version still gets fixes, and has those that there are. */
export const serverVersion: Check = {
  name: "server_version",
  group: "settings",
  title: "Version of the server",
  why: "Holes that become known later stay open in a version without fixes; a minor release needs no more than a restart.",
  run: (context) => Promise.resolve(judgeVersion(context)),
};

/** Exact for majors of the table; newer ones are supported as far as anybody here knows. */
export function judgeVersion({ facts: { versionNumber }, now }: Pick<CheckContext, "facts" | "now">): Finding[] {
  const [major, minor] = [Math.floor(versionNumber / 10_000), versionNumber % 10_000];
  const subject = `PostgreSQL ${major}.${minor}`;
  const findings: Finding[] = [];
  const end = endOfLife.get(major);
  const left = end === undefined ? (major < 12 ? -1 : Infinity) : Date.parse(end) - now.getTime();
  if (left < 0)
    findings.push({
      severity: "high",
      subject,
      evidence: `no more fixes${end ? ` since ${end}` : ""}: upgrade to a supported major version`,
    });
  else if (left < HALF_A_YEAR)
    findings.push({ severity: "low", subject, evidence: `gets fixes until ${end}: plan the upgrade` });
  const newest = newestMinor.get(major) ?? 0;
  if (minor < newest)
    findings.push({
      severity: newest - minor >= 4 ? "medium" : "low",
      subject,
      evidence: `at least ${counted(newest - minor, "minor release")} behind: ${major}.${newest} is out`,
    });
  return findings;
}
