import { type CheckResult, count, groups, type Report } from "../report.ts";

/** The report as JUnit reads it: a suite per group; a warning is a test that passes and says something. */
export function formatJunit(report: Report): string {
  const suites = groups.flatMap((group) => {
    const checks = report.checks.filter((check) => check.group === group);
    return checks.length > 0 ? [suite(group, checks)] : [];
  });
  const { fail, skip } = report.counts;
  const attributes = `name="${escape(report.target)}" tests="${report.checks.length}" failures="${fail}" skipped="${skip}" time="${report.durationMs / 1_000}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${attributes}>\n${suites.join("")}</testsuites>\n`;
}

function suite(group: string, checks: readonly CheckResult[]): string {
  const { fail, skip } = count(checks);
  return `  <testsuite name="${group}" tests="${checks.length}" failures="${fail}" skipped="${skip}">\n${checks.map(testCase).join("")}  </testsuite>\n`;
}

function testCase({ id, group, expected, status, detail = "", advice = "", spec = "" }: CheckResult): string {
  const open = `    <testcase classname="${escape(group)}" name="${escape(`${id}: ${expected}`)}"`;
  const text = escape([detail, advice, spec].filter((part) => part !== "").join("\n"));
  if (status === "fail") return `${open}><failure message="${escape(detail)}">${text}</failure></testcase>\n`;
  if (status === "skip") return `${open}><skipped message="${escape(detail)}"/></testcase>\n`;
  if (status === "warn") return `${open}><system-out>${text}</system-out></testcase>\n`;
  return `${open}/>\n`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
};

function escape(text: string): string {
  return (
    text
      .toWellFormed()
      // XML 1.0 has no way to write these at all.
      // oxlint-disable-next-line no-control-regex
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "�")
      .replace(/[&<>"\n]/g, (character) => entities[character] as string)
  );
}
