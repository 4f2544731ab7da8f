DROP TABLE branch_grant;
