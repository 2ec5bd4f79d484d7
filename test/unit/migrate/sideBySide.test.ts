import { describe, expect, it } from 'vitest';
import { sideBySide } from '../../../src/migrate/sideBySide.js';

describe('works side by side', () => {
  it('tells the others of a failure at once, and throws it only when all have ended', async () => {
    const happened: string[] = [];
    let failed: () => void = () => undefined;
    const told = new Promise<void>((resolve) => (failed = resolve));
    const patient = async (): Promise<void> => {
      await told;
      happened.push('the other has ended');
    };
    const failing = (): Promise<void> => Promise.reject(new Error('refused'));
    const outcome = sideBySide([patient, failing], () => {
      happened.push('told');
      failed();
    });
    await expect(outcome.finally(() => happened.push('thrown'))).rejects.toThrow('refused');
    expect(happened).toEqual(['told', 'the other has ended', 'thrown']);
  });

  it('ends when all have ended', async () => {
    const done: number[] = [];
    const works = [1, 2, 3].map((number) => async () => {
      await Promise.resolve();
      done.push(number);
    });
    await sideBySide(works, () => done.push(-1));
    expect(done).toEqual([1, 2, 3]);
  });
});
