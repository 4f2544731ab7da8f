-- Names by how they begin, in any case, by bytes: a btree of them answers in order, and stops. Partial, as the trigrams are.
CREATE INDEX subnet_name_lower_idx ON subnet (lower(name) COLLATE "C") WHERE name IS NOT NULL;
CREATE INDEX address_hostname_lower_idx ON address (lower(hostname) COLLATE "C") WHERE hostname IS NOT NULL;
CREATE INDEX subnet_description_trgm ON subnet USING gin (description gin_trgm_ops) WHERE description IS NOT NULL;
