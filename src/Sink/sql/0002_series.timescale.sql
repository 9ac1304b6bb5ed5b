-- Hypertables, compressed after a week; an insert into a compressed chunk still works, it only costs more.
SELECT create_hypertable('contract_price', 'updated_at', chunk_time_interval => INTERVAL '30 days', create_default_indexes => false);
SELECT create_hypertable('api_price', 'updated_at', chunk_time_interval => INTERVAL '7 days', create_default_indexes => false);
SELECT create_hypertable('accuracy', 'at', chunk_time_interval => INTERVAL '7 days', create_default_indexes => false);

ALTER TABLE contract_price SET (timescaledb.compress, timescaledb.compress_segmentby = 'feed', timescaledb.compress_orderby = 'updated_at DESC, round_id DESC');
ALTER TABLE api_price SET (timescaledb.compress, timescaledb.compress_segmentby = 'pair, source', timescaledb.compress_orderby = 'updated_at DESC');
ALTER TABLE accuracy SET (timescaledb.compress, timescaledb.compress_segmentby = 'feed', timescaledb.compress_orderby = 'at DESC');

SELECT add_compression_policy('contract_price', INTERVAL '30 days');
SELECT add_compression_policy('api_price', INTERVAL '7 days');
SELECT add_compression_policy('accuracy', INTERVAL '7 days');

-- What the policy has not materialised yet is computed when asked. The policy looks back without a bound: a replay may write old hours.
CREATE MATERIALIZED VIEW accuracy_hourly WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
SELECT
  time_bucket(INTERVAL '1 hour', at) AS hour,
  feed,
  count(*) AS records,
  max(abs(deviation_pct)) AS worst_pct,
  avg(abs(deviation_pct)) AS mean_pct,
  avg((status = 'deviating')::integer) AS deviating_share,
  avg((status = 'stale')::integer) AS stale_share
FROM accuracy
WHERE status <> 'retracted'
GROUP BY 1, 2
WITH NO DATA;
SELECT add_continuous_aggregate_policy('accuracy_hourly', start_offset => NULL, end_offset => INTERVAL '1 hour', schedule_interval => INTERVAL '15 minutes');
