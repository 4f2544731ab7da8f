/** Where the rows of the subnets that were served last are (a hint that the database function checks); the oldest go. */
export class Places {
  readonly #places = new Map<number, unknown>();

  get(subnetId: number): string | null {
    const place = this.#places.get(subnetId);
    return place === undefined ? null : JSON.stringify(place);
  }

  set(subnetId: number, place: unknown): void {
    this.#places.delete(subnetId);
    this.#places.set(subnetId, place);
    const [oldest] = this.#places.keys();
    if (this.#places.size > 10_000 && oldest !== undefined) this.#places.delete(oldest);
  }
}
