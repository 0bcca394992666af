// What format_type writes in full (SQL's names), by the shorter names that PostgreSQL reads as the same.
const shorter: readonly (readonly [RegExp, string])[] = [
  [/^integer(?=\[|$)/, "int"],
  [/^character varying(?=\(|\[|$)/, "varchar"],
  [/^character(?=\(|\[|$)/, "char"],
  [/^double precision(?=\[|$)/, "float8"],
  [/^boolean(?=\[|$)/, "bool"],
  [/^timestamp(\(\d\))? with time zone/, "timestamptz$1"],
  [/^timestamp(\(\d\))? without time zone/, "timestamp$1"],
  [/^time(\(\d\))? with time zone/, "timetz$1"],
  [/^time(\(\d\))? without time zone/, "time$1"],
  [/^bit varying(?=\(|\[|$)/, "varbit"],
];

/** The name of a type as `format_type` wrote it, with fewer characters: `timestamptz`, `varchar(80)`, `int[]`. */
export function shortType(formatted: string): string {
  for (const [pattern, short] of shorter) if (pattern.test(formatted)) return formatted.replace(pattern, short);
  return formatted;
}
