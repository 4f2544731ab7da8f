import React from 'react';
import { cellOf } from './cell.tsx';
import { agoText, elapsedText } from './elapsed.ts';
import { Moment } from './moment.tsx';

/** A moment, told as how long ago it was or, where another has come since, how long it took until then; a record's page says both. */
export default cellOf((value, { inList }, params, { until }) => {
  const end = params[String(until)];
  const began = new Date(String(value)).getTime();
  const text = end
    ? `took ${elapsedText(new Date(String(end)).getTime() - began)}`
    : agoText(Date.now() - began);
  if (inList) return <Moment at={String(value)}>{text}</Moment>;
  return (
    <>
      <Moment at={String(value)} detail="full" /> <span className="cad-none">({text})</span>
    </>
  );
});
