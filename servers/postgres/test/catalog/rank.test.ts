import { describe, expect, test } from "vitest";
import { rank, type Searched } from "../../src/catalog/rank.ts";

const thing = (name: string, columns: readonly string[] = [], comment = "", schema = "public"): Searched => ({
  schema,
  name,
  columns,
  comment,
});

const items = [
  thing("audit_log", ["id", "order_id"], "Written by triggers on orders."),
  thing("orders", ["id", "customer_id", "status"]),
  thing("orders_archive", ["id"]),
  thing("open_orders", ["id"]),
  thing("reorders", ["id"]),
  thing("customers", ["id", "email", "Größe"], "People who buy."),
  thing("orderItems", ["order_id", "sku"]),
  thing("invoices", ["id", "orders_count"], ""),
  thing("orders", ["id"], "", "legacy"),
];
const names = (wanted: string) =>
  rank(items, wanted).map(({ schema, name }) => (schema === "public" ? name : `${schema}.${name}`));

describe("rank", () => {
  test("exact before prefix before word before within before columns before comments", () => {
    expect(names("orders")).toEqual([
      "legacy.orders",
      "orders",
      "orders_archive",
      "open_orders",
      "reorders",
      "invoices",
      "audit_log",
    ]);
  });

  test("a schema in front decides", () => {
    expect(names("public.orders")[0]).toBe("orders");
    expect(names("legacy.orders")[0]).toBe("legacy.orders");
  });

  test("all words must be there, wherever", () => {
    expect(names("customer status")).toEqual(["orders"]);
    expect(names("order item")[0]).toBe("orderItems");
    expect(names("people email")).toEqual(["customers"]);
  });

  test("where no object has all words, those with most", () => {
    expect(names("email unicorn")).toEqual(["customers"]);
  });

  test("misspelt words find what is alike, and only where nothing has the word itself", () => {
    expect(names("custmoers")[0]).toBe("customers");
    expect(names("invioces")[0]).toBe("invoices");
    expect(names("customers")).toEqual(["customers"]);
  });

  test("case and accents do not count", () => {
    expect(names("EMAIL")).toEqual(["customers"]);
    // Not the same letters, but alike.
    expect(names("GRÖSSE")).toEqual(["customers"]);
    expect(names("grö")).toEqual(["customers"]);
    expect(names("gro")).toEqual(["customers"]);
  });

  test.for(["", "   ", "...", "zzzzqqqq", "🐘"])("%j finds nothing", (wanted) => {
    expect(names(wanted)).toEqual([]);
  });

  test("the order is the same whatever the order of the catalog", () => {
    expect(rank([...items].reverse(), "id")).toEqual(rank(items, "id"));
  });

  test("50,000 names take no four seconds", () => {
    const many = Array.from({ length: 50_000 }, (_, i) => thing(`table_${i}`, ["id", "name", "created_at"]));
    const start = performance.now();
    expect(rank(many, "tabel_4999 nmae")[0]?.name).toBe("table_4999");
    expect(performance.now() - start).toBeLessThan(4_000);
  });
});
