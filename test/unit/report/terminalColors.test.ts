import { describe, expect, it } from 'vitest';
import { wantsColor } from '../../../src/report/terminalColors.js';

describe('colors are written', () => {
  it.each([
    ['to a terminal', { isTTY: true }, {}, true],
    ['to a terminal, unless NO_COLOR is set', { isTTY: true }, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    ['to no dumb terminal', { isTTY: true }, { TERM: 'dumb' }, false],
    ['to no file or pipe', {}, {}, false],
    ['to no file or pipe of a build server', {}, { CI: 'true' }, false],
    ['wherever FORCE_COLOR is set', {}, { FORCE_COLOR: '1' }, true],
    ['not where FORCE_COLOR is 0', { isTTY: true }, { FORCE_COLOR: '0' }, false],
  ])('%s', (_, stream, environment, wanted) => {
    expect(wantsColor(stream, environment)).toBe(wanted);
  });
});
