import { expect, test } from "vitest";
import { mapError } from "../src/errors.ts";

const failed = (code: string) => Object.assign(new Error(`${code}: open '/home/keeper/notes/a.md'`), { code });

test.for([
  ["ENOENT", "not_found", /list_notes/],
  ["EEXIST", "conflict", /another name/],
  ["EISDIR", "denied", /list_notes/],
  ["ELOOP", "denied", /list_notes/],
  ["ENAMETOOLONG", "invalid_input", /shorter/],
  ["EACCES", "denied", /person/],
  ["EROFS", "denied", /person/],
  ["ENOSPC", "unavailable", /person/],
  ["EMFILE", "unavailable", /later/],
] as const)("%s is %s, says what to do, and names no path", ([code, kind, hint]) => {
  const error = mapError(failed(code));
  expect(error).toMatchObject({ kind, hint: expect.stringMatching(hint) as string });
  expect(error?.message).not.toMatch(/keeper/);
});

test("what is not the file system's is not mapped", () => {
  expect(mapError(new Error("internal"))).toBeUndefined();
  expect(mapError(failed("ENOENTRY"))).toBeUndefined();
  expect(mapError(undefined)).toBeUndefined();
});
