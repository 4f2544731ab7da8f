import { Icon } from '@adminjs/design-system';
import React, { useEffect, useState } from 'react';
import { Link } from 'react-router-dom';

interface NetworkProps {
  /** A CIDR, an address or a MAC address. */
  value: string;
  /** The page of its record. */
  to?: string | undefined;
  /** Leaves the button out of the order of the tab key: in a list a stop for each cell would bar the way. */
  inList?: boolean;
}

/** Plain HTTP has no clipboard API; an event of our own copies there, too. */
async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const put = (event: ClipboardEvent) => {
    event.clipboardData?.setData('text/plain', text);
    event.preventDefault();
  };
  document.addEventListener('copy', put, { once: true });
  document.execCommand('copy');
}

/** An address, block or MAC in one piece, with a button that copies it. */
export function Network({ value, to, inList = false }: NetworkProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);

  async function copy(event: React.MouseEvent) {
    // The row around it opens the record.
    event.stopPropagation();
    await copyText(value);
    setCopied(true);
  }

  return (
    <span className="cad-network">
      {to === undefined ? (
        <code>{value}</code>
      ) : (
        <Link className="cad-link" to={to}>
          <code>{value}</code>
        </Link>
      )}
      <button
        type="button"
        className={`cad-icon cad-copy${copied ? ' cad-copy--done' : ''}`}
        aria-label={`Copy ${value}`}
        title={copied ? 'Copied' : 'Copy'}
        tabIndex={inList ? -1 : 0}
        onClick={copy}
      >
        <Icon icon={copied ? 'Check' : 'Copy'} size={14} />
      </button>
      <span className="cad-hidden" role="status">
        {copied ? 'Copied' : ''}
      </span>
    </span>
  );
}
