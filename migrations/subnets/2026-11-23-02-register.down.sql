DROP TABLE address;
DROP TABLE subnet;
DROP TABLE vrf;
DROP FUNCTION keep_global_vrf();
