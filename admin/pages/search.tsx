import { Loader } from '@adminjs/design-system';
import { ApiClient, useTranslation } from 'adminjs';
import React, { useCallback, useEffect, useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import type { SearchReply, ShownRecord } from '../search.ts';
import { recordPath, Titled } from '../ui/cell.tsx';

/** Asks the server; a newer question makes the answer to an older one void. */
function useFound(q: string) {
  const [reply, setReply] = useState<SearchReply>();
  const [failed, setFailed] = useState(false);
  const [asked, setAsked] = useState(0);
  const ask = useCallback(
    async (cursor?: string): Promise<SearchReply> => {
      const params = { q, ...(cursor ? { cursor } : {}) };
      return (await new ApiClient().getPage<SearchReply>({ pageName: 'search', params })).data;
    },
    [q],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again where `asked` has changed
  useEffect(() => {
    let isCurrent = true;
    setReply(undefined);
    setFailed(false);
    ask().then(
      (answer) => isCurrent && setReply(answer),
      () => isCurrent && setFailed(true),
    );
    return () => {
      isCurrent = false;
    };
  }, [ask, asked]);
  async function more() {
    if (!reply?.nextCursor) return;
    try {
      const next = await ask(reply.nextCursor);
      setReply({ ...next, items: [...reply.items, ...next.items] });
    } catch {
      setFailed(true);
    }
  }
  return { reply, failed, more, again: () => setAsked((times) => times + 1) };
}

function Found({ record }: { record: ShownRecord }) {
  const { translateLabel, translateProperty } = useTranslation();
  const { entity, model, id, title, context, matched } = record;
  const kind = model === undefined ? entity : translateLabel(model);
  const property = (name: string) => translateProperty(name, model);
  return (
    <tr>
      <td>{kind}</td>
      <td>
        <Titled to={model === undefined ? undefined : recordPath(model, id)}>
          <strong>{title}</strong>
        </Titled>
        <small className="cad-found">
          {context
            .filter(([, value]) => value !== title)
            .map(([name, value]) => (
              <span key={name}>
                <span className="cad-none">{property(name)}</span> {value}
              </span>
            ))}
        </small>
      </td>
      <td>{property(matched)}</td>
    </tr>
  );
}

/** What was found for the text in the search box, the best first. */
const Search: React.FC = () => {
  const [params] = useSearchParams();
  const q = params.get('q') ?? '';
  const { translateLabel } = useTranslation();
  const { reply, failed, more, again } = useFound(q);
  const none = reply && !reply.fault && reply.items.length === 0;
  return (
    <main className="cad-page" aria-busy={!reply && !failed}>
      <div className="cad-page__head">
        <h1>{q === '' ? 'Search' : `Search: ${q}`}</h1>
      </div>
      {reply?.fault && (
        <p className="cad-alert" role="alert">
          {reply.fault}
        </p>
      )}
      {failed && (
        <p className="cad-alert" role="alert">
          The search could not be done. Is the server reachable?{' '}
          <button type="button" className="cad-icon cad-icon--outlined" onClick={again}>
            Try again
          </button>
        </p>
      )}
      {!reply && !failed && <Loader />}
      {none && (
        <p>
          {q === '' ? '' : 'Nothing was found. '}
          Look for an address, a CIDR, how one begins (10.20.), a name or three letters of it, a MAC address
          in any notation or how it begins, a serial number, a VLAN (vlan 120 or oslo/120), or a tag
          (tag:dmz).
        </p>
      )}
      {reply && reply.items.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <section className="cad-scroll" aria-label="Results" tabIndex={0}>
          <table className="cad-table">
            <thead>
              <tr>
                <th scope="col">Kind</th>
                <th scope="col">Record</th>
                <th scope="col">Found by</th>
              </tr>
            </thead>
            <tbody>
              {reply.items.map((record) => (
                <Found key={`${record.entity} ${record.id}`} record={record} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      {reply?.nextCursor && (
        <button type="button" className="cad-icon cad-icon--outlined" onClick={more}>
          More
        </button>
      )}
      {reply && reply.cut.length > 0 && (
        <p className="cad-hint">
          More match than are told here: {reply.cut.map((model) => translateLabel(model)).join(', ')}. Say
          more of it, or filter those lists.
        </p>
      )}
    </main>
  );
};

export default Search;
