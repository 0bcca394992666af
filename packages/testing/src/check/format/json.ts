import type { Report } from "../report.ts";

/** The report for programs: {@link Report} as it is. */
export function formatJson(report: Report): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}
