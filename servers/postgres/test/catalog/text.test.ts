import { describe, expect, test } from "vitest";
import { shortBytes, shortCount } from "../../src/catalog/figures.ts";
import { withoutHidden } from "../../src/catalog/hidden.ts";
import { shortType } from "../../src/catalog/type-name.ts";

describe("types", () => {
  test.for([
    ["integer", "int"],
    ["integer[]", "int[]"],
    ["bigint", "bigint"],
    ["character varying(80)[]", "varchar(80)[]"],
    ["character varying", "varchar"],
    ["character(3)", "char(3)"],
    ["character", "char"],
    ["character[]", "char[]"],
    ['"char"', '"char"'],
    ["timestamp(3) with time zone[]", "timestamptz(3)[]"],
    ["timestamp without time zone", "timestamp"],
    ["time with time zone", "timetz"],
    ["bit varying(5)", "varbit(5)"],
    ["double precision[]", "float8[]"],
    ["boolean", "bool"],
    ["numeric(10,2)", "numeric(10,2)"],
    ["interval day to second(3)", "interval day to second(3)"],
    ['"integer thing"', '"integer thing"'],
    ["app.integer_like", "app.integer_like"],
    ["integer_like", "integer_like"],
    ["boolean_like", "boolean_like"],
  ] as const)("%s is %s", ([formatted, short]) => {
    expect(shortType(formatted)).toBe(short);
  });
});

describe("figures", () => {
  test.for([
    [0, "0"],
    [7, "7"],
    [999, "999"],
    [1_000, "1k"],
    [1_250, "1.3k"],
    [999_900, "1M"],
    [34_567_890, "35M"],
    [2e9, "2G"],
  ] as const)("%d rows are %s", ([count, short]) => {
    expect(shortCount(count)).toBe(short);
  });
  test.for([
    [0, "0 B"],
    [8_192, "8 kB"],
    [1_048_576, "1 MB"],
    [1_048_575, "1 MB"],
    [5_600_000_000, "5.2 GB"],
    [2 ** 60, "1024 PB"],
  ] as const)("%d bytes are %s", ([bytes, short]) => {
    expect(shortBytes(bytes)).toBe(short);
  });
});

describe("what is kept back", () => {
  test.for([
    ["SELECT * FROM secret.keys", true],
    ['SELECT * FROM "secret" . keys', true],
    ["EXECUTE FUNCTION secret.f()", true],
    ["SELECT secret FROM t", false],
    ["SELECT * FROM topsecret.keys", false],
    ["SELECT * FROM secrets.keys", false],
    ["SELECT x.secret_note FROM x", false],
  ] as const)("%s: %s", ([text, isHidden]) => {
    expect(withoutHidden(text, ["other", "secret"])).toBe(isHidden ? undefined : text);
  });
});
