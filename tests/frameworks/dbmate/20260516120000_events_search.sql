-- Full-text search over events.
-- migrate:up

ALTER TABLE events
  ADD COLUMN search tsvector
  GENERATED ALWAYS AS (to_tsvector('english', title || ' ' || body)) STORED NOT NULL;

CREATE INDEX events_search ON events USING gin (search);

DROP INDEX events_title_old;

-- migrate:down

CREATE INDEX events_title_old ON events (title);
DROP INDEX events_search;
ALTER TABLE events DROP COLUMN search;
