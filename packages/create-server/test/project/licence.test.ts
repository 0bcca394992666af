import { describe, expect, test } from "vitest";
import { namesOf } from "../../src/answers/names.ts";
import { type Licence, licences } from "../../src/kinds.ts";
import { holderOf, licenceText } from "../../src/project/licence.ts";
import { readTemplates } from "../../src/vendor/read-templates.ts";

const names = namesOf("@acme/weather-map");
const { licences: texts } = readTemplates();
const text = (licence: Licence, author: string) => licenceText(texts, { licence, author, names }, 2031);

describe("the text of a licence", () => {
  test("names year and holder, and changes nothing else", () => {
    expect(text("MIT", "Ada Lovelace")).toBe(
      texts["MIT"]?.replace("Copyright (c) YEAR HOLDER\n", "Copyright (c) 2031 Ada Lovelace\n"),
    );
    expect(text("Apache-2.0", "Ada Lovelace")).toBe(
      texts["Apache-2.0"]?.replace("   Copyright YEAR HOLDER\n", "   Copyright 2031 Ada Lovelace\n"),
    );
    expect(text("MIT", "Ada")).toContain("AUTHORS OR COPYRIGHT HOLDERS BE LIABLE");
  });

  test("without a licence keeps all rights", () => {
    expect(text("UNLICENSED", "Ada")).toBe("Copyright (c) 2031 Ada. All rights reserved.\n");
  });

  test("takes any name as it is", () => {
    expect(text("MIT", "$& $1 YEAR")).toContain("Copyright (c) 2031 $& $1 YEAR\n");
  });

  test("is there for every licence that can be chosen", () => {
    expect(Object.keys(texts).toSorted()).toEqual(
      Object.keys(licences)
        .filter((licence) => licence !== "UNLICENSED")
        .toSorted(),
    );
  });
});

test("who holds the rights is the author, or those of the project", () => {
  expect(holderOf("Ada", names)).toBe("Ada");
  expect(holderOf("", names)).toBe("The Weather Map authors");
});
