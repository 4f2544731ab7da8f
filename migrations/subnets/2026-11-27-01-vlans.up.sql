-- The VLAN that a subnet is carried by.
ALTER TABLE subnet ADD CONSTRAINT subnet_vlan_fkey FOREIGN KEY (vlan_id) REFERENCES vlan;
-- Partial: who has no VLAN costs no entry.
CREATE INDEX subnet_vlan_idx ON subnet (vlan_id, cidr) WHERE vlan_id IS NOT NULL;
CREATE TRIGGER vlan_kept_by_subnets BEFORE DELETE ON vlan FOR EACH ROW
  EXECUTE FUNCTION keep_while_used('subnet', 'vlan_id', 'subnet_vlan_fkey',
    'subnet uses this VLAN; give it another first.', 'subnets use this VLAN; give them another first.');
