import { Icon } from '@adminjs/design-system';
import { ViewHelpers } from 'adminjs';
import React, { type FormEvent, useEffect, useRef } from 'react';
import { useLocation, useNavigate } from 'react-router-dom';

/** Whether what is typed goes somewhere already. */
function takesText(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** Finds records of every kind; the key / leads to it from anywhere on the page. */
export function SearchBox() {
  const input = useRef<HTMLInputElement>(null);
  const navigate = useNavigate();
  const { pathname, search } = useLocation();
  const page = new ViewHelpers().pageUrl('search');
  const typed = pathname === page ? (new URLSearchParams(search).get('q') ?? '') : '';

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || takesText(event.target))
        return;
      event.preventDefault();
      input.current?.focus();
      input.current?.select();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);

  function submit(event: FormEvent) {
    event.preventDefault();
    const q = input.current?.value.trim() ?? '';
    if (q !== '') navigate(`${page}?q=${encodeURIComponent(q)}`);
  }

  return (
    <search className="cad-search">
      <form onSubmit={submit}>
        <Icon icon="Search" size={16} />
        <input
          key={typed}
          ref={input}
          type="search"
          name="q"
          defaultValue={typed}
          maxLength={255}
          aria-label="Search"
          aria-keyshortcuts="/"
          placeholder="Address, name, MAC, VLAN … ( / )"
          autoComplete="off"
          spellCheck={false}
        />
      </form>
    </search>
  );
}
