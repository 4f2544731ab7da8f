import assert from 'node:assert/strict';
import { branding, palettes, schemeOf } from './appearance.ts';
import { contrast } from './ink.ts';

describe('the appearance of the panel', () => {
  for (const [scheme, colors] of Object.entries(palettes)) {
    const read = (name: string) => colors[name as keyof typeof colors];
    it(`is readable in the ${scheme} scheme`, () => {
      const pairs = [
        ...['text', 'grey100', 'grey80', 'grey60', 'primary100', 'error', 'success', 'warning'].flatMap(
          (ink) => ['container', 'bg', 'highlight', 'grey20'].map((ground) => [ink, ground]),
        ),
        ...['error', 'success', 'warning', 'info'].map((word) => [`${word}Dark`, `${word}Light`]),
        ...['primary100', 'error', 'success', 'accent', 'info'].map((ground) => ['white', ground]),
        ['primary100', 'primary20'],
      ];
      for (const [ink = '', ground = ''] of pairs) {
        const ratio = contrast(read(ink), read(ground));
        assert.ok(ratio >= 4.5, `${ink} on ${ground} has ${ratio.toFixed(2)}`);
      }
      const border = contrast(read('inputBorder'), read('container'));
      assert.ok(border >= 3, `the border of inputs has ${border.toFixed(2)}`);
    });
  }

  it('asks no other host for anything', () => {
    for (const picture of [branding.logo, branding.favicon]) {
      assert.match(String(picture), /^data:image\/svg\+xml,[^"<>]+$/);
    }
    assert.doesNotMatch(JSON.stringify(branding.theme), /https?:/);
  });

  it('takes a choice from the cookie only where it is one', () => {
    assert.deepEqual(['dark', 'light', 'DARK', '', undefined].map(schemeOf), [
      'dark',
      'light',
      undefined,
      undefined,
      undefined,
    ]);
  });
});
