/**
 * Attack corpora: cases as data, run against a real server, each passed, failed or not applicable with a counted reason.
 * The first part is the same for every corpus; `attackFiles` runs cases on servers of files.
 */
export {
  type CorpusCase,
  type CorpusHost,
  expandVariables,
  fillPlaceholders,
  NotApplicable,
  thisHost,
  type Variables,
  whyNotHere,
} from "./corpus/case.ts";
export {
  attemptCase,
  type CorpusReport,
  type CorpusResult,
  type Findings,
  formatReport,
  type Outcome,
  runCorpus,
  summarize,
} from "./corpus/result.ts";
export { attackFiles } from "./corpus/file-attack.ts";
export { type FileCase, type FileCheck, type FileOperation, type FileRace, loadFileCases } from "./corpus/file-case.ts";
export { type Answer, type FileTarget, type StartTarget, type TargetSettings } from "./corpus/file-target.ts";
export { cpuSeconds, peakMemoryMb } from "./corpus/process-tree.ts";
export { startSwapper, type Swapper, type SwapSettings } from "./corpus/swapper.ts";
