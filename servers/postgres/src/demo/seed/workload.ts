/** What the shop's programs ask, and how often, so that the statistics views have something to say. */
export const workload: readonly (readonly [sql: string, times: number])[] = [
  // The account page: a scan of all orders each time, since customer_id has no index.
  ["SELECT id, status, total FROM shop.orders WHERE customer_id = $1 ORDER BY placed_at DESC", 25],
  // Logging in: lower() keeps the index on email from being used.
  ["SELECT id, name FROM shop.customers WHERE lower(email) = 'anna.adler' || $1 || '@example.com'", 15],
  ["SELECT * FROM shop.products WHERE id = $1", 40],
  ["SELECT * FROM shop.order_items WHERE order_id = $1", 40],
  ["SELECT rating, body FROM shop.reviews WHERE product_id = $1 ORDER BY written_at DESC LIMIT 5", 30],
  ["SELECT count(*) FROM shop.orders WHERE placed_at >= timestamptz '2025-12-01' + $1 * interval '1 hour'", 15],
  ["SELECT count(*) FROM shop.reviews WHERE body ILIKE '%gale%' AND product_id > $1", 4],
  ["SELECT id FROM shop.reviews WHERE search @@ websearch_to_tsquery('english', 'salt water') AND rating < $1", 10],
  ["SELECT name FROM shop.products WHERE tags @> '{brass}' AND price > $1", 10],
  [
    "SELECT kind, count(*) FROM analytics.events WHERE occurred_at >= timestamptz '2025-12-30' AND customer_id > $1 GROUP BY kind",
    5,
  ],
  ["SELECT * FROM analytics.daily_sales WHERE day = date '2025-12-01' + $1::int % 30", 10],
];
