DROP TABLE scan_policy;
DROP TABLE observation;
DROP TABLE scan_result;
DROP TABLE scan_block;
DROP TABLE scan;
