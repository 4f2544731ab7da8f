import { BaseRecord, type BaseResource, type CurrentAdmin, type RecordJSON } from 'adminjs';
import { besideParameter } from './beside.ts';

/** A resource that says by which column its records are called. */
interface Titling extends BaseResource {
  view: { title: string };
}

/** A record that is called by its title and, in brackets, what tells it from others of the same title. */
export class TitledRecord extends BaseRecord {
  override title(): string {
    const { view } = this.resource as Titling;
    const title = this.get(view.title);
    const beside = this.get(besideParameter);
    return beside ? `${title} (${beside})` : title;
  }

  override toJSON(currentAdmin?: CurrentAdmin): RecordJSON {
    return { ...super.toJSON(currentAdmin), title: this.title() };
  }
}
