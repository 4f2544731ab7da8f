DROP TABLE address;
DROP TABLE ip_range;
DROP TYPE inetrange;
DROP TABLE subnet;
DROP TABLE vrf;
DROP FUNCTION keep_global_vrf();
