/** What a new server wraps; each is a folder of templates/. */
export const kinds = {
  "http-api": "a service with an HTTP API",
  database: "a PostgreSQL database",
  local: "something on this machine",
} as const;
export type Kind = keyof typeof kinds;

/** The most that the new server offers, as `--access` has it; tools above it are not written. */
export const levels = {
  read: "it only reads",
  write: "it also makes and changes things",
  full: "it also removes things, after asking a person",
} as const;
export type Level = keyof typeof levels;

/** Licences with a text of their own; UNLICENSED keeps all rights. */
export const licences = { MIT: "MIT", "Apache-2.0": "Apache 2.0", UNLICENSED: "none: all rights reserved" } as const;
export type Licence = keyof typeof licences;
