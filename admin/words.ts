/** Short names that are written in capitals. */
const capitals: ReadonlySet<string> = new Set([
  'api',
  'cidr',
  'csv',
  'dhcp',
  'dns',
  'id',
  'ip',
  'json',
  'mac',
  'rd',
  'url',
  'vid',
  'vip',
  'vlan',
  'vrf',
]);

/** A name in camelCase as words: `createdAt` → `Created at`, `ApiToken` → `API token`. */
export function wordsOf(name: string): string {
  const words = name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .split(/[\s_]+/)
    .map((word) => word.toLowerCase())
    .map((word) => (capitals.has(word) ? word.toUpperCase() : word));
  const text = words.join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Words inside a sentence: `API token` stays, `Subnet` → `subnet`. */
export function inSentence(text: string): string {
  return /^[A-Z]{2}/.test(text) ? text : text.charAt(0).toLowerCase() + text.slice(1);
}

/** One word of a closed list as a person writes it: `quarantined` → `Quarantined`, `dhcp` → `DHCP`, `mac-mismatch` → `MAC mismatch`. */
export function capitalized(word: string): string {
  const text = word
    .split(/(?<=[a-z])-(?=[a-z])/)
    .map((part) => (capitals.has(part) ? part.toUpperCase() : part))
    .join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The plural of an English noun by the rules of spelling: addresses, policies, VRFs. */
export function pluralOf(noun: string): string {
  if (/[A-Z]$/.test(noun)) return `${noun}s`;
  if (/(s|x|z|ch|sh)$/.test(noun)) return `${noun}es`;
  return /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`;
}

/** `a` or `an`, whichever goes before these words: an address, a VRF, an API token. */
export function withArticle(text: string): string {
  // Of capitals the name of the first letter is spoken (MAC is not spelt); of the words we have, those with u begin like "you".
  const vowel = /^[A-Z]{2}/.test(text) ? /^[AEFHILNORSX]/ : /^[aeio]/i;
  return `${vowel.test(text) ? 'an' : 'a'} ${text}`;
}

/** The key of what is said when an action of a plugin's own was done. */
export const doneMessage = (action: string) => `${action}Done`;

/** What the action for several records is called that does what another does for one. */
export const severalOf = (action: string) => `${action}-selected`;
