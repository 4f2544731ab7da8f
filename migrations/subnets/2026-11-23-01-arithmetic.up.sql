-- Arithmetic on addresses and blocks. Addresses travel as inet with the full mask (/32, /128); sizes as numeric, because
-- a /64 overflows bigint, and so do `inet - inet` and `inet + bigint` beyond 2^63: add small counts and compare.

CREATE FUNCTION address_bits(ip inet) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE family(ip) WHEN 4 THEN 32 ELSE 128 END;

-- The first and the last address of a block.
CREATE FUNCTION first_ip(block inet) RETURNS inet
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN set_masklen(network(block)::inet, CASE family(block) WHEN 4 THEN 32 ELSE 128 END);

CREATE FUNCTION last_ip(block inet) RETURNS inet
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN set_masklen(broadcast(block), CASE family(block) WHEN 4 THEN 32 ELSE 128 END);

-- An address as a number: inet_send answers four bytes of header, then the address.
CREATE FUNCTION ip_number(ip inet) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE family(ip)
  WHEN 4 THEN (set_masklen(ip, 32) - inet '0.0.0.0')::numeric
  ELSE ('x' || encode(substring(inet_send(ip) FROM 5 FOR 4), 'hex'))::bit(32)::bigint * 79228162514264337593543950336
     + ('x' || encode(substring(inet_send(ip) FROM 9 FOR 4), 'hex'))::bit(32)::bigint * 18446744073709551616
     + ('x' || encode(substring(inet_send(ip) FROM 13 FOR 4), 'hex'))::bit(32)::bigint * 4294967296::numeric
     + ('x' || encode(substring(inet_send(ip) FROM 17 FOR 4), 'hex'))::bit(32)::bigint
END;

-- How many addresses lie from first to last; 0 where last comes before first.
CREATE FUNCTION span_size(first inet, last inet) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN last < first THEN 0
  WHEN family(first) = 4 OR masklen(inet_merge(first, last)) > 66 THEN (last - first + 1)::numeric
  ELSE ip_number(last) - ip_number(first) + 1
END;

-- The same, but never more than `most`, so that a large span costs no numeric arithmetic.
CREATE FUNCTION span_count(first inet, last inet, most int) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN family(first) = 6 AND masklen(inet_merge(first, last)) < 96 AND last > first + most::bigint THEN most
  ELSE least(most, span_size(first, last))::int
END;

-- Whether at least n addresses (one or more) lie from first to last, for little: no numeric is made.
CREATE FUNCTION span_holds(first inet, last inet, n int) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN last < first THEN false
  WHEN family(first) = 6 AND masklen(inet_merge(first, last)) < 96 THEN last >= first + (n - 1)
  ELSE last - first >= n - 1
END;

CREATE FUNCTION block_size(block inet) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN family(block) = 4 THEN (1::bigint << 32 - masklen(block))::numeric
  ELSE trunc(2::numeric ^ (128 - masklen(block)))
END;

-- How many of a block's addresses lie from first to last, where those bounds leave out at most its first and its last.
CREATE FUNCTION covered_size(block inet, first inet, last inet) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN block_size(block) - (first_ip(block) < first)::int - (last_ip(block) > last)::int;

-- The addresses of a block that may be handed out. IPv4: not network and broadcast, but both of a /31 (RFC 3021).
-- IPv6: not the first, the subnet-router anycast address (RFC 4291, 2.6.1), but both of a /127 (RFC 6164).
CREATE FUNCTION first_usable(block inet, with_edges boolean) RETURNS inet
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN with_edges OR masklen(block) >= CASE family(block) WHEN 4 THEN 31 ELSE 127 END THEN first_ip(block)
  ELSE first_ip(block) + 1
END;

CREATE FUNCTION last_usable(block inet, with_edges boolean) RETURNS inet
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
  WHEN with_edges OR family(block) = 6 OR masklen(block) >= 31 THEN last_ip(block)
  ELSE last_ip(block) - 1
END;

-- The length of the largest aligned block inside a span: what it has room for. Seen from the middle of the smallest block
-- that holds the span, the largest one either ends just below the middle or starts at it.
CREATE FUNCTION span_room(first inet, last inet) RETURNS smallint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  whole cidr := inet_merge(first, last);
  len int := masklen(whole);
  middle inet;
BEGIN
  IF first_ip(whole) = first AND last_ip(whole) = last THEN
    RETURN len;
  END IF;
  middle := first_ip(set_masklen(last, len + 1));
  LOOP
    len := len + 1;
    EXIT WHEN last_ip(set_masklen(middle, len)) <= last OR first_ip(set_masklen(middle - 1, len)) >= first;
  END LOOP;
  RETURN len;
END $$;
