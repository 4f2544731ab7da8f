type MakeRow<Row> = (values: readonly unknown[]) => Row;
interface Level {
  [name: string]: number | Level;
}

const makers = new Map<string, MakeRow<unknown>>();
const mostKept = 500;

/**
 * Makes objects of rows with these columns; `usage.total` becomes `total` of an object `usage`. The function is compiled, once for
 * each list of columns: an object literal gets its shape in one step, where setting one key after another makes a dictionary of
 * a wide row, which takes many times as long to make and three times as long to turn into JSON.
 */
export function rowMaker<Row>(columns: readonly string[]): MakeRow<Row> {
  const key = columns.join('\n');
  const known = makers.get(key);
  if (known) return known as MakeRow<Row>;
  const made = new Function('values', `return ${literal(levels(columns))};`) as MakeRow<Row>;
  // Clients choose which fields they want, in any order.
  if (makers.size >= mostKept) makers.clear();
  makers.set(key, made);
  return made;
}

function levels(columns: readonly string[]): Level {
  const top: Level = {};
  for (const [at, column] of columns.entries()) {
    const path = column.split('.');
    const name = path.pop() ?? '';
    let level = top;
    for (const step of path) {
      level[step] ??= {};
      level = level[step] as Level;
    }
    level[name] = at;
  }
  return top;
}

/** The names are those of our own statements, and quoted all the same. */
function literal(level: Level): string {
  const parts = Object.entries(level).map(
    ([name, of]) => `${JSON.stringify(name)}: ${typeof of === 'number' ? `values[${of}]` : literal(of)}`,
  );
  return `{ ${parts.join(', ')} }`;
}
