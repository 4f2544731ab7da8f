import type { Locale } from 'adminjs';
import { type PanelKernel, type RegisteredModel, recordActions, recordFacts } from '#core';
import { columnsOf } from './resource/columns.ts';
import { factsProperty } from './resource/options.ts';
import { texts } from './texts.ts';
import { doneMessage, inSentence, pluralOf, severalOf, withArticle, wordsOf } from './words.ts';

/** What a column is called: as its plugin says, else by its name; a reference is called after what it leads to. */
function propertiesOf(registered: RegisteredModel): Record<string, string> {
  const labels: Readonly<Record<string, string | undefined>> = registered.admin?.labels ?? {};
  return Object.fromEntries(
    [...columnsOf(registered).values()].map(({ name, kind }) => [
      name,
      labels[name] ?? wordsOf(kind === 'reference' ? name.replace(/Id$/, '') : name),
    ]),
  );
}

type Extensions = Pick<PanelKernel, 'extensions'>;

/** What the buttons of a model's records say, other plugins' among them. */
function actionTexts({ admin, definition }: RegisteredModel, kernel: Extensions) {
  const foreign = kernel
    .extensions(recordActions)
    .filter(({ table }) => table === definition.table)
    .map(({ name, action }) => [name, action] as const);
  const all = [...foreign, ...Object.entries(admin?.actions ?? {})];
  return {
    labels: Object.fromEntries(
      all.flatMap(([name, { label }]) => [[name, label] as const, [severalOf(name), label] as const]),
    ),
    messages: Object.fromEntries(all.map(([name, { done }]) => [doneMessage(name), done])),
  };
}

function textsOf(registered: RegisteredModel, kernel: Extensions) {
  const title = wordsOf(registered.name);
  const own = actionTexts(registered, kernel);
  const [facts] = kernel
    .extensions(recordFacts)
    .filter(({ table, inLists }) => table === registered.definition.table && inLists);
  const noun = inSentence(title);
  const plural = inSentence(pluralOf(title));
  return {
    properties: { ...propertiesOf(registered), ...(facts ? { [factsProperty]: facts.title } : {}) },
    actions: {
      new: `New ${noun}`,
      edit: `Edit ${noun}`,
      show: `${title} details`,
      list: pluralOf(title),
      ...own.labels,
    },
    buttons: { createFirstRecord: `Create ${withArticle(noun)}` },
    messages: {
      noRecords: `No ${plural} here`,
      noRecordsInResource: `Either none matches the filter – reset it to see all ${plural} – or there are none yet.`,
      confirmDelete: `Delete this ${noun}? It cannot be brought back from here.`,
      successfullyCreated: `Created ${noun} {{title}}.`,
      successfullyUpdated: `Saved ${noun} {{title}}.`,
      ...own.messages,
      successfullyDeleted: `Deleted ${noun} {{title}}.`,
    },
  };
}

/** The panel's English: its own texts, and the names of these models, of their groups and of their columns. */
export function localeOf(models: readonly RegisteredModel[], kernel: Extensions): Locale {
  const names = models.map(({ name }) => [name, pluralOf(wordsOf(name))]);
  // Without a label of its own AdminJS would Write Every Word Of A Group Large.
  const groups = models.flatMap(({ admin }) => (admin?.group ? [[admin.group, admin.group]] : []));
  return {
    language: 'en',
    availableLanguages: ['en'],
    translations: {
      en: {
        ...texts,
        labels: { ...texts.labels, ...Object.fromEntries([...groups, ...names]) },
        resources: Object.fromEntries(models.map((model) => [model.name, textsOf(model, kernel)])),
      },
    },
  };
}
