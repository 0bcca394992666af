export { type ErrorDetails, type ErrorKind, errorKinds, type ErrorMapper, kindOfStatus, ToolError, toToolError } from "./errors.ts";
export { countInvisible, fence, fenceInstruction, showInvisible, untrusted } from "./fence.ts";
export { lines, more, page } from "./page.ts";
export { type PromptDefinition, promptFactory } from "./prompt.ts";
export { type ResourceDefinition, resourceFactory, type ResourcePage } from "./resource.ts";
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
