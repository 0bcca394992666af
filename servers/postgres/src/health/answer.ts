export { healthReport } from "./report.ts";
export { reportText } from "./report-text.ts";
export { unknownCheck } from "./select-checks.ts";
