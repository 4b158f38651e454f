-- migrate:up transaction:false

CREATE INDEX CONCURRENTLY events_created ON events (created_at); -- one statement

-- migrate:down transaction:false

DROP INDEX CONCURRENTLY events_created;
