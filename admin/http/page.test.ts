import assert from 'node:assert/strict';
import { safePage } from './page.ts';

describe('a page made safe', () => {
  const page = (state: unknown) => `<html><head>
      <script>
        window.REDUX_STATE = ${JSON.stringify(state)};
        window.THEME = {};
      </script>
      <link rel="stylesheet" href="https://fonts.googleapis.com/css?family=Roboto" type="text/css">
      <script src="/admin/frontend/assets/app.bundle.js"></script>
      <style>a {}</style>
      <script>
          window.__APP_STATE__ = JSON.parse('${JSON.stringify(state)}');
      </script>`;

  it("does not let a user's title end the script that it stands in", () => {
    const title = "</script><script>alert('1')</script>\u2028 $& $1";
    const { html } = safePage(page({ title }), 'v1');
    assert.ok(!html.includes('</script><script>alert'));
    assert.equal(html.match(/<\/script>/g)?.length, 4);
    const state = /REDUX_STATE = (.*);/.exec(html)?.[1] ?? '';
    assert.equal(JSON.parse(state).title, title);
    const login = /JSON\.parse\((.*)\);/.exec(html)?.[1] ?? '';
    assert.equal(JSON.parse(JSON.parse(login)).title, title);
  });

  it('keeps its state whatever hosts somebody is named after', () => {
    const { html } = safePage(page({ title: '<link fonts.googleapis.com>' }), 'v1');
    assert.match(html, /REDUX_STATE/);
  });

  it('asks no other host, and versions its scripts', () => {
    const { html } = safePage(page({}), 'abc');
    assert.ok(!html.includes('googleapis'));
    assert.match(html, /app\.bundle\.js\?v=abc"/);
  });
});
