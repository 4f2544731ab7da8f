import { BaseRecord, type CurrentAdmin, type RecordJSON } from 'adminjs';
import { besideParameter } from './beside.ts';
import type { RegisterResource } from './resource.ts';

/** A record that is called by its title and, in brackets, what tells it from others of the same title. */
export class TitledRecord extends BaseRecord {
  override title(): string {
    const { view } = this.resource as RegisterResource;
    const title = this.get(view.title);
    const beside = this.get(besideParameter);
    return beside ? `${title} (${beside})` : title;
  }

  override toJSON(currentAdmin?: CurrentAdmin): RecordJSON {
    return { ...super.toJSON(currentAdmin), title: this.title() };
  }
}
