-- The order of names in which numbers count as numbers: core-2 before core-10, Gi1/0/2 before Gi1/0/10. Equality is that of the bytes.
CREATE COLLATION natural_order (provider = icu, locale = 'und-u-kn-true');
