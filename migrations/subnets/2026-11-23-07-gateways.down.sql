DROP TRIGGER address_gateway_stays ON address;
DROP TRIGGER subnet_gateway_changed ON subnet;
DROP TRIGGER subnet_keeps_gateway ON subnet;
DROP FUNCTION guard_gateway();
DROP FUNCTION gateway_changed();
DROP FUNCTION gateways_inserted();
DROP FUNCTION give_gateway_back(bigint, inet);
DROP FUNCTION take_gateway(bigint, inet);
DROP INDEX subnet_gateway_idx;
