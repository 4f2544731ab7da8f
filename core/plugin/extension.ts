declare const valueType: unique symbol;

/** A typed place that one plugin (or the kernel) opens and others fill with `ctx.extend`. */
export interface ExtensionPoint<T> {
  readonly name: string;
  readonly [valueType]?: T;
}

/** Opens an extension point; `name` is for messages, identity is the object. */
export function extensionPoint<T>(name: string): ExtensionPoint<T> {
  return Object.freeze({ name });
}
