/** Of the tables that the installed pg-boss works with; a test compares. Apart from the driver, which takes time to be imported. */
export const pgBossSchemaVersion = 46;
