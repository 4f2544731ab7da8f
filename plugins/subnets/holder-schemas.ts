import { z } from 'zod';
import { deviceModel, interfaceModel } from '#plugins/devices';

/** For `refine`: two fields of which at most one may be given. */
export function atMostOneOf(a: string, b: string) {
  return [
    (value: Record<string, unknown>) => value[a] === undefined || value[b] === undefined,
    { message: `Give ${a} or ${b}, not both`, path: [b] as PropertyKey[] },
  ] as const;
}
export const oneDevice = atMostOneOf('deviceId', 'device');
export const oneInterface = atMostOneOf('interfaceId', 'interface');

const nameOf = (what: string) =>
  z
    .string()
    .min(1)
    .max(200)
    .nullish()
    .meta({ description: `The ${what} by its name.` });
/** Who holds an address; bodies with these take `oneDevice` and `oneInterface`, too. */
export const holderBody = {
  deviceId: z
    .int()
    .positive()
    .nullish()
    .meta({ description: 'The device that holds it, here or by `device`; null: nobody.' }),
  device: nameOf('device'),
  interfaceId: z
    .int()
    .positive()
    .nullish()
    .meta({ description: 'One of its interfaces, here or by `interface`; alone, its device is meant, too.' }),
  interface: nameOf('interface'),
};

type Named = z.ZodObject<{ id: z.ZodInt; name: z.ZodString }>;
/** What names a device where another record mentions it. */
export const deviceReference = deviceModel.mention as Named;
/** What names an interface where another record mentions it. */
export const interfaceReference = interfaceModel.mention as Named;

/** One of those who hold an address. */
export const addressHolder = z
  .object({
    id: z
      .int()
      .nullable()
      .meta({ description: "Of a further holder's assignment; null: the address's own." }),
    addressId: z.int(),
    own: z.boolean().meta({ description: 'Whether it is the one that the address itself names.' }),
    deviceId: z.int(),
    device: deviceReference,
    interfaceId: z.int().nullable(),
    interface: interfaceReference.nullable(),
    version: z.int().nullable(),
    createdAt: z.iso.datetime().nullable(),
    createdBy: z.string().nullable(),
  })
  .meta({ id: 'AddressHolder' });
export type AddressHolder = z.input<typeof addressHolder>;

export const newAssignment = z
  .strictObject({
    ...holderBody,
    move: z
      .boolean()
      .optional()
      .meta({ description: 'Takes it from the device that it names, rather than be refused.' }),
  })
  .refine(...oneDevice)
  .refine(...oneInterface)
  .refine(({ deviceId, device, interfaceId }) => deviceId ?? device ?? interfaceId, {
    message: 'Say which device is to hold it: deviceId, device or interfaceId',
  });
