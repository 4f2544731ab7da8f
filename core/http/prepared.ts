const names = new Map<string, string>();
const most = 100;

/**
 * A name for a page's statement, so that it is planned once per connection and not for every page. Only so many get one: sorts,
 * page sizes and fields are the client's choice, and each name holds a plan for as long as its connection lives.
 */
export function preparedName(text: string): { name?: string } {
  const known = names.get(text);
  if (known !== undefined) return { name: known };
  if (names.size >= most) return {};
  const name = `page_${names.size}`;
  names.set(text, name);
  return { name };
}
