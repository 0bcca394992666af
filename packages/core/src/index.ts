/** The protocol's own types that definitions are made of, so that a server needs no other package for them. */
export type { ContentBlock, PromptMessage, Resource } from "@modelcontextprotocol/server";
export { type AccessLevel, accessLevels, accessOf, byArgument } from "./access.ts";
export { writeAtomically } from "./atomic-write.ts";
export { type AuditVerdict, verifyAudit } from "./audit-verify.ts";
export { type Cache, cacheKey, createCache } from "./cache.ts";
export { currentRef } from "./call.ts";
export { ConfigError } from "./config-error.ts";
export { type ContentGuardMode, contentGuardModes, contentVerdict } from "./content-guard.ts";
export { createCursors, type Cursors } from "./cursors.ts";
export { type Credential, resolveCredential, secretMembers } from "./credentials.ts";
export { type Aliases, defineServer, type ServerDefinition, type Toolset } from "./definition.ts";
export {
  type ErrorDetails,
  type ErrorKind,
  errorKinds,
  type ErrorMapper,
  kindOfStatus,
  ToolError,
  toToolError,
} from "./errors.ts";
export { countInvisible, showInvisible, untrusted } from "./fence.ts";
export { fetchErrorToToolError } from "./fetch-error.ts";
export { createFetch, type OutboundOptions, outboundProblems } from "./fetch.ts";
export type { CheckLine, Host } from "./host.ts";
export {
  createHttpApi,
  type HttpApi,
  HttpApiError,
  httpApiError,
  type HttpApiOptions,
  type HttpApiRequest,
} from "./http-api.ts";
export { limitArgument } from "./limit-argument.ts";
export { type LockOptions, withLock } from "./lock.ts";
export type { Log } from "./log.ts";
export { isAlive } from "./is-alive.ts";
export { makeFolder } from "./make-folder.ts";
export { nearest } from "./nearest.ts";
export { login, type LoginOptions, logout, type OAuthService, storedCredential } from "./oauth.ts";
export { type CommonConfig, type ConfigOf, defineOptions, duration, type Option, type Options } from "./options.ts";
export { lines, more, page } from "./page.ts";
export { poll } from "./poll.ts";
export { type PromptDefinition, promptFactory } from "./prompt.ts";
export {
  type Completers,
  type ResourceContent,
  type ResourceDefinition,
  resourceFactory,
  type ResourcePage,
} from "./resource.ts";
export type { RuntimeOptions } from "./runtime.ts";
export { type Prepared, prepare } from "./server.ts";
export { type ScopeMemory, scopeMemory } from "./scope-memory.ts";
export { findSecrets, type SecretSpan } from "./secret-scan.ts";
export { openStateFolder, type StateFile, stateFile, stateFolder } from "./state.ts";
export { createTokenStore, type StoredToken, type TokenStore } from "./token-store.ts";
export {
  type Access,
  type AccessRule,
  type AnyTool,
  type CallContext,
  type Question,
  type RecordTool,
  type TextTool,
  type ToolContext,
  toolFactory,
  type Verdict,
} from "./tool.ts";
export { type BreakerState, type Upstream, upstream, type UpstreamOptions } from "./upstream.ts";
