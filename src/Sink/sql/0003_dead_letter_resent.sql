-- Which rejections were answered by sending the record again: an open one is a row of dead_letter whose origin and stage are not here.
CREATE TABLE dead_letter_resent (
  origin    text        NOT NULL,
  stage     text        NOT NULL,
  resent_at timestamptz NOT NULL,
  PRIMARY KEY (origin, stage)
);
