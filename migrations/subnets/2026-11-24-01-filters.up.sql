-- What lists are filtered by, besides what the tree needs. Partial: who has no MAC or tag, or is assigned like nearly all,
-- costs no entry.
CREATE INDEX address_status_idx ON address (status, address) WHERE status <> 'assigned';
CREATE INDEX address_mac_idx ON address (mac) WHERE mac IS NOT NULL;
CREATE INDEX address_tags_gin ON address USING gin (tags) WHERE tags <> '{}';
CREATE INDEX subnet_tags_gin ON subnet USING gin (tags) WHERE tags <> '{}';
CREATE INDEX vrf_tags_gin ON vrf USING gin (tags) WHERE tags <> '{}';
CREATE INDEX ip_range_tags_gin ON ip_range USING gin (tags) WHERE tags <> '{}';
