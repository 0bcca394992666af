import { expect, it } from "vitest";
import { startupSettings } from "../../src/demo/startup.ts";

const packet = (...words: string[]) =>
  Buffer.from(`\0\0\0\0\0\x03\0\0${words.map((word) => `${word}\0`).join("")}\0`, "utf8");

it("takes who and how, and leaves where", () => {
  expect(startupSettings(packet("user", "ann", "database", "shop", "application_name", "Möwe", "_pq_.x", "1"))).toEqual(
    [
      ["session_authorization", "ann"],
      ["application_name", "Möwe"],
    ],
  );
});

it.each([
  ["-c work_mem=7MB", [["work_mem", "7MB"]]],
  [
    "-cwork_mem=7MB --statement-timeout=5s",
    [
      ["work_mem", "7MB"],
      ["statement_timeout", "5s"],
    ],
  ],
  [
    "-c search_path=a,\\ b -c x=\\\\",
    [
      ["search_path", "a, b"],
      ["x", "\\"],
    ],
  ],
  ["-c x=a=b", [["x", "a=b"]]],
  ["-c", []],
  ["-c novalue -d 5", []],
  ["", []],
])("reads options as PostgreSQL does: %s", (options, settings) => {
  expect(startupSettings(packet("options", options))).toEqual(settings);
});
