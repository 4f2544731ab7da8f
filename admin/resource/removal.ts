import { type ActionHandler, type RecordActionResponse, ValidationError } from 'adminjs';
import { kernelErrors } from '#core';
import { atTheFields } from './faults.ts';
import { chosenOf } from './removal-choices.ts';
import { type RegisterResource, writerOf } from './resource.ts';

/** Deletes one record as the form chose; a refusal is told where the form is still open. */
export function removeAsChosen(resource: RegisterResource): ActionHandler<RecordActionResponse> {
  return async (request, _response, context) => {
    const { record, currentAdmin, h } = context;
    if (!record) throw kernelErrors.notFound('It is gone.');
    const shown = record.toJSON(currentAdmin);
    if (request.method !== 'post') return { record: shown };
    try {
      const chosen = chosenOf(resource.view.removal, request.payload);
      await resource.writing.remove(writerOf(context), String(record.id()), chosen);
    } catch (fault) {
      const told = atTheFields(fault, resource.view);
      if (!(told instanceof ValidationError)) throw told;
      const [first] = Object.values(told.propertyErrors);
      const message = told.baseError?.message ?? first?.message ?? '';
      return { record: shown, notice: { message, type: 'error' } };
    }
    return {
      record: shown,
      redirectUrl: h.resourceUrl({ resourceId: resource.id() }),
      notice: { message: 'successfullyDeleted', type: 'success' },
    };
  };
}
