DROP INDEX subnet_description_trgm;
DROP INDEX address_hostname_prefix;
DROP INDEX subnet_name_prefix;
