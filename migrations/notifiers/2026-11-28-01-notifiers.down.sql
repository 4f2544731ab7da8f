DROP TABLE notifier_rest;
DROP TABLE delivery;
DROP TABLE notifier;
