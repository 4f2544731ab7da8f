import { Icon, MessageBox } from '@adminjs/design-system';
import type { RecordJSON, ResourceJSON } from 'adminjs';
import React, { useEffect, useId, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import type { PageParts } from '../resource/options.ts';
import { AskedFields } from './asked-fields.tsx';
import { extraOf } from './extras.ts';
import { useSending } from './sending.ts';

type Action = PageParts['actions'][number];

interface RecordActionsProps {
  resource: ResourceJSON;
  record: RecordJSON;
  actions: readonly Action[];
  /** Gets the record as it is after something was done with it. */
  changed(record: RecordJSON): void;
}

/** What plugins let be done with a record: each button with what it would do, or why it cannot be pressed. */
export function RecordActions({ resource, record, actions, changed }: RecordActionsProps) {
  const [open, setOpen] = useState<string>();
  const states = extraOf(record, '$actions') ?? {};
  const allowed = new Set(record.recordActions.map(({ name }) => name));
  const offOf = ({ name, permission }: Action) =>
    allowed.has(name)
      ? states[name]?.off
      : `Your role may not do this: it takes the permission ${permission}.`;
  const reasons = new Set(actions.map(offOf));
  // Said once where it is the same for all.
  const [shared] = actions.length > 1 && reasons.size === 1 ? reasons : [];
  return (
    <section className="cad-acts" aria-label="What can be done">
      {shared !== undefined && (
        <>
          <div className="cad-acts__row">
            {actions.map((action) => (
              <Press key={action.name} action={action} isOff />
            ))}
          </div>
          <p className="cad-acts__says">{shared}</p>
        </>
      )}
      {shared === undefined &&
        actions.map((action) => (
          <OneAction
            key={action.name}
            action={action}
            says={states[action.name]?.says}
            off={offOf(action)}
            isOpen={open === action.name}
            toggle={(isOpen) => setOpen(isOpen ? action.name : undefined)}
            {...{ resource, record, changed }}
          />
        ))}
    </section>
  );
}

interface PressProps {
  action: Action;
  isOff: boolean;
  describedBy?: string;
  isOpen?: boolean;
  press?(): void;
}

function Press({ action: { label, icon }, isOff, describedBy, isOpen, press }: PressProps) {
  return (
    <button
      type="button"
      className="cad-icon cad-icon--outlined"
      disabled={isOff}
      aria-describedby={describedBy}
      aria-expanded={isOpen}
      onClick={press}
    >
      <Icon icon={icon} size={16} />
      {label}
    </button>
  );
}

interface OneActionProps extends Omit<RecordActionsProps, 'actions'> {
  action: Action;
  says: string | undefined;
  off: string | undefined;
  isOpen: boolean;
  toggle(isOpen: boolean): void;
}

function OneAction({ action, says, off, isOpen, toggle, resource, record, changed }: OneActionProps) {
  const described = useId();
  const navigate = useNavigate();
  const { busy, refusal, send } = useSending();
  const text = off ?? says;

  async function run(values: Readonly<Record<string, string>>) {
    const { version } = record.params;
    const to = { resourceId: resource.id, actionName: action.name, records: [record], isBulk: false };
    const answer = await send(to, {
      ...values,
      ...(version === undefined ? {} : { version: String(version) }),
    });
    if (!answer) return;
    toggle(false);
    if (answer.redirectUrl) navigate(answer.redirectUrl);
    else changed(answer.record as RecordJSON);
  }

  return (
    <div className="cad-act">
      <Press
        action={action}
        isOff={off !== undefined || busy}
        {...(text === undefined ? {} : { describedBy: described })}
        {...(action.isDirect ? {} : { isOpen })}
        press={() => (action.isDirect ? void run({}) : toggle(!isOpen))}
      />
      {text !== undefined && (
        <p id={described} className="cad-acts__says">
          {text}
        </p>
      )}
      {refusal && !isOpen && <MessageBox variant="danger" message={refusal} />}
      {isOpen && off === undefined && (
        <Confirm action={action} busy={busy} refusal={refusal} run={run} close={() => toggle(false)} />
      )}
    </div>
  );
}

interface ConfirmProps {
  action: Action;
  busy: boolean;
  refusal: string;
  run(values: Readonly<Record<string, string>>): Promise<void>;
  close(): void;
}

function Confirm({ action: { label, fields }, busy, refusal, run, close }: ConfirmProps) {
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    form.current?.querySelector<HTMLElement>('input, select, textarea, button')?.focus();
  }, []);
  function submit(event: React.FormEvent) {
    event.preventDefault();
    void run(values);
  }
  return (
    <form
      ref={form}
      className="cad-act__form"
      aria-label={label}
      onSubmit={submit}
      onKeyDown={({ key }) => key === 'Escape' && close()}
    >
      {refusal && <MessageBox variant="danger" message={refusal} mb="default" />}
      <AskedFields fields={fields} values={values} change={setValues} />
      <div className="cad-acts__row">
        <button type="submit" className="cad-icon cad-icon--filled" disabled={busy}>
          {label}
        </button>
        <button type="button" className="cad-icon cad-icon--outlined" onClick={close}>
          Cancel
        </button>
      </div>
    </form>
  );
}
