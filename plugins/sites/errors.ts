import { type ConstraintTable, defineErrors } from '#core';

/** What the rules of sites answer with. */
export const siteErrors = defineErrors({
  siteTaken: { code: 'site-taken', status: 409, title: 'There is a site of this name' },
  siteInUse: { code: 'site-in-use', status: 409, title: 'Something belongs to the site' },
  siteMisplaced: {
    code: 'site-misplaced',
    status: 409,
    title: 'A site cannot lie in itself, nor ten levels deep',
  },
});

/** What those constraints mean that speak for themselves. */
export const siteConstraints: ConstraintTable = {
  site_in_itself: { problem: siteErrors.siteMisplaced },
  site_depth: { problem: siteErrors.siteMisplaced },
};
