import { type ConstraintTable, defineErrors, kernelErrors } from '#core';

/** What the rules of devices and interfaces answer with. */
export const deviceErrors = defineErrors({
  deviceTaken: {
    code: 'device-taken',
    status: 409,
    title: 'There is a device of this name, serial number or asset tag',
  },
  interfaceTaken: { code: 'interface-taken', status: 409, title: 'The device has an interface of this name' },
  interfaceStays: { code: 'interface-stays', status: 409, title: 'An interface stays at its device' },
  holderNotEmpty: { code: 'holder-not-empty', status: 409, title: 'The device or interface holds something' },
});
const { deviceTaken, interfaceTaken } = deviceErrors;

/** What the constraints of our tables mean. */
export const deviceConstraints: ConstraintTable = {
  device_serial_key: {
    problem: deviceTaken,
    say: () => 'A device of this vendor with this serial number exists; look whether it is the same one.',
  },
  device_asset_tag_key: { problem: deviceTaken, say: () => 'A device with this asset tag exists.' },
  device_name_check: {
    problem: kernelErrors.invalid,
    say: () => 'The name of a device is not digits alone, which would be an id, and has no blanks around it.',
  },
  interface_name_key: {
    problem: interfaceTaken,
    say: () => 'The device has an interface of this name; choose another name.',
  },
  interface_stays: { problem: deviceErrors.interfaceStays },
};
