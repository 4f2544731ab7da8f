import { type ConstraintTable, defineErrors } from '#core';

/** What this plugin may answer besides the kernel's own errors. */
export const usersErrors = defineErrors({
  badCredentials: { code: 'bad-credentials', status: 401, title: 'The e-mail or the password is wrong' },
  refreshTokenInvalid: {
    code: 'refresh-token-invalid',
    status: 401,
    title: 'The refresh token is not valid',
  },
  refreshTokenReused: {
    code: 'refresh-token-reused',
    status: 401,
    title: 'The refresh token was used before',
  },
  resetTokenInvalid: {
    code: 'reset-token-invalid',
    status: 401,
    title: 'The link to a new password is not valid',
  },
  roleTooHigh: { code: 'role-too-high', status: 403, title: 'A token may not have more than its owner' },
  signInLocked: { code: 'sign-in-locked', status: 429, title: 'Too many sign-ins have failed' },
  userInactive: { code: 'user-inactive', status: 409, title: 'The user is inactive' },
  emailTaken: { code: 'email-taken', status: 409, title: 'Another user has this e-mail address' },
  lastAdmin: { code: 'last-admin', status: 409, title: 'The last active admin has to stay' },
});

/** What the constraints of the users' tables mean to a person. */
export const usersConstraints: ConstraintTable = {
  app_user_email_key: {
    problem: usersErrors.emailTaken,
    say: ({ detail = '' }) =>
      `${/=\((.*)\) already/.exec(detail)?.[1] ?? 'This address'} belongs to another user.`,
  },
  app_user_last_admin: {
    problem: usersErrors.lastAdmin,
    say: ({ message }) => `${message}; make somebody else an admin first.`,
  },
};
