/** What stands in the place of a secret. */
const censored = '[redacted]';

/** What a secret's name holds, whatever it names: a parameter of a URL, a header, a field of an object. */
const name = 'passw(?:or)?d|passphrase|secret|token|api[-_]?key|private[-_]?key|authorization|cookie';
const isSecretName = new RegExp(name, 'i');

/** Each way in which a secret may stand in a text, and what is left of it. Bounded, so that no text takes long. */
const shapes: readonly (readonly [RegExp, string])[] = [
  // A URL's user; a password may hold an @ of its own.
  [/([a-z][a-z0-9+.-]{0,20}:\/\/[^\s:/?#"'@]{0,200}):[^\s"'`<>\\]{0,500}@/gi, `$1:${censored}@`],
  [/\b([Bb]earer) +[\w.~+/-]{6,}=*/g, `$1 ${censored}`],
  // JWTs (RFC 7519), and API tokens.
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, censored],
  [/\bcad_[\w-]{8,}/g, censored],
  // bcrypt's hashes.
  [/\$2[aby]\$\d\d\$[./\w]{20,}/g, censored],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*PRIVATE KEY-----)?/g, censored],
  // password=…, and "password": "…" however often it was put into another text.
  [new RegExp(`\\b((?:[\\w.-]{0,40})(?:${name})[\\w.-]{0,40}=)[^&\\s"'\\\\;]+`, 'gi'), `$1${censored}`],
  [
    new RegExp(`("[\\w.-]{0,40}(?:${name})[\\w.-]{0,40}\\\\*"\\s*:\\s*\\\\*")(?:[^"\\\\]|\\\\.)*`, 'gi'),
    `$1${censored}`,
  ],
];

/** Every shape has one of these; most texts have none, and are looked at no further. */
const hints = ['://', 'earer ', 'eyJ', 'cad_', '$2', 'PRIVATE KEY', '=', '":', '" :', '\\"'];

/** A text without the secrets that can be told by their looks: in URLs, tokens, hashes, keys, and behind `password=`. */
export function redacted(text: string): string {
  if (!hints.some((hint) => text.includes(hint))) return text;
  return shapes.reduce((rest, [shape, instead]) => rest.replace(shape, instead), text);
}

const deepest = 6;

/**
 * A value without its secrets: what is named like one, at any depth, and what looks like one in a text. `ofFault` says what is
 * kept of an error.
 */
export function withoutSecrets(value: unknown, ofFault: (fault: Error) => unknown, depth = 0): unknown {
  if (typeof value === 'string') return redacted(value);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (value instanceof Error) return ofFault(value);
  if (depth >= deepest || ArrayBuffer.isView(value)) return censored;
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, ofFault, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const isPlain = typeof inner === 'number' || typeof inner === 'boolean' || inner == null;
      if (isSecretName.test(key) && !isPlain) return [key, censored];
      return [key, withoutSecrets(inner, ofFault, depth + 1)];
    }),
  );
}
