DROP TRIGGER vlan_kept_by_subnets ON vlan;
DROP INDEX subnet_vlan_idx;
ALTER TABLE subnet DROP CONSTRAINT subnet_vlan_fkey;
