import { type ErrorKind, type ErrorMapper, ToolError } from "@mooring/core";

// By the system's code; its text names paths, and stays in the process.
const meanings: readonly (readonly [RegExp, ErrorKind, text: string, hint: string])[] = [
  [/^ENOENT$/, "not_found", "There is no such note.", "Use a name of list_notes."],
  [/^EEXIST$/, "conflict", "A note of that name is there already.", "Choose another name."],
  [/^(EISDIR|ELOOP|EMLINK|ENXIO)$/, "denied", "That is a folder or a link, not a note.", "Use a name of list_notes."],
  [/^ENAMETOOLONG$/, "invalid_input", "The name is too long.", "Choose a shorter one."],
  [/^(EACCES|EPERM|EROFS)$/, "denied", "The system refuses access.", "Ask the person to change the permissions."],
  [/^(ENOSPC|EDQUOT|EFBIG)$/, "unavailable", "There is no space left.", "Ask the person to free some."],
  [/^(EMFILE|ENFILE|EBUSY|EIO|ESTALE|ENOTDIR)$/, "unavailable", "The folder cannot be used now.", "Try again later."],
];

/** What failed file operations mean; anything else stays "failed unexpectedly", and its text in the process. */
export const mapError: ErrorMapper = (cause) => {
  const { code = "" } = Object(cause) as Partial<NodeJS.ErrnoException>;
  const [, kind, text = "", hint] = meanings.find(([pattern]) => pattern.test(code)) ?? [];
  return kind && new ToolError(kind, text, { hint, cause });
};
