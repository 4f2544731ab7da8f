import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  type ChartOptions,
  Legend,
  LinearScale,
  Tooltip,
} from 'chart.js';
import React, { useMemo } from 'react';
import { Bar } from 'react-chartjs-2';
import type { CardContent } from '#core';
import { palettes, type Scheme } from '../appearance.ts';
import { useScheme } from './theme.tsx';

Chart.register(BarController, BarElement, CategoryScale, Legend, LinearScale, Tooltip);

type Bars = Extract<CardContent, { kind: 'bars' }>;

/** Told apart by those who do not see red and green, too (Okabe and Ito, 2008), and from either ground. */
const inks: Readonly<Record<Scheme, readonly string[]>> = {
  light: ['#8C98A4', '#0072B2', '#009E73', '#D98E04', '#7A4FB5', '#C4452B'],
  dark: ['#7F8C99', '#56A8E8', '#3CC79A', '#F0B440', '#B394E8', '#F08A72'],
};

const count = new Intl.NumberFormat();

/** The same in words, for those who do not see the canvas. */
function inWords({ labels, series }: Pick<Bars, 'labels' | 'series'>): string {
  return labels
    .map((label, nth) => {
      const parts = series.map(
        ({ label: name, values }) => `${count.format(values[nth] ?? 0)} ${name.toLowerCase()}`,
      );
      return `${label}: ${parts.join(', ')}`;
    })
    .join('. ');
}

/** Stacked bars, one for each label, lying so that their names stay level. */
export function CardBars({ title, labels, series }: Pick<Bars, 'labels' | 'series'> & { title: string }) {
  const { scheme } = useScheme();
  const data = useMemo(
    () => ({
      labels: [...labels],
      datasets: series.map(({ label, values }, nth) => ({
        label,
        data: [...values],
        backgroundColor: inks[scheme][nth % inks[scheme].length] as string,
        borderColor: palettes[scheme].container,
        borderWidth: 1,
        maxBarThickness: 56,
      })),
    }),
    [labels, series, scheme],
  );
  const options = useMemo(() => optionsIn(scheme), [scheme]);
  if (series.every(({ values }) => values.every((value) => value === 0))) {
    return <p>There is nothing to chart yet.</p>;
  }
  return (
    <div className="cad-chart">
      <Bar data={data} options={options} role="img" aria-label={`${title}. ${inWords({ labels, series })}`} />
    </div>
  );
}

function optionsIn(scheme: Scheme): ChartOptions<'bar'> {
  const { grey60, grey80, border } = palettes[scheme];
  const ticks = { color: grey60 };
  return {
    indexAxis: 'y',
    responsive: true,
    maintainAspectRatio: false,
    animation: false,
    scales: {
      x: { stacked: true, ticks: { ...ticks, maxTicksLimit: 6 }, grid: { color: border } },
      y: { stacked: true, ticks: { color: grey80 }, grid: { display: false } },
    },
    plugins: { legend: { position: 'bottom', labels: { color: grey80, boxWidth: 12, boxHeight: 12 } } },
  };
}
