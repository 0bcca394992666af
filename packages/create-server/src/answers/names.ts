import { builtinModules } from "node:module";
import { asTyped } from "../as-typed.ts";
import { Problem } from "../problem.ts";

/** Every form of a new server's name. */
export interface Names {
  /** On npm: `@acme/weather-station`. */
  readonly package: string;
  /** Of the server and its folder: `weather-station`. */
  readonly server: string;
  /** For people: `Weather Station`. */
  readonly title: string;
  /** In variables: `WEATHER_STATION`. */
  readonly variable: string;
}

// Windows can make no file of these names.
const DEVICES = /^(?:con|prn|aux|nul|com\d|lpt\d)$/;
// Common options are named with the server's name: longer ones make unreadable variables.
const LONGEST = 40;
// Of npm.
const LONGEST_PACKAGE = 214;

/**
 * The names of a server from that of its package (npm's rules, and a letter first since variables are made of it).
 * @throws Problem that says which rule is broken
 */
export function namesOf(name: string): Names {
  const [, scope, server = ""] = /^(@[^/]*\/)?(.*)$/s.exec(name) ?? [];
  const refuse = (why: string): never => {
    throw new Problem(`The name ${asTyped(name)} ${why}. Use something like weather or @acme/weather.`);
  };
  if (server === "") refuse("is empty");
  if (scope !== undefined && !/^@[a-z0-9][a-z0-9._-]*\/$/.test(scope)) refuse("has a scope that npm does not take");
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(server))
    refuse("is not made of small letters, digits and single hyphens, with a letter first");
  if (server.length > LONGEST) refuse(`has more than ${LONGEST} characters`);
  if (DEVICES.test(server)) refuse("is a device on Windows");
  if (scope === undefined && builtinModules.includes(server)) refuse("is taken by a module of Node itself");
  if (name.length > LONGEST_PACKAGE) refuse(`has more than ${LONGEST_PACKAGE} characters`);
  const words = server.split("-");
  return {
    package: name,
    server,
    title: words.map((word) => word.replace(/^./, (letter) => letter.toUpperCase())).join(" "),
    variable: words.join("_").toUpperCase(),
  };
}
