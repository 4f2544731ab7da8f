DROP TABLE exhibit;
DROP TABLE hall;
