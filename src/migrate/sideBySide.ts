/**
 * Runs works at once and waits until all have ended, whatever becomes of them; then throws what the first of them in the
 * list threw.
 * @param failed is called as soon as a work has thrown, so that the others can end by themselves
 */
export async function sideBySide(works: readonly (() => Promise<void>)[], failed: () => void): Promise<void> {
  const ends = await Promise.allSettled(
    works.map((work) =>
      work().catch((error: unknown) => {
        failed();
        throw error;
      }),
    ),
  );
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
