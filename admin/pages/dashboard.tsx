import { Icon, Loader } from '@adminjs/design-system';
import { ApiClient, useTranslation } from 'adminjs';
import React, { useCallback, useEffect, useState } from 'react';
import type { DashboardReply, ShownCard } from '../dashboard.ts';
import { Card } from '../ui/card.tsx';
import { CardBars } from '../ui/card-bars.tsx';
import { CardFigures } from '../ui/card-figures.tsx';
import { CardTable } from '../ui/card-table.tsx';

function Content({ card }: { card: ShownCard }) {
  const { title, content, error } = card;
  if (!content) return <p className="cad-alert">{error}</p>;
  switch (content.kind) {
    case 'figures':
      return <CardFigures figures={content.figures} />;
    case 'bars':
      return <CardBars title={title} labels={content.labels} series={content.series} />;
    case 'table':
      return <CardTable title={title} table={content} />;
  }
}

/** The first page: the cards that plugins bring and this person may see. */
const Dashboard: React.FC = () => {
  const { translateLabel } = useTranslation();
  const [reply, setReply] = useState<DashboardReply>();
  const [failed, setFailed] = useState(false);
  const [busy, setBusy] = useState(false);

  const load = useCallback(async () => {
    setBusy(true);
    try {
      const { data } = await new ApiClient().getDashboard<DashboardReply>();
      setReply(data);
      setFailed(false);
    } catch {
      setFailed(true);
    } finally {
      setBusy(false);
    }
  }, []);
  useEffect(() => void load(), [load]);

  return (
    <main className="cad-page" aria-busy={busy}>
      <div className="cad-page__head">
        <h1>{translateLabel('dashboard')}</h1>
        <button type="button" className="cad-icon cad-icon--outlined" disabled={busy} onClick={load}>
          <Icon icon="RefreshCw" size={14} />
          Refresh
        </button>
      </div>
      {failed && (
        <p className="cad-alert" role="alert">
          The dashboard could not be loaded. Is the server reachable? Refresh tries again.
        </p>
      )}
      {!reply && !failed && <Loader />}
      {reply?.cards.length === 0 && <p>There is nothing here that your role may see.</p>}
      <div className="cad-grid">
        {reply?.cards.map((card) => (
          <Card key={card.title} title={card.title} width={card.width}>
            <Content card={card} />
          </Card>
        ))}
      </div>
    </main>
  );
};

export default Dashboard;
