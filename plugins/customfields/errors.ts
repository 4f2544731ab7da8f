import { type ConstraintTable, defineErrors, kernelErrors } from '#core';

/** What this plugin may answer besides the kernel's own errors. */
export const customFieldErrors = defineErrors({
  customFieldTaken: {
    code: 'custom-field-taken',
    status: 409,
    title: 'The model has a custom field of this name',
  },
  customFieldInUse: {
    code: 'custom-field-in-use',
    status: 409,
    title: 'Records have values of the custom field',
  },
});

/** What the constraints mean to a person; the faults of values come from the tables of all models. */
export const customFieldConstraints: ConstraintTable = {
  custom_field_key: {
    problem: customFieldErrors.customFieldTaken,
    say: () => 'The model has a custom field of this name already; choose another name, or change that one.',
  },
  custom_field_in_use: { problem: customFieldErrors.customFieldInUse },
  custom_field_faults: { problem: kernelErrors.invalid, atFields: true },
};
