/** What AdminJS's own parts need to be dense, legible in the dark and usable with a keyboard or on a phone. */
export const adminjsSheet = `
body {
  background: var(--cad-bg);
  color: var(--cad-text);
  font-family: system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif;
}
:focus-visible {
  outline: 2px solid var(--cad-primary100);
  outline-offset: 2px;
}
@media (prefers-reduced-motion: reduce) {
  *, *::before, *::after { transition: none !important; animation: none !important; }
}

/* In sight from a small laptop on; below it is off the screen, and must not be in the order of the tab key either. */
@media (min-width: 1024px) {
  [data-css='sidebar'] { position: static; }
}
@media (max-width: 1023px) {
  [data-css='sidebar'].hidden { visibility: hidden; }
}
[data-css$='-list'] { padding: 20px 24px; }
[data-css$='-list'] > section:first-child { min-width: 0; }
@media (max-width: 900px) {
  [data-css$='-list'] { padding: 12px; }
}

/* Lists: more rows on a screen, addresses whole. */
[data-css$='-table-wrapper'] { padding: 0 0 8px; overflow-x: auto; border: 1px solid var(--cad-border); }
.adminjs_Table { border: 0; }
.adminjs_Table .adminjs_TableCell {
  height: 38px;
  padding: 2px 10px;
  border-top: 0;
  border-bottom: 1px solid var(--cad-border);
  box-sizing: border-box;
  vertical-align: middle;
  word-break: normal;
  overflow-wrap: break-word;
  font-size: 14px;
  line-height: 1.35;
}
.adminjs_Table time { white-space: nowrap; }
.adminjs_TableHead .adminjs_TableCell, .adminjs_TableHead .adminjs_TableCell a {
  text-align: left;
  font-size: 13px;
  color: var(--cad-grey60);
  font-weight: 600;
  text-decoration: none;
  white-space: nowrap;
}
.adminjs_TableHead .adminjs_TableCell a:hover { color: var(--cad-text); text-decoration: underline; }
.adminjs_TableHead { background: var(--cad-highlight); }
.adminjs_TableBody tr { cursor: pointer; }
.adminjs_TableBody tr:not(.selected):hover { background: var(--cad-highlight); }
.adminjs_TableBody tr.selected { background: var(--cad-primary20); }
.adminjs_Table .cad-actions { width: 1%; padding: 2px 6px; text-align: right; white-space: nowrap; }
.adminjs_Table .adminjs_Button_Text, .adminjs_TableCell a[variant='text'] { padding: 0; line-height: 1.35; }
.adminjs_TableCaption { position: static; transform: none; border-radius: 0; }
@media (max-width: 769px) {
  .adminjs_TableHead .cad-roomy { display: none; }
}

/* A record's facts side by side, and its form no wider than a line is read. */
@media (min-width: 900px) {
  [data-css$='-show-drawer-content'] {
    display: grid;
    grid-template-columns: repeat(2, minmax(0, 1fr));
    column-gap: 32px;
    align-content: start;
  }
  [data-css$='-show-drawer-content'] > :not([data-testid]),
  [data-css$='-show-drawer-content'] > [data-testid]:has(.cad-json, .cad-related, .cad-table) { grid-column: 1 / -1; }
}
[data-css$='-edit-form'], [data-css$='-new-form'] { max-width: 720px; }

/* White on grey was not legible. */
.adminjs_Badge {
  background: var(--cad-grey20);
  border-color: var(--cad-separator);
  color: var(--cad-grey80);
}
button.adminjs_Button:disabled, button.adminjs_Button:disabled:hover {
  background-color: var(--cad-highlight);
  color: var(--cad-grey60);
}
.adminjs_Header { font-weight: 600; margin-top: 0; }
.adminjs_H2 { margin-bottom: 8px; }
.adminjs_Text { font-weight: 400; }

/* A field that names its label must look like a field in either scheme. */
.adminjs_Input, .adminjs_TextArea {
  background: var(--cad-container);
  border-radius: 4px;
}
select.adminjs_Input { height: 34px; }
.adminjs_Input:focus-visible, .adminjs_TextArea:focus-visible { outline-offset: 0; }
.adminjs_Checkbox input:focus-visible + a { outline: 2px solid var(--cad-primary100); outline-offset: 2px; }
.adminjs_Label { color: var(--cad-grey80); font-weight: 500; }
.select__option--is-selected { color: var(--cad-white) !important; }

/* Messages fit a phone. */
[data-css='notice'] { right: 0; left: 0; pointer-events: none; }
[data-css='notice-wrapper'] { align-items: center; }
[data-css='notice-wrapper'] > * {
  min-width: 0 !important;
  max-width: calc(100vw - 16px);
  pointer-events: auto;
  box-shadow: 0 4px 16px rgba(0, 0, 0, 0.25);
}
#drawerPortal, .adminjs_Drawer { max-width: 100vw; box-shadow: -1px 0 0 var(--cad-border), -4px 0 16px rgba(0, 0, 0, 0.2); }
`;
