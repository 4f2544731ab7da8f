CREATE TABLE cable (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  device_id    bigint CONSTRAINT cable_device_fkey REFERENCES device,
  interface_id bigint,
  CONSTRAINT cable_interface_fkey FOREIGN KEY (interface_id, device_id) REFERENCES interface (id, device_id)
);
