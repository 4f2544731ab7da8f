-- Names by how they begin, in any case, by bytes: a btree of them answers in order, and stops. Partial, as the trigrams are.
CREATE INDEX subnet_name_prefix ON subnet (lower(name) text_pattern_ops) WHERE name IS NOT NULL;
CREATE INDEX address_hostname_prefix ON address (lower(hostname) text_pattern_ops) WHERE hostname IS NOT NULL;
CREATE INDEX subnet_description_trgm ON subnet USING gin (description gin_trgm_ops) WHERE description IS NOT NULL;
