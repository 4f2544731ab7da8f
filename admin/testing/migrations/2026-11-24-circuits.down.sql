DROP TABLE circuit; DROP TABLE carrier;
