-- VLANs (IEEE 802.1Q) in groups: within a group a VID means one VLAN, and only VIDs of the group's ranges are used.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- The VIDs of ranges as they travel: [{"start": 100, "end": 199}]. An end that is left out reaches beyond every VID.
CREATE FUNCTION vids_in(ranges jsonb) RETURNS int4multirange LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (SELECT coalesce(range_agg(int4range((r ->> 'start')::int, (r ->> 'end')::int, '[]')), '{}')
          FROM jsonb_array_elements(ranges) r);

-- The same backwards: ascending, disjoint, none beside another.
CREATE FUNCTION vid_ranges_of(vids int4multirange) RETURNS jsonb LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('start', lower(r), 'end', upper(r) - 1) ORDER BY r), '[]')
          FROM unnest(vids) r);

CREATE TABLE vlan_group (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Digits alone are an id wherever a group may be named.
  name          text NOT NULL CONSTRAINT vlan_group_name_key UNIQUE
                CONSTRAINT vlan_group_name_check CHECK (name ~ '[^0-9]' AND name = btrim(name)),
  site_id       bigint CONSTRAINT vlan_group_site_fkey REFERENCES site,
  -- As they travel, and as a trigger below puts them in order.
  vid_ranges    jsonb NOT NULL DEFAULT '[{"start": 1, "end": 4094}]'
                CONSTRAINT vlan_group_vid_ranges_check
                CHECK (NOT isempty(vids_in(vid_ranges)) AND vids_in(vid_ranges) <@ '{[1,4094]}'),
  description   text,
  tags          text[] NOT NULL DEFAULT '{}',
  metadata      jsonb NOT NULL DEFAULT '{}',
  custom_fields jsonb NOT NULL DEFAULT '{}',
  version       int NOT NULL DEFAULT 1,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  created_by    text DEFAULT current_actor(),
  updated_by    text DEFAULT current_actor()
);
CREATE INDEX vlan_group_site_idx ON vlan_group (site_id) WHERE site_id IS NOT NULL;
CREATE INDEX vlan_group_tags_gin ON vlan_group USING gin (tags) WHERE tags <> '{}';
CREATE TRIGGER vlan_group_version BEFORE UPDATE ON vlan_group
  FOR EACH ROW EXECUTE FUNCTION keep_version();
CREATE TRIGGER site_kept_by_vlan_groups BEFORE DELETE ON site FOR EACH ROW
  EXECUTE FUNCTION keep_while_used('vlan_group', 'site_id', 'vlan_group_site_fkey',
    'VLAN group belongs to this site; give it to another first.', 'VLAN groups belong to this site; give them to another first.');

INSERT INTO vlan_group (name, description) VALUES ('default', 'The group of VLANs that name no other.');

-- Where a VLAN lies that names no group.
CREATE FUNCTION default_vlan_group() RETURNS bigint LANGUAGE sql STABLE
RETURN (SELECT id FROM vlan_group WHERE name = 'default');

CREATE TABLE vlan (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  group_id      bigint NOT NULL DEFAULT default_vlan_group() CONSTRAINT vlan_group_fkey REFERENCES vlan_group,
  vid           int NOT NULL CONSTRAINT vlan_vid_check CHECK (vid BETWEEN 1 AND 4094),
  -- Left out, it is what switches call a VLAN without one: VLAN0042.
  name          text NOT NULL,
  status        text NOT NULL DEFAULT 'active'
                CONSTRAINT vlan_status_check CHECK (status IN ('active', 'reserved', 'deprecated')),
  role          text,
  description   text,
  tags          text[] NOT NULL DEFAULT '{}',
  metadata      jsonb NOT NULL DEFAULT '{}',
  custom_fields jsonb NOT NULL DEFAULT '{}',
  version       int NOT NULL DEFAULT 1,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  created_by    text DEFAULT current_actor(),
  updated_by    text DEFAULT current_actor(),
  CONSTRAINT vlan_vid_key UNIQUE (group_id, vid)
);
CREATE INDEX vlan_list_idx ON vlan (vid, id);
CREATE INDEX vlan_name_idx ON vlan (lower(name) text_pattern_ops, id);
CREATE INDEX vlan_name_trgm ON vlan USING gin (name gin_trgm_ops);
CREATE INDEX vlan_tags_gin ON vlan USING gin (tags) WHERE tags <> '{}';
CREATE TRIGGER vlan_version BEFORE UPDATE ON vlan
  FOR EACH ROW EXECUTE FUNCTION keep_version();
CREATE TRIGGER vlan_group_kept_by_vlans BEFORE DELETE ON vlan_group FOR EACH ROW
  EXECUTE FUNCTION keep_while_used('vlan', 'group_id', 'vlan_group_fkey',
    'VLAN lies in this group; delete it or give it to another first.', 'VLANs lie in this group; delete them or give them to another first.');

CREATE FUNCTION keep_default_vlan_group() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'The VLAN group default cannot be deleted or renamed.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'vlan_group_default_stays';
END $$;
CREATE TRIGGER vlan_group_default_stays BEFORE DELETE ON vlan_group
  FOR EACH ROW WHEN (OLD.name = 'default') EXECUTE FUNCTION keep_default_vlan_group();
CREATE TRIGGER vlan_group_default_keeps_name BEFORE UPDATE ON vlan_group
  FOR EACH ROW WHEN (OLD.name = 'default' AND NEW.name <> 'default') EXECUTE FUNCTION keep_default_vlan_group();

-- Puts a group's ranges in order, and refuses them where VLANs would lie outside. The group's row is locked by then, and whoever gives
-- a VLAN a VID of the group shares that lock: each sees what the other has done.
CREATE FUNCTION check_vid_ranges() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  allowed CONSTANT int4multirange := vids_in(NEW.vid_ranges);
  n bigint;
  first_ones text;
BEGIN
  NEW.vid_ranges := vid_ranges_of(allowed);
  IF TG_OP = 'UPDATE' THEN
    SELECT max(total), string_agg(vid::text, ', ' ORDER BY vid) INTO n, first_ones
      FROM (SELECT vid, count(*) OVER () AS total FROM vlan
             WHERE group_id = NEW.id AND NOT allowed @> vid ORDER BY vid LIMIT 10) outside;
    IF n > 0 THEN
      RAISE EXCEPTION '% of the group would lie outside of its ranges: %',
        CASE n WHEN 1 THEN 'A VLAN' ELSE n || ' VLANs' END, first_ones || CASE WHEN n > 10 THEN ', …' ELSE '' END
        USING ERRCODE = 'check_violation', CONSTRAINT = 'vlan_group_ranges_hold';
    END IF;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER vlan_group_ranges BEFORE INSERT OR UPDATE OF vid_ranges ON vlan_group
  FOR EACH ROW EXECUTE FUNCTION check_vid_ranges();

-- Names a VLAN that has no name, and keeps its VID within the ranges of its group.
CREATE FUNCTION check_vid() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  home vlan_group;
BEGIN
  NEW.name := coalesce(NEW.name, 'VLAN' || lpad(NEW.vid::text, 4, '0'));
  SELECT * INTO home FROM vlan_group WHERE id = NEW.group_id FOR SHARE;
  -- A group that is not there is the foreign key's, a VID that is none the check's.
  IF FOUND AND NEW.vid BETWEEN 1 AND 4094 AND NOT vids_in(home.vid_ranges) @> NEW.vid THEN
    RAISE EXCEPTION 'The VLAN group % has the VIDs %, and % is none of them.', home.name,
      (SELECT string_agg(concat_ws('-', lower(r), nullif(upper(r) - 1, lower(r))), ', ' ORDER BY r) FROM unnest(vids_in(home.vid_ranges)) r),
      NEW.vid
      USING ERRCODE = 'check_violation', CONSTRAINT = 'vlan_vid_in_group';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER vlan_vid BEFORE INSERT OR UPDATE OF group_id, vid ON vlan
  FOR EACH ROW EXECUTE FUNCTION check_vid();

-- The VIDs of a group that no VLAN has; NULL where there is no such group. Who is going to take some locks the group first, and asks
-- in a new statement.
CREATE FUNCTION free_vids(p_group bigint) RETURNS int4multirange LANGUAGE sql STABLE
RETURN (SELECT vids_in(g.vid_ranges)
               - coalesce((SELECT range_agg(int4range(vid, vid, '[]')) FROM vlan WHERE group_id = g.id), '{}')
          FROM vlan_group g WHERE g.id = p_group);
