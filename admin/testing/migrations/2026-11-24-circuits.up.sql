CREATE TABLE carrier (
  id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE
);
CREATE TABLE circuit (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name        text NOT NULL,
  prefix      cidr,
  mac         macaddr,
  state       text NOT NULL DEFAULT 'planned',
  carrier_id  bigint REFERENCES carrier,
  terms       jsonb NOT NULL DEFAULT '{}',
  channels    jsonb NOT NULL DEFAULT '[]',
  labels      text[] NOT NULL DEFAULT '{}',
  bytes       bigint,
  live        boolean NOT NULL DEFAULT false,
  since       timestamptz,
  secret_code text,
  version     int NOT NULL DEFAULT 1
);
