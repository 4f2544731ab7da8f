interface Model {
  type: string;
  vendor: string;
  model: string;
  /** The first three bytes of its MAC addresses, which are the vendor's own. */
  maker: string;
  /** Known by an address of its own, which is its primary one. */
  isAddressed?: true;
}

/** What the company buys, by the word that names of devices have for it. */
export const kinds = {
  router: { type: 'router', vendor: 'Juniper', model: 'MX204', maker: '2c:6b:f5', isAddressed: true },
  firewall: { type: 'firewall', vendor: 'Fortinet', model: 'FortiGate 100F', maker: '00:09:0f' },
  server: { type: 'vm', vendor: 'VMware', model: 'Virtual machine', maker: '00:50:56', isAddressed: true },
  san: { type: 'storage', vendor: 'NetApp', model: 'AFF A250', maker: '00:a0:98', isAddressed: true },
  sw: { type: 'switch', vendor: 'Cisco', model: 'Catalyst 9300-48T', maker: '00:1b:54', isAddressed: true },
  ups: { type: 'ups', vendor: 'APC', model: 'Smart-UPS SRT 5000', maker: '00:c0:b7', isAddressed: true },
  ap: { type: 'access-point', vendor: 'Aruba', model: 'AP-515', maker: '24:de:c6' },
  prn: { type: 'printer', vendor: 'Brother', model: 'HL-L6400DW', maker: '00:80:77' },
  cam: { type: 'camera', vendor: 'Axis', model: 'P3265-LVE', maker: '00:40:8c' },
  lab: { type: 'instrument', vendor: 'Phoenix Contact', model: 'AXC F 2152', maker: '00:a0:45' },
  plc: { type: 'controller', vendor: 'Siemens', model: 'SIMATIC S7-1500', maker: '00:0e:8c' },
  hmi: { type: 'panel', vendor: 'Siemens', model: 'SIMATIC TP1200', maker: '00:1b:1b' },
  robot: { type: 'robot', vendor: 'FANUC', model: 'M-20iD/25', maker: '00:e0:e4' },
  sensor: { type: 'sensor', vendor: 'WAGO', model: '750-352', maker: '00:30:de' },
} as const satisfies Record<string, Model>;

export type Kind = keyof typeof kinds;

/** The role of an address by which a device of some kind is known. */
export const roleOn = (kind: Kind): { role?: 'primary' } => {
  const { isAddressed }: Model = kinds[kind];
  return isAddressed ? { role: 'primary' } : {};
};
