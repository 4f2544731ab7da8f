import { type FieldError, invalidRequest, named, type RunQuery } from '#core';

/** Who holds an address: a device, and perhaps one of its interfaces; nobody where both are null. */
export interface HeldBy {
  deviceId: number | null;
  interfaceId: number | null;
}

/** How a body says who is to hold an address: by id, or by name; null is nobody. */
export interface HolderChoice {
  deviceId?: number | null | undefined;
  device?: string | null | undefined;
  interfaceId?: number | null | undefined;
  interface?: string | null | undefined;
}

/** What a choice comes to: a holding, undefined where the body says nothing of it, or what is wrong with it. */
export type Chosen =
  | { holding: HeldBy | undefined; fault?: undefined }
  | { fault: FieldError; holding?: undefined };

interface Found {
  deviceId: number | null;
  device: string | null;
  interfaceId: number | null;
  interface: string | null;
  /** Whose the interface is. */
  ownerId: number | null;
  owner: string | null;
}

const nobody: HeldBy = { deviceId: null, interfaceId: null };

// Each of the two is found by the one of two indexes that fits: both in one condition would have neither used.
const find = named(
  'find_holders',
  `SELECT d.id AS "deviceId", d.name AS device, i.id AS "interfaceId", i.name AS interface, o.id AS "ownerId", o.name AS owner
     FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[]) WITH ORDINALITY
            AS c (device_id, device, interface_id, interface, nth)
     LEFT JOIN LATERAL (SELECT id, name FROM device WHERE id = c.device_id
                         UNION ALL SELECT id, name FROM device WHERE name = c.device) d ON true
     LEFT JOIN LATERAL (SELECT id, name, device_id FROM interface WHERE id = c.interface_id
                         UNION ALL SELECT id, name, device_id FROM interface WHERE device_id = d.id AND name = c.interface) i
            ON true
     LEFT JOIN device o ON o.id = i.device_id
    ORDER BY nth`,
);

const isGiven = (...fields: unknown[]) => fields.some((field) => field !== undefined);
const isSome = (...fields: unknown[]) => fields.some((field) => field !== undefined && field !== null);

/** Whether a choice has to be looked up before its holding is known: it has names, or an interface whose device it leaves open. */
export function isOpenChoice({ deviceId, device, interfaceId, interface: name }: HolderChoice): boolean {
  return isSome(device, name) || (isSome(interfaceId) && !isSome(deviceId));
}

/**
 * What some choices come to, in their order, with one statement; `current` is who holds the address now. An interface alone means
 * its device, too; another device has no interface until one is chosen.
 */
export async function chosenHoldings(
  query: RunQuery,
  choices: readonly { choice: HolderChoice; current?: HeldBy }[],
): Promise<Chosen[]> {
  if (!choices.some(({ choice }) => isSome(...namesOf(choice)))) {
    return choices.map(({ choice, current }) => judge(choice, current ?? nobody, undefined));
  }
  const found = await query<Found>(find, [
    // An interface by its name alone is one of the device that holds the address already.
    choices.map(({ choice, current }) =>
      isSome(choice.interface) && !isGiven(choice.deviceId, choice.device)
        ? (current?.deviceId ?? null)
        : (choice.deviceId ?? null),
    ),
    choices.map(({ choice }) => choice.device ?? null),
    choices.map(({ choice }) => choice.interfaceId ?? null),
    choices.map(({ choice }) => choice.interface ?? null),
  ]);
  return choices.map(({ choice, current }, nth) => judge(choice, current ?? nobody, found[nth]));
}

/** What one choice comes to; 422 where it names what is not there. */
export async function chosenHolding(
  query: RunQuery,
  choice: HolderChoice,
  current?: HeldBy,
): Promise<HeldBy | undefined> {
  const [chosen] = await chosenHoldings(query, [current ? { choice, current } : { choice }]);
  if (chosen?.fault) throw invalidRequest([chosen.fault]);
  return chosen?.holding;
}

function namesOf({ deviceId, device, interfaceId, interface: name }: HolderChoice): unknown[] {
  return [deviceId, device, interfaceId, name];
}

function judge(choice: HolderChoice, current: HeldBy, found: Found | undefined): Chosen {
  const fault = (field: keyof HolderChoice, code: string, message: string): Chosen => ({
    fault: { path: `body.${field}`, code, message },
  });
  const { deviceId, device, interfaceId, interface: name } = choice;
  const interfaceField = isSome(interfaceId) ? 'interfaceId' : 'interface';
  const wants = { device: isSome(deviceId, device), interface: isSome(interfaceId, name) };
  if (!isGiven(...namesOf(choice))) return { holding: undefined };
  if (wants.device && !found?.deviceId) {
    const [field, given] = isSome(deviceId)
      ? (['deviceId', deviceId] as const)
      : (['device', `"${device}"`] as const);
    return fault(field, 'not-found', `There is no device ${given}; GET /devices lists them.`);
  }
  if (isGiven(deviceId, device) && !wants.device) {
    if (!wants.interface) return { holding: nobody };
    return fault(interfaceField, 'without-device', 'An interface is one of a device; name that, too.');
  }
  if (!wants.interface) {
    const holder = wants.device ? (found?.deviceId ?? null) : current.deviceId;
    const stays = holder === current.deviceId && !isGiven(interfaceId, name);
    return { holding: { deviceId: holder, interfaceId: stays ? current.interfaceId : null } };
  }
  if (!found?.interfaceId) {
    if (isSome(interfaceId))
      return fault('interfaceId', 'not-found', `There is no interface ${interfaceId}.`);
    return found?.deviceId
      ? fault(
          'interface',
          'not-found',
          `${found.device} has no interface "${name}"; GET /devices/${found.deviceId}/interfaces lists them.`,
        )
      : fault('interface', 'without-device', 'An interface has its name on a device; name that, too.');
  }
  if (wants.device && found.ownerId !== found.deviceId) {
    const message = `Interface ${found.interfaceId} (${found.interface}) is one of ${found.owner}, and not of ${found.device}.`;
    return fault(interfaceField, 'other-device', message);
  }
  return { holding: { deviceId: found.ownerId, interfaceId: found.interfaceId } };
}
