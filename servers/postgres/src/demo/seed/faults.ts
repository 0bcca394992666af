/** What is wrong with it, on purpose: `health`, `explain` and `advise` have something to find. */
export const faults = /* sql */ `
-- Foreign keys without an index: orders.customer_id and reviews.customer_id, as schema.ts leaves them.

-- The same index twice, one that the primary key makes needless, and one that nothing uses.
CREATE INDEX idx_orders_date ON shop.orders (placed_at);
CREATE INDEX order_items_order_id_idx ON shop.order_items (order_id);
CREATE INDEX idx_items_report ON shop.order_items (unit_price, quantity, order_id);

-- No primary key, and never analysed.
CREATE TABLE shop.price_import (sku text, price text, supplier text, imported_at timestamp);
INSERT INTO shop.price_import
SELECT sku, price::text, 'Nordsee GmbH', timestamp '2025-12-30 06:00' FROM shop.products CROSS JOIN generate_series(1, 10);
CREATE INDEX price_import_sku_idx ON shop.price_import (sku);

-- The trigger of products fills the table whose integer key is nearly used up.
SELECT setval('audit.changes_id_seq', 2040000000);
UPDATE shop.products SET price = round(price * 1.04, 2), updated_at = timestamptz '2025-07-01 06:00+00' WHERE category_id < 15;

-- Most rows of a table are dead, and nobody sweeps: there is no autovacuum here.
DELETE FROM shop.carts WHERE touched_at < timestamptz '2025-12-22 00:00+00';

-- Rows that break the rule were there first.
ALTER TABLE shop.products ADD CONSTRAINT products_weight_positive CHECK (weight_g > 0) NOT VALID;

-- Runs with its owner's rights, and finds whatever the caller's search_path says.
CREATE FUNCTION shop.close_account(customer bigint) RETURNS void LANGUAGE sql SECURITY DEFINER AS
  'UPDATE shop.customers SET email = ''closed-'' || id WHERE id = customer';
`;

/** Fails, since some customers share a name, and so leaves an invalid index behind. In a transaction it would leave nothing. */
export const failing = "CREATE UNIQUE INDEX CONCURRENTLY customers_name_key ON shop.customers (name)";

/** All but price_import, which nobody ever analysed; and of each a column that is quickly sampled. */
export const analysed: readonly (readonly [table: string, column: string])[] = [
  ["shop.customers", "tier"],
  ["shop.categories", "id"],
  ["shop.products", "id"],
  ["shop.promotions", "id"],
  ["shop.orders", "status"],
  ["shop.order_items", "quantity"],
  ["shop.reviews", "rating"],
  ["shop.carts", "customer_id"],
  ["analytics.events", "customer_id"],
  ["analytics.daily_sales", "orders"],
  ["audit.changes", "table_name"],
];
