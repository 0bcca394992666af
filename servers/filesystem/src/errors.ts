import { type ErrorMapper, ToolError } from "@mooring/core";

/** One answer for what is missing and for what lies outside: the difference would tell what exists elsewhere. */
export function notFound(
  shown: string,
  hint = "Call `list` without a path to see the allowed directories.",
): ToolError {
  return new ToolError("not_found", `${shown} was not found or is not allowed.`, { hint });
}

/** Something else than a regular file, where only those can be read or changed. */
export function notRegular(shown: string, kind: string): ToolError {
  if (kind === "directory")
    return new ToolError("invalid_input", `${shown} is a directory.`, { hint: "Use `list` for directories." });
  return new ToolError("invalid_input", `${shown} is a ${kindInWords(kind)}, not a regular file.`, {
    hint: "Only regular files can be read or changed.",
  });
}

/** A file, where a directory was meant. */
export function notDirectory(shown: string): ToolError {
  return new ToolError("invalid_input", `${shown} is not a directory.`, { hint: "Use `read` for files." });
}

/** An allowed directory that is not what it was at the start. */
export function rootUnavailable(path: string): ToolError {
  return new ToolError("unavailable", `The allowed directory ${path} was moved, replaced or removed since the start.`, {
    hint: "Put the same directory back, or ask the person to restart the server.",
    retryable: false,
  });
}

/** A name is taken where a new file was to be made. */
export function existsAlready(shown: string): ToolError {
  return new ToolError("conflict", `${shown} exists already.`, {
    hint: 'Use `edit`, or `write` with mode "replace" and the `if_hash` that `read` gives.',
  });
}

/** Somebody changed it between the look and the act. */
export function changedMeanwhile(shown: string): ToolError {
  return new ToolError("conflict", `${shown} was changed by somebody else in the meantime.`, {
    hint: "Look at it again and repeat the call.",
  });
}

function kindInWords(kind: string): string {
  return kind === "fifo" ? "named pipe" : kind === "other" ? "special file" : kind;
}

/** The system's code of a failed file operation (`ENOENT`), or `undefined` for any other error. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return undefined;
  return /^E[A-Z0-9]+$/.test(error.code) ? error.code : undefined;
}

/**
 * What a failed file operation means for the model. The text names `shown`, never the path the system saw.
 * Returns the error itself when it is not the system's.
 */
export function failure(error: unknown, shown: string): unknown {
  const code = codeOf(error);
  if (code === undefined || error instanceof ToolError) return error;
  const details = { cause: error };
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
    case "ELOOP":
      return notFound(shown);
    case "EACCES":
    case "EPERM":
      return new ToolError("denied", `The operating system refuses access to ${shown}.`, {
        ...details,
        hint: "Ask the person to change its permissions, or use another file.",
      });
    case "EEXIST":
      return new ToolError("conflict", `${shown} exists already.`, { ...details, hint: "Choose another name." });
    case "ENOTEMPTY":
      return new ToolError("conflict", `${shown} is a directory that is not empty.`, {
        ...details,
        hint: "Choose another name, or delete what is in it first.",
      });
    case "EISDIR":
      return notRegular(shown, "directory");
    case "ENAMETOOLONG":
      return new ToolError("invalid_input", `The path ${cut(shown)} is too long for the file system.`, {
        ...details,
        hint: "Use a shorter one.",
      });
    case "EROFS":
      return new ToolError("unavailable", `${shown} is on a read-only file system.`, {
        ...details,
        retryable: false,
        hint: "Nothing was changed; use a directory that can be written.",
      });
    case "ENOSPC":
    case "EDQUOT":
      return new ToolError("unavailable", `There is no space left for ${shown}.`, {
        ...details,
        retryable: false,
        hint: "Nothing was changed; ask the person to free disk space.",
      });
    case "EMFILE":
    case "ENFILE":
      return new ToolError("unavailable", "Too many files are open in the server's process.", {
        ...details,
        hint: "Try again with fewer calls at once.",
      });
    case "EFBIG":
      return new ToolError("too_large", `${shown} would become larger than the file system allows.`, {
        ...details,
        hint: "Write to another file.",
      });
    case "EBUSY":
    case "ETXTBSY":
      return new ToolError("unavailable", `${shown} is in use by another program.`, {
        ...details,
        hint: "Try again later.",
      });
    case "ESTALE":
    case "EIO":
    case "ENODEV":
    case "ENXIO":
      return new ToolError("unavailable", `The disk or network share of ${shown} does not answer properly (${code}).`, {
        ...details,
        hint: "Try again later; if it stays so, the person has to look at the disk.",
      });
    default:
      return new ToolError("internal", `The file system failed on ${shown} (${code}).`, {
        ...details,
        hint: "Try another way; if it stays so, tell the person.",
      });
  }
}

function cut(shown: string): string {
  return shown.length > 120 ? `${shown.slice(0, 120)}…` : shown;
}

/** Maps what reached the pipeline unmapped; the path is not known there, so none is named. */
export const mapError: ErrorMapper = (error) => {
  if (codeOf(error) === undefined) return undefined;
  const mapped = failure(error, "the path");
  return mapped instanceof ToolError
    ? new ToolError(mapped.kind, mapped.message.replace(/^the path/, "The path"), { hint: mapped.hint, cause: error })
    : undefined;
};
