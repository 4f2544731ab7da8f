import { fileURLToPath } from 'node:url';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Our components by the names that options use, as paths without extension: for `ComponentLoader.add`. */
export const components: Readonly<Record<string, string>> = {
  Act: at('pages/act'),
  BulkEdit: at('pages/bulk-edit'),
  ColorCell: at('ui/color-cell'),
  ColorEditor: at('ui/color-editor'),
  CompareCell: at('ui/compare-cell'),
  Dashboard: at('pages/dashboard'),
  FactsCell: at('ui/facts-cell'),
  FieldsCell: at('ui/fields-cell'),
  FieldsEditor: at('ui/fields-editor'),
  JsonCell: at('ui/json-cell'),
  JsonEditor: at('ui/json-editor'),
  MomentEditor: at('ui/moment-editor'),
  NetworkCell: at('ui/network-cell'),
  RelatedCell: at('ui/related-cell'),
  Remove: at('pages/remove'),
  Search: at('pages/search'),
  SpanCell: at('ui/span-cell'),
  StatusChip: at('ui/status-cell'),
  TableCell: at('ui/table-cell'),
  TagsCell: at('ui/tags-cell'),
  TagsEditor: at('ui/tags-editor'),
  TimeCell: at('ui/time-cell'),
  UsageCell: at('ui/usage-cell'),
};

/** What takes the place of AdminJS's own components, by their names: for `ComponentLoader.override`. */
export const overrides: Readonly<Record<string, string>> = {
  ActionHeader: at('ui/page-header'),
  Application: at('ui/application'),
  DefaultBooleanFilterProperty: at('ui/filter-field'),
  DefaultDatetimeEditProperty: at('ui/moment-editor'),
  DefaultDatetimeFilterProperty: at('ui/filter-field'),
  DefaultEditProperty: at('ui/text-editor'),
  DefaultFilterProperty: at('ui/filter-field'),
  DefaultListAction: at('ui/list-page'),
  DefaultListProperty: at('ui/text-cell'),
  DefaultReferenceEditProperty: at('ui/reference-editor'),
  DefaultReferenceFilterProperty: at('ui/reference-filter'),
  DefaultReferenceListProperty: at('ui/reference-cell'),
  DefaultReferenceShowProperty: at('ui/reference-cell'),
  DefaultShowAction: at('ui/record-page'),
  DefaultShowProperty: at('ui/text-cell'),
  FilterDrawer: at('ui/filter-drawer'),
  Login: at('ui/login'),
  RecordInList: at('ui/record-row'),
  RecordsTableHeader: at('ui/table-header'),
  SidebarBranding: at('ui/sidebar-brand'),
  SidebarPages: at('ui/sidebar-pages'),
  SidebarResourceSection: at('ui/sidebar-nav'),
  TopBar: at('ui/top-bar'),
};
