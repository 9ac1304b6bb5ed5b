-- Raw and derived records. Each table's first columns are those of the original demo; typed columns stand beside `event`.
-- Unique indexes contain the time, since TimescaleDB asks for it.

-- One row per AnswerUpdated log; a log that a reorganisation took back is marked, not deleted.
CREATE TABLE contract_price (
  event             jsonb       NOT NULL,
  updated_at        timestamptz NOT NULL,
  pair              text        NOT NULL,
  feed              text        NOT NULL,
  chain_id          bigint      NOT NULL,
  proxy             text,
  aggregator        text        NOT NULL,
  round_id          numeric     NOT NULL,
  answer            numeric     NOT NULL,
  decimals          integer     NOT NULL,
  price             numeric     NOT NULL,
  block_number      bigint      NOT NULL,
  block_hash        text        NOT NULL,
  transaction_hash  text        NOT NULL,
  transaction_index integer     NOT NULL,
  log_index         integer     NOT NULL,
  removed           boolean     NOT NULL,
  observed_at       timestamptz NOT NULL
);
CREATE UNIQUE INDEX contract_price_log ON contract_price (chain_id, block_hash, log_index, updated_at);
CREATE INDEX contract_price_feed ON contract_price (feed, updated_at DESC, round_id DESC);

-- One row per quote. Its place in the topic tells it from every other: two sources' clients may see equal prices in one millisecond.
CREATE TABLE api_price (
  event           jsonb       NOT NULL,
  updated_at      timestamptz NOT NULL,
  pair            text        NOT NULL,
  source          text        NOT NULL,
  event_type      text        NOT NULL,
  price           numeric     NOT NULL,
  quoted_at       timestamptz,
  kafka_partition integer     NOT NULL,
  kafka_offset    bigint      NOT NULL
);
CREATE UNIQUE INDEX api_price_position ON api_price (updated_at, kafka_partition, kafka_offset);
CREATE INDEX api_price_pair ON api_price (pair, source, updated_at DESC);

-- The latest revision of each id.
CREATE TABLE accuracy (
  at                timestamptz NOT NULL,
  id                text        NOT NULL,
  pair              text        NOT NULL,
  feed              text        NOT NULL,
  chain_id          bigint      NOT NULL,
  trigger           text        NOT NULL,
  revision          integer     NOT NULL,
  status            text        NOT NULL,
  contract_price    numeric,
  round_id          numeric,
  answer_updated_at timestamptz,
  answer_age_ms     bigint,
  average           numeric,
  window_start      timestamptz,
  window_end        timestamptz,
  sources           jsonb,
  dispersion_pct    numeric,
  deviation_pct     numeric
);
CREATE UNIQUE INDEX accuracy_id ON accuracy (id, at);
CREATE INDEX accuracy_feed ON accuracy (feed, at DESC);

-- What was rejected, when, why. `id` is the record's place in the topic dead-letters, or, for what the sink itself rejected, its origin.
CREATE TABLE dead_letter (
  id          text        PRIMARY KEY,
  rejected_at timestamptz NOT NULL,
  stage       text        NOT NULL,
  reason      text        NOT NULL,
  detail      text        NOT NULL,
  origin      text        NOT NULL,
  key         bytea,
  value       bytea
);
CREATE INDEX dead_letter_time ON dead_letter (rejected_at DESC);

-- How far each partition is stored. Every assignment raises the epoch; a writer with an older one is refused.
CREATE TABLE sink_offset (
  topic       text    NOT NULL,
  partition   integer NOT NULL,
  next_offset bigint  NOT NULL,
  epoch       bigint  NOT NULL,
  owner       text    NOT NULL,
  PRIMARY KEY (topic, partition)
);
