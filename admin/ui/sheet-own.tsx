const mono = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace";

const chip = (tone: string, ink: string, ground: string) =>
  `.cad-chip--${tone} { color: var(--cad-${ink}); background: var(--cad-${ground}); }`;

const parts = `
.cad-network { display: inline-flex; align-items: center; gap: 4px; white-space: nowrap; max-width: 100%; }
.cad-network code, .cad-mono { font-family: ${mono}; font-size: 13px; font-variant-numeric: tabular-nums; }
.cad-icon {
  display: inline-flex; align-items: center; justify-content: center; gap: 6px; min-width: 32px; height: 32px;
  padding: 0 6px; border: 1px solid transparent; border-radius: 4px; background: none; color: var(--cad-grey80);
  font: inherit; font-size: 14px; line-height: 1; cursor: pointer; text-decoration: none; box-sizing: border-box;
}
.cad-icon:hover { background: var(--cad-highlight); color: var(--cad-text); }
.cad-icon:disabled, .cad-icon:disabled:hover { background: none; color: var(--cad-grey60); opacity: 0.5; cursor: default; }
.cad-icon--outlined { border-color: var(--cad-inputBorder); padding: 0 10px; }
.cad-copy { min-width: 22px; height: 22px; padding: 0 3px; color: var(--cad-grey60); opacity: 0; }
.cad-network:hover .cad-copy, .cad-copy:focus-visible, .cad-copy--done { opacity: 1; }
@media (hover: none) { .cad-copy { opacity: 1; } }

.cad-chip {
  display: inline-flex; align-items: center; gap: 6px; padding: 2px 9px 2px 7px; border-radius: 10px;
  font-size: 12px; line-height: 16px; font-weight: 600; white-space: nowrap;
}
.cad-chip::before { content: ''; width: 7px; height: 7px; border-radius: 50%; background: currentColor; }
${chip('good', 'successDark', 'successLight')}
${chip('held', 'infoDark', 'infoLight')}
${chip('warn', 'warningDark', 'warningLight')}
${chip('bad', 'errorDark', 'errorLight')}
${chip('plain', 'grey80', 'grey20')}
.cad-chip--plain::before { background: none; box-shadow: inset 0 0 0 1.5px currentColor; }

.cad-usage { position: relative; display: inline-flex; align-items: center; gap: 8px; min-width: 128px; width: 100%; max-width: 220px; }
.cad-usage__track {
  flex: 1; min-width: 64px; height: 8px; border-radius: 4px; background: var(--cad-grey20);
  box-shadow: inset 0 0 0 1px var(--cad-separator); overflow: hidden;
}
.cad-usage__level { display: block; height: 100%; border-radius: 4px; background: var(--cad-primary100); }
.cad-usage__level--warn { background: var(--cad-warning); }
.cad-usage__level--bad { background: var(--cad-error); }
.cad-usage__text { min-width: 52px; text-align: right; font-size: 13px; font-variant-numeric: tabular-nums; }

.cad-check { width: 17px; height: 17px; margin: 0; vertical-align: middle; accent-color: var(--cad-primary100); cursor: pointer; }
.cad-tags { display: inline-flex; flex-wrap: wrap; gap: 4px; }
.cad-tag {
  padding: 1px 7px; border: 1px solid var(--cad-separator); border-radius: 4px;
  font-size: 12px; line-height: 16px; color: var(--cad-grey80);
}
.cad-color { display: inline-flex; align-items: center; gap: 8px; white-space: nowrap; }
.cad-color__swatch { width: 16px; height: 16px; border: 1px solid var(--cad-inputBorder); border-radius: 4px; }
.cad-color input {
  width: 52px; height: 34px; padding: 3px; border: 1px solid var(--cad-inputBorder); border-radius: 4px;
  background: var(--cad-container); cursor: pointer; box-sizing: border-box;
}
.cad-color code { font-family: ${mono}; font-size: 13px; }
.cad-json {
  margin: 0; padding: 10px 12px; border: 1px solid var(--cad-border); border-radius: 4px; background: var(--cad-bg);
  font-family: ${mono}; font-size: 13px; line-height: 1.45; white-space: pre-wrap; overflow-wrap: anywhere;
}
.cad-clip { display: inline-block; max-width: 260px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.cad-text { white-space: pre-wrap; overflow-wrap: anywhere; }
.cad-related { display: flex; flex-wrap: wrap; gap: 4px 16px; }
.cad-none { color: var(--cad-grey60); }
.cad-link { color: var(--cad-primary100); text-decoration: none; }
.cad-link:hover { text-decoration: underline; }
.cad-hint, .cad-fault { margin-top: 4px; font-size: 13px; line-height: 1.4; color: var(--cad-grey60); }
.cad-fault { color: var(--cad-error); }
.cad-field .adminjs_Input, .cad-field .adminjs_TextArea { width: 100%; }
.cad-field .cad-code { font-family: ${mono}; font-size: 13px; line-height: 1.45; resize: vertical; }
.cad-fieldset { margin: 0 0 24px; padding: 12px 16px 0; border: 1px solid var(--cad-border); border-radius: 4px; }
.cad-fieldset legend { padding: 0 6px; font-size: 13px; font-weight: 600; color: var(--cad-grey80); }
.cad-values { display: grid; gap: 6px; margin: 0; }
.cad-values div { display: grid; grid-template-columns: minmax(96px, 160px) 1fr; gap: 12px; }
.cad-values dt { color: var(--cad-grey60); }
.cad-values dd { margin: 0; overflow-wrap: anywhere; }
.cad-hidden {
  position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap;
}
`;

const frame = `
.cad-top {
  display: flex; align-items: center; gap: 4px; flex-shrink: 0; height: 52px; padding: 0 16px;
  border-bottom: 1px solid var(--cad-border); background: var(--cad-container);
}
.cad-top__menu { display: none; }
@media (max-width: 1023px) { .cad-top__menu { display: inline-flex; } }
.cad-top__who { margin: 0 8px 0 auto; font-size: 14px; text-align: right; line-height: 1.25; min-width: 0; }
.cad-top__who small { display: block; font-size: 12px; color: var(--cad-grey60); }
.cad-search { flex: 1; max-width: 420px; min-width: 0; }
.cad-search form { position: relative; }
.cad-search svg { position: absolute; left: 9px; top: 8px; color: var(--cad-grey60); pointer-events: none; }
.cad-search input {
  width: 100%; height: 32px; padding: 0 8px 0 32px; border: 1px solid var(--cad-inputBorder); border-radius: 4px;
  background: var(--cad-bg); color: var(--cad-text); font: inherit; font-size: 14px; box-sizing: border-box;
}
.cad-search input::placeholder { color: var(--cad-grey60); opacity: 1; }
@media (max-width: 640px) {
  .cad-top { flex-wrap: wrap; height: auto; padding: 8px 12px; }
  .cad-search { order: 1; flex-basis: 100%; max-width: none; }
}
.cad-found { display: block; margin-top: 2px; font-size: 13px; }
.cad-found > span { margin-right: 12px; }
.cad-brand {
  display: inline-flex; align-items: center; gap: 10px; font-size: 19px; font-weight: 650; letter-spacing: -0.01em;
  color: var(--cad-text); text-decoration: none;
}
.cad-brand--side { padding: 12px 20px 8px; }
.cad-brand svg { color: var(--cad-primary100); flex-shrink: 0; }
.cad-title { font-size: 18px; font-weight: 600; }
.cad-pager {
  display: flex; align-items: center; justify-content: flex-end; gap: 4px; padding: 8px 12px 0;
  font-size: 14px; color: var(--cad-grey60); font-variant-numeric: tabular-nums;
}
.cad-pager span:first-child { margin-right: 8px; }
.cad-nav { padding: 8px 12px; font-size: 14px; }
.cad-nav h2 { padding: 12px 8px 4px; font-size: 12px; font-weight: 600; color: var(--cad-grey60); }
.cad-nav a {
  display: flex; align-items: center; gap: 10px; padding: 7px 8px; border-radius: 4px;
  color: var(--cad-grey80); text-decoration: none;
}
.cad-nav a:hover { background: var(--cad-highlight); color: var(--cad-text); }
.cad-nav a[aria-current] { background: var(--cad-primary20); color: var(--cad-primary100); font-weight: 600; }
.cad-login {
  display: flex; align-items: center; justify-content: center; min-height: 100%; padding: 16px; box-sizing: border-box;
}
.cad-login form {
  width: 100%; max-width: 360px; padding: 28px; border: 1px solid var(--cad-border); border-radius: 8px;
  background: var(--cad-container); box-sizing: border-box;
}
.cad-login p { margin: 10px 0 20px; line-height: 1.45; font-size: 14px; color: var(--cad-grey60); }
.cad-login label { display: block; margin: 14px 0 6px; font-size: 14px; font-weight: 500; }
.cad-login input { width: 100%; }
.cad-login button { width: 100%; margin-top: 22px; }
.cad-alert {
  padding: 10px 12px; border-radius: 4px; border-left: 3px solid currentColor; font-size: 14px; line-height: 1.45;
  color: var(--cad-errorDark); background: var(--cad-errorLight);
}
`;

const cards = `
.cad-page { flex-grow: 1; padding: 20px 24px 32px; font-size: 14px; }
.cad-page__head { display: flex; align-items: center; justify-content: space-between; gap: 12px; margin-bottom: 16px; }
.cad-page__head h1 { font-size: 22px; font-weight: 600; }
.cad-grid { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 16px; }
.cad-card {
  display: flex; flex-direction: column; min-width: 0; padding: 16px 18px; border: 1px solid var(--cad-border); border-radius: 8px;
  background: var(--cad-container);
}
.cad-card--full { grid-column: 1 / -1; }
.cad-card h2 { margin-bottom: 12px; font-size: 15px; font-weight: 600; }
.cad-card p { line-height: 1.5; color: var(--cad-grey60); }
.cad-figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); gap: 14px 12px; }
.cad-figures dt { font-size: 13px; color: var(--cad-grey60); }
.cad-figures dd { margin-bottom: 4px; font-size: 22px; line-height: 1.2; font-variant-numeric: tabular-nums; }
.cad-figures div { display: flex; flex-direction: column-reverse; }
.cad-chart { position: relative; flex: 1; min-width: 0; min-height: 280px; max-height: 400px; }
.cad-scroll { overflow-x: auto; }
.cad-table { width: 100%; font-size: 14px; }
.cad-table th {
  padding: 6px 10px 6px 0; text-align: left; font-size: 13px; font-weight: 600; color: var(--cad-grey60);
  white-space: nowrap; border-bottom: 1px solid var(--cad-separator);
}
.cad-table td { padding: 7px 10px 7px 0; line-height: 1.35; border-bottom: 1px solid var(--cad-border); }
.cad-table tr:last-child td { border-bottom: 0; }
.cad-table time { white-space: nowrap; }
.cad-table .cad-number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
@media (max-width: 900px) {
  .cad-page { padding: 14px 12px 24px; }
  .cad-grid { grid-template-columns: minmax(0, 1fr); }
}
`;

const records = `
.cad-icon--filled { padding: 0 12px; background: var(--cad-primary100); color: var(--cad-white); font-weight: 600; }
.cad-icon--filled:hover { background: var(--cad-primary80); color: var(--cad-white); }
.cad-acts, .cad-progress, .cad-facts {
  margin-bottom: 20px; padding: 14px 16px; border: 1px solid var(--cad-border); border-radius: 8px; background: var(--cad-bg); font-size: 14px;
}
.cad-acts { display: grid; gap: 12px; }
.cad-acts__row { display: flex; flex-wrap: wrap; gap: 8px; }
.cad-acts__says, .cad-says { line-height: 1.45; color: var(--cad-grey80); overflow-wrap: anywhere; }
.cad-says { margin-bottom: 20px; font-size: 14px; }
.cad-act { display: grid; grid-template-columns: 184px minmax(0, 1fr); gap: 4px 16px; align-items: center; }
.cad-act > button { justify-content: flex-start; }
.cad-act__form, .cad-act > .adminjs_MessageBox { grid-column: 1 / -1; }
.cad-act__form { margin: 8px 0; padding-left: 14px; border-left: 3px solid var(--cad-primary60); max-width: 560px; }
.cad-progress__head { display: flex; align-items: center; gap: 14px; margin-bottom: 14px; }
.cad-progress__track {
  flex: 1; height: 12px; border-radius: 6px; background: var(--cad-grey20); box-shadow: inset 0 0 0 1px var(--cad-separator); overflow: hidden;
}
.cad-progress__level { height: 100%; border-radius: 6px; background: var(--cad-primary100); transition: width 0.25s linear; }
.cad-progress__level--ended { background: var(--cad-success); }
.cad-progress__text { font-variant-numeric: tabular-nums; white-space: nowrap; }
.cad-progress__text small { margin-left: 8px; font-size: 13px; color: var(--cad-grey60); }
.cad-facts h2 { margin-bottom: 10px; font-size: 13px; font-weight: 600; color: var(--cad-grey60); }
.cad-facts dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(168px, 1fr)); gap: 12px 20px; }
.cad-facts dt { margin-bottom: 2px; font-size: 13px; color: var(--cad-grey60); }
.cad-facts dd { margin: 0; overflow-wrap: anywhere; }
.cad-facts-line { display: inline-flex; flex-wrap: wrap; gap: 0 14px; max-width: 300px; overflow-wrap: anywhere; }
.cad-compare code { overflow-wrap: anywhere; }
.cad-compare th[scope='row'] { color: var(--cad-grey80); padding-right: 20px; border-bottom-color: var(--cad-border); }
.cad-compare__differs td { background: var(--cad-errorLight); }
.cad-compare__differs td code { font-weight: 650; color: var(--cad-errorDark); }
.cad-compare td, .cad-compare th + th { padding-left: 8px; }
.cad-table tr:last-child th[scope='row'] { border-bottom: 0; }
.cad-compare .cad-chip { margin-left: 10px; }
@media (max-width: 640px) {
  .cad-act { grid-template-columns: minmax(0, 1fr); }
  .cad-progress__head { flex-wrap: wrap; gap: 6px; }
  .cad-progress__track { flex-basis: 100%; }
}
`;

/** The look of our own parts, of the frame around every page, of the dashboard's cards, and of what stands on records' pages. */
export const ownSheet = `${parts}${frame}${cards}${records}`;
