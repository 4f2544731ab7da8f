DROP TABLE cable;
