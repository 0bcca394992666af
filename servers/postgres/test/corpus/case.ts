import { readFileSync } from "node:fs";

/** One attack, as `README.md` here says. */
export interface Attack {
  readonly id: string;
  readonly sql?: string;
  readonly sql_repeat?: { readonly head: string; readonly parts: readonly (readonly [text: string, times: number])[] };
  readonly why: string;
  readonly must: "reject" | "allow-without-effect";
  readonly check: string;
  readonly check_via?: "server";
  readonly pre?: readonly string[];
  readonly leak?: string;
  readonly kind?: "dos";
  /** Ours: the class that it belongs to. */
  readonly class?: string;
  /** Ours: statements that the superuser runs first. */
  readonly setup?: readonly string[];
  /** Ours: who has to run it raw for it to show; the superuser unless said. */
  readonly raw?: "app";
  /** Ours: why it shows nothing when it is run raw. Every other one has its effect or its leak then. */
  readonly silent?: string;
}

/** One query of somebody who means well. */
export interface Legitimate {
  readonly id: string;
  readonly sql: string;
  readonly must: "succeed";
}

export function loadCases<Case>(file: string): readonly Case[] {
  return JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8")) as readonly Case[];
}

export function loadText(file: string): string {
  return readFileSync(new URL(file, import.meta.url), "utf8");
}

export function textOf({ sql, sql_repeat: repeat }: Attack): string {
  if (sql !== undefined) return sql;
  return (repeat?.head ?? "") + (repeat?.parts ?? []).map(([text, times]) => text.repeat(times)).join("");
}
