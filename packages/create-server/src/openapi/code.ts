/** Source code as data, printed as oxfmt would (width 120): what we write needs no second look by the author's formatter. */
export type Code =
  | { readonly kind: "text"; readonly text: string; readonly is?: "string" | "number" | "pattern" }
  | { readonly kind: "list"; readonly items: readonly Code[] }
  | { readonly kind: "object"; readonly entries: readonly Entry[]; readonly isExpanded?: boolean }
  | { readonly kind: "call"; readonly callee: string; readonly parameters: readonly Code[] }
  | { readonly kind: "chain"; readonly start: string; readonly calls: readonly Link[] }
  | { readonly kind: "arrow"; readonly head: string; readonly body: Code };

export interface Entry {
  readonly key: string;
  /** `undefined`: the key stands alone (`{ limit }`, `...rest`). */
  readonly value?: Code | undefined;
  /** A line before it. */
  readonly comment?: string | undefined;
}

export interface Link {
  readonly name: string;
  readonly parameters: readonly Code[];
}

const WIDTH = 120;

/** `column` is where it begins on a line that is indented by `indent`; `after` is how much follows on its last line. */
export function print(code: Code, indent = 0, column = indent, after = 1): string {
  const line = flat(code);
  if (line !== undefined && column + widthOf(line) + after <= WIDTH) return line;
  switch (code.kind) {
    case "text":
      return code.text;
    case "list":
      return printList(code.items, indent);
    case "object":
      return printObject(code.entries, indent);
    case "call":
      return printCall(code.callee, code.parameters, indent, column, after);
    case "chain":
      return printChain(code, indent, column, after);
    case "arrow":
      return printArrow(code, indent, column);
  }
}

function printList(items: readonly Code[], indent: number): string {
  if (items.length > 1 && items.every((item) => item.kind === "text" && item.is === "number"))
    return `[\n${filled(items.map(textOf), indent + 2)}\n${blanks(indent)}]`;
  const rows = items.map((item) => `${blanks(indent + 2)}${print(item, indent + 2)},\n`);
  return `[\n${rows.join("")}${blanks(indent)}]`;
}

/** Numbers stand as many to a line as it takes. */
function filled(numbers: readonly string[], indent: number): string {
  const rows: string[] = [];
  let row = blanks(indent);
  for (const number of numbers) {
    const isFirst = row.length === indent;
    if (!isFirst && row.length + 1 + number.length + 1 > WIDTH) {
      rows.push(row);
      row = blanks(indent);
    }
    row += `${row.length === indent ? "" : " "}${number},`;
  }
  return [...rows, row].join("\n");
}

function printObject(entries: readonly Entry[], indent: number): string {
  const inside = indent + 2;
  const rows = entries.map(({ key, value, comment }) => {
    const above = comment === undefined ? "" : `${blanks(inside)}// ${comment}\n`;
    return `${above}${blanks(inside)}${value ? printMember(key, value, inside) : key},\n`;
  });
  return `{\n${rows.join("")}${blanks(indent)}}`;
}

/** Shorter keys would gain nothing by a line break after them. */
const SHORT_KEY = 5;

function printMember(key: string, value: Code, indent: number): string {
  const column = indent + widthOf(key) + 2;
  const line = isShortWord(value) ? flat(value) : undefined;
  if (line !== undefined && column + widthOf(line) + 1 > WIDTH && widthOf(key) >= SHORT_KEY)
    return `${key}:\n${blanks(indent + 2)}${line}`;
  return `${key}: ${print(value, indent, column)}`;
}

/** What is not worth breaking within: strings, names, and calls with one short name. Templates stay where they are. */
function isShortWord(value: Code): boolean {
  if (value.kind === "text") return !value.text.startsWith("`");
  if (value.kind !== "call") return false;
  return value.parameters.every((each) => each.kind === "text" && /^\w{1,30}$/.test(each.text));
}

function printCall(callee: string, parameters: readonly Code[], indent: number, column: number, after: number): string {
  const last = parameters.at(-1);
  const before = parameters.slice(0, -1).map((parameter) => flat(parameter));
  // A list or object at the end needs no lines of its own for the brackets around it.
  if (last && isLiteral(last) && before.every((line) => line !== undefined)) {
    const head = `${callee}(${before.map((line) => `${line}, `).join("")}`;
    if (column + widthOf(head) + 1 <= WIDTH) return `${head}${print(last, indent, column + widthOf(head), after + 1)})`;
  }
  const rows = parameters.map((parameter) => `${blanks(indent + 2)}${print(parameter, indent + 2)},\n`);
  return rows.length === 0 ? `${callee}()` : `${callee}(\n${rows.join("")}${blanks(indent)})`;
}

function isLiteral(code: Code): boolean {
  return (code.kind === "list" && code.items.length > 0) || (code.kind === "object" && code.entries.length > 0);
}

function printChain({ start, calls }: Extract<Code, { kind: "chain" }>, indent: number, column: number, after: number) {
  const [first] = calls;
  if (first && calls.length === 1) return printCall(`${start}.${first.name}`, first.parameters, indent, column, after);
  const inside = indent + 2;
  const rows = calls.map(({ name, parameters }, index) => {
    const line = flatCall(name, parameters);
    const rest = index === calls.length - 1 ? after : 0;
    const fits = line !== undefined && inside + 1 + widthOf(line) + rest <= WIDTH;
    return `\n${blanks(inside)}.${fits ? line : printCall(name, parameters, inside, inside + 1, rest)}`;
  });
  return start + rows.join("");
}

function printArrow({ head, body }: Extract<Code, { kind: "arrow" }>, indent: number, column: number): string {
  if (body.kind === "object") return `${head} (${print(body, indent, column + widthOf(head) + 2, 2)})`;
  return `${head}\n${blanks(indent + 2)}${print(body, indent + 2)}`;
}

/** All on one line, or `undefined` where the formatter would not have that, however short it is. */
export function flat(code: Code): string | undefined {
  switch (code.kind) {
    case "text":
      return code.text;
    case "list":
      return isTable(code.items) ? undefined : joined(code.items.map(flat), "[", "]");
    case "object": {
      if (code.isExpanded || code.entries.some(({ comment }) => comment !== undefined)) return undefined;
      const entries = code.entries.map(({ key, value }) => {
        if (!value) return key;
        const line = flat(value);
        return line === undefined ? undefined : `${key}: ${line}`;
      });
      return entries.length === 0 ? "{}" : joined(entries, "{ ", " }");
    }
    case "call":
      return flatCall(code.callee, code.parameters);
    case "chain": {
      const { start, calls } = code;
      const isBusy = calls.length > 2 && calls.some(({ parameters }) => !parameters.every((each) => isSimple(each)));
      if (isBusy) return undefined;
      return joined([start, ...calls.map(({ name, parameters }) => flatCall(name, parameters))], "", "", ".");
    }
    case "arrow": {
      const body = flat(code.body);
      if (body === undefined) return undefined;
      return `${code.head} ${code.body.kind === "object" ? `(${body})` : body}`;
    }
  }
}

function flatCall(callee: string, parameters: readonly Code[]): string | undefined {
  return joined(parameters.map(flat), `${callee}(`, ")");
}

function joined(
  parts: readonly (string | undefined)[],
  open: string,
  close: string,
  between = ", ",
): string | undefined {
  return parts.includes(undefined) ? undefined : open + parts.join(between) + close;
}

/** Several objects, or several lists, of more than one part each: the formatter gives each its own line. */
function isTable(items: readonly Code[]): boolean {
  if (items.length < 2) return false;
  return (
    items.every((item) => item.kind === "object" && item.entries.length > 1) ||
    items.every((item) => item.kind === "list" && item.items.length > 1)
  );
}

/** What the formatter takes for simple enough to stand within a long chain of calls. */
function isSimple(code: Code, depth = 0): boolean {
  if (depth >= 2) return false;
  switch (code.kind) {
    case "text":
      return code.is !== "pattern" || code.text.length <= 7;
    case "list":
      return code.items.every((item) => isSimple(item, depth + 1));
    case "object":
      return code.entries.every(({ value }) => value === undefined || isSimple(value, depth + 1));
    case "call":
      return code.parameters.every((each) => isSimple(each, depth + 1));
    case "chain":
      return code.calls.every(({ parameters }) => parameters.every((each) => isSimple(each, depth + 1)));
    case "arrow":
      return false;
  }
}

function textOf(code: Code): string {
  return code.kind === "text" ? code.text : "";
}

function blanks(count: number): string {
  return " ".repeat(count);
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;

/** Columns: marks have none, East Asian characters and most emoji two. */
function widthOf(text: string): number {
  // oxlint-disable-next-line no-control-regex
  if (/^[\u0000-\u007f]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += /\p{M}/u.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
}
