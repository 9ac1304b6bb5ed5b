-- The same names where there is no TimescaleDB: plain tables, and a view that computes when asked.
CREATE VIEW accuracy_hourly AS
SELECT
  date_trunc('hour', at, 'UTC') AS hour,
  feed,
  count(*) AS records,
  max(abs(deviation_pct)) AS worst_pct,
  avg(abs(deviation_pct)) AS mean_pct,
  avg((status = 'deviating')::integer) AS deviating_share,
  avg((status = 'stale')::integer) AS stale_share
FROM accuracy
WHERE status <> 'retracted'
GROUP BY 1, 2;
