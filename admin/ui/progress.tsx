import { ApiClient, type RecordJSON, type ResourceJSON, useTranslation } from 'adminjs';
import React, { useEffect, useState } from 'react';
import type { ResourceView } from '../resource/view.ts';
import { countText } from './card-table.tsx';

type Params = RecordJSON['params'];

interface ProgressProps {
  resource: ResourceJSON;
  record: RecordJSON;
  progress: NonNullable<ResourceView['progress']>;
  /** Gets what has become of the record. */
  learn(params: Params): void;
}

/** How often a record is asked for once nothing is told of it any more, in milliseconds. */
const pause = 2_000;

const { paths } = (window as unknown as { REDUX_STATE: { paths: { rootPath: string } } }).REDUX_STATE;

/** Hears how far a record is until it has ended: as it is told, and by asking where that breaks off. Answers what a person should know. */
function useFollowing(
  resourceId: string,
  recordId: string,
  hasEnded: boolean,
  learn: ProgressProps['learn'],
) {
  const [trouble, setTrouble] = useState('');
  useEffect(() => {
    if (hasEnded) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const path = `resources/${encodeURIComponent(resourceId)}/records/${encodeURIComponent(recordId)}`;
    const events = new EventSource(`${paths.rootPath}/api/${path}/follow`);
    let isOpen = true;
    async function ask() {
      try {
        const { data } = await new ApiClient().recordAction({ resourceId, recordId, actionName: 'show' });
        if (isOpen && data.record) learn(data.record.params);
        if (isOpen) setTrouble('');
      } catch {
        if (isOpen) setTrouble('The server cannot be reached just now; it is asked again.');
      }
      if (isOpen) timer = setTimeout(ask, pause);
    }
    events.onmessage = ({ data }) => learn(JSON.parse(data));
    events.onerror = () => {
      events.close();
      timer = setTimeout(ask, pause);
    };
    return () => {
      isOpen = false;
      events.close();
      clearTimeout(timer);
      setTrouble('');
    };
  }, [resourceId, recordId, hasEnded, learn]);
  return trouble;
}

/** How far a record is that takes its time: a bar that moves by itself, and the counts so far. */
export function Progress({ resource, record, progress, learn }: ProgressProps) {
  const { translateProperty } = useTranslation();
  const { params } = record;
  const hasEnded = Boolean(params[progress.ended]);
  const trouble = useFollowing(resource.id, record.id, hasEnded, learn);
  const [done, total] = [Number(params[progress.done] ?? 0), Number(params[progress.total] ?? 0)];
  const percent = total === 0 ? (hasEnded ? 100 : 0) : Math.floor((done / total) * 100);
  const text = `${countText(done)} of ${countText(total)}`;
  return (
    <section className="cad-progress" aria-label="Progress">
      <div className="cad-progress__head">
        <div
          className="cad-progress__track"
          role="progressbar"
          aria-label="Progress"
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={percent}
          aria-valuetext={`${percent} %, ${text}`}
        >
          <div
            className={`cad-progress__level${hasEnded ? ' cad-progress__level--ended' : ''}`}
            style={{ width: `${percent}%` }}
          />
        </div>
        <span className="cad-progress__text">
          {percent} % <small>{text}</small>
        </span>
      </div>
      <dl className="cad-figures">
        {progress.counts?.map((name) => (
          <div key={name}>
            <dt>{translateProperty(name, resource.id)}</dt>
            <dd>{countText(Number(params[name] ?? 0))}</dd>
          </div>
        ))}
      </dl>
      {trouble && <p className="cad-hint">{trouble}</p>}
    </section>
  );
}
