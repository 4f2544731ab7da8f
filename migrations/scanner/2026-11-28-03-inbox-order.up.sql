-- The panel's lists of what somebody has to decide: the open ones before all others, the latest first.
CREATE INDEX conflict_inbox_idx ON conflict ((state = 'open') DESC, detected_at DESC, id DESC);
CREATE INDEX discovery_inbox_idx ON discovery ((state = 'open') DESC, detected_at DESC, id DESC);
