DROP INDEX vlan_role_trgm;
DROP INDEX vlan_description_trgm;
