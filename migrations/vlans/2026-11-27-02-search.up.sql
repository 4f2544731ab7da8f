-- What is said of VLANs, found by a part of it. Partial: who has none costs no entry.
CREATE INDEX vlan_description_trgm ON vlan USING gin (description gin_trgm_ops) WHERE description IS NOT NULL;
CREATE INDEX vlan_role_trgm ON vlan USING gin (role gin_trgm_ops) WHERE role IS NOT NULL;
