import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { expectWholeRefresh, startWithLeastRights, tablesOfItsOwn } from '../support/leastRights.js';
import type { PreparedEnvironments } from '../support/preparedEnvironments.js';
import type { RefreshRig } from '../support/refreshRig.js';

/** For a whole refresh or more, on a machine that may have other things to do. Milliseconds. */
const slowMachine = 300_000;

const destination = 'leastRights';

let environments: PreparedEnvironments;
let rig: RefreshRig;
let stop: (() => Promise<void>) | undefined;

beforeAll(async () => {
  ({ environments, rig, stop } = await startWithLeastRights(destination, 'destination'));
});

afterAll(() => stop?.());

beforeEach(({ onTestFailed }) => {
  onTestFailed(async () => void process.stderr.write(`${await rig.log()}\n`));
});

describe('with destination.sql, everything that a refresh can use and nothing else', { timeout: slowMachine }, () => {
  it('a whole refresh comes to a verified end, with a schema that it created', async () => {
    await expectWholeRefresh(rig, environments, destination);
    expect(await tablesOfItsOwn(environments)).toBeGreaterThan(0);
  });
});
