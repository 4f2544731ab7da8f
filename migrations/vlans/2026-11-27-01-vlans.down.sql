DROP FUNCTION free_vids(bigint);
DROP TRIGGER site_kept_by_vlan_groups ON site;
DROP TABLE vlan;
DROP FUNCTION default_vlan_group();
DROP TABLE vlan_group;
DROP FUNCTION check_vid(), check_vid_ranges(), keep_default_vlan_group(), vid_ranges_of(int4multirange), vids_in(jsonb);
