export {
  type ConnectOptions,
  type Era,
  eras,
  lintTools,
  serverSurface,
  surface,
  type TestClient,
} from "@mooring/core/testing";
export { keep, keepArtifacts, writeArtifacts } from "./artifacts.ts";
export { countTokens, measureTools, type ToolBudget } from "./budget.ts";
export { type CheckOptions, checkServer } from "./check/check-server.ts";
export {
  findSuite,
  fixtureFree,
  runSuite,
  scoredScenarios,
  type SuiteCheck,
  suiteFailures,
  type SuiteReport,
  withoutFixtures,
} from "./check/public-suite.ts";
export type { CheckResult, Group, Report, Revision, Status, ToolCost } from "./check/report.ts";
export { connectHttp, type HttpOptions } from "./clients/http.ts";
export { connect, type InProcessClient } from "./clients/in-process.ts";
export type { ClientEra, Session, SessionOptions } from "./clients/session.ts";
export { connectStdio, type StdioOptions, type StdioSession } from "./clients/stdio.ts";
export { printTranscript, type TranscriptEntry } from "./clients/transcript.ts";
export type { Connection } from "./connections/connection.ts";
export { type ConnectionRecord, recordConnections, type RecordOptions } from "./connections/record-connections.ts";
export * from "./corpus.ts";
export { type FaultProxy, type Faults, startFaultProxy } from "./fault-proxy.ts";
export type { RunningSample, Sample, SampleCall } from "./sample.ts";
export type { Emulated, Fault, Hit } from "./services/emulated.ts";
export { startGitHub, startSlack } from "./services/emulators.ts";
export { type Decision, type Mode, mode, modeFor } from "./services/mode.ts";
export { newDatabase } from "./services/new-database.ts";
export { type Postgres, startPostgres } from "./services/postgres.ts";
export { type ProgramOptions, startProgram } from "./services/program.ts";
export type { Service } from "./services/service.ts";
export { startAll } from "./services/start-all.ts";
