declare const valueType: unique symbol;

/** A typed place that one plugin (or the kernel) opens and others fill with `ctx.extend`. */
export interface ExtensionPoint<T> {
  readonly name: string;
  /** Throws where a value cannot stand beside those that are there; then the plugin that brought it does not start. */
  check?(value: T, others: readonly T[]): void;
  readonly [valueType]?: T;
}

/** Opens an extension point; `name` is for messages, identity is the object. */
export function extensionPoint<T>(name: string, check?: ExtensionPoint<T>['check']): ExtensionPoint<T> {
  return Object.freeze(check ? { name, check } : { name });
}

/** What fills the extension points of one host, and who filled them. */
export class Extensions {
  readonly #filled = new Map<ExtensionPoint<unknown>, { owner: string; value: unknown }[]>();

  fill<T>(owner: string, point: ExtensionPoint<T>, value: T): void {
    point.check?.(value, this.of(point));
    this.#filled.set(point, [...(this.#filled.get(point) ?? []), { owner, value }]);
  }

  of<T>(point: ExtensionPoint<T>): readonly T[] {
    return (this.#filled.get(point) ?? []).map(({ value }) => value as T);
  }

  /** What one owner has filled a point with. */
  by<T>(owner: string, point: ExtensionPoint<T>): readonly T[] {
    const filled = (this.#filled.get(point) ?? []).filter((each) => each.owner === owner);
    return filled.map(({ value }) => value as T);
  }

  /** Takes away what an owner filled, when it turns out unusable. */
  forget(owner: string): void {
    for (const [point, filled] of this.#filled) {
      this.#filled.set(
        point,
        filled.filter((each) => each.owner !== owner),
      );
    }
  }
}
