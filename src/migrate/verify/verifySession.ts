import type { DestinationSession, SourceSession } from '../../sqlserver/session.js';
import type { LookupContext } from '../migrateEntities/lookup.js';
import { workItemName } from '../migrateEntities/migrateBatches.js';
import { skippedItems } from '../migrateEntities/skipItem.js';
import { TemporaryTables } from '../migrateEntities/temporaryTables.js';
import type { StageContext } from '../stageContext.js';
import { keyOwners } from '../state/keyOwners.js';
import { enterDone, readLedger, summarizeWork, type LedgerEntry, type WorkSummary } from '../state/ledger.js';
import { runNumberOf } from '../state/run.js';
import { withWriteTransaction } from '../state/transaction.js';

/** Checks that are entered in the ledger together: none writes anything else, so losing some only repeats them. */
const passesATransaction = 50;

/** The batches of the item that was asked for last, which sessions of one call share: they check its entities side by side. */
export interface LastItem {
  read: { readonly item: number; readonly batches: Promise<readonly LedgerEntry[]> } | null;
}

/** What the checks of one session share. What does not change meanwhile is read once: there may be hundreds of checks. */
export class VerifySession {
  readonly #ledger: ReadonlyMap<string, WorkSummary>;
  readonly #passed: string[] = [];
  readonly tables: TemporaryTables;

  private constructor(
    readonly context: StageContext,
    readonly lookupContext: LookupContext,
    readonly source: SourceSession,
    readonly destination: DestinationSession,
    /** Items that the operator gave up. */
    readonly skippedItems: ReadonlySet<number>,
    ledger: ReadonlyMap<string, WorkSummary>,
    readonly lastItem: LastItem,
  ) {
    this.#ledger = ledger;
    this.tables = new TemporaryTables(destination);
  }

  static async open(
    context: StageContext,
    source: SourceSession,
    destination: DestinationSession,
    lastItem: LastItem,
  ): Promise<VerifySession> {
    const { plan, state, run } = context;
    const owners = await keyOwners(destination, state, plan);
    const lookupContext = { plan, state, owners, runNumber: await runNumberOf(destination, state, run) };
    const skipped = await skippedItems(destination, context);
    const ledger = await summarizeWork(destination, state, run.run, 'verify:');
    return new VerifySession(context, lookupContext, source, destination, skipped, ledger, lastItem);
  }

  /** Nodes whose rows the operator gave up. */
  get skippedNodes(): ReadonlySet<number> {
    const { items, entities } = this.context.plan;
    const given = items.filter(({ id }) => this.skippedItems.has(id)).flatMap((item) => item.entities);
    return new Set(given.map((index) => entities[index]?.node ?? -1));
  }

  /** What stood in the ledger of a check when the slice began. */
  ledgerOf(workItem: string): WorkSummary | undefined {
    return this.#ledger.get(workItem);
  }

  /** The batches in which an item moved an entity, in order. */
  async batchesOf(item: number, entity: number): Promise<LedgerEntry[]> {
    const { state, run } = this.context;
    if (this.lastItem.read?.item !== item) {
      const batches = readLedger(this.destination, state, run.run, workItemName(item));
      this.lastItem.read = { item, batches };
    }
    return (await this.lastItem.read.batches).filter((entry) => entry.entity === entity);
  }

  /** Notes a check that found nothing wrong; it is entered in the ledger with others. */
  async pass(workItem: string): Promise<void> {
    this.#passed.push(workItem);
    if (this.#passed.length >= passesATransaction) await this.enterPassed();
  }

  /** Enters what has passed so far. */
  async enterPassed(): Promise<void> {
    const passed = this.#passed.splice(0);
    if (passed.length === 0) return;
    const { context, destination } = this;
    await withWriteTransaction(destination, context.state, context.run, false, (transaction) =>
      enterDone(
        transaction,
        context.state,
        passed.map((workItem) => ({ workItem, rowsWritten: 0, last: true })),
      ),
    );
  }
}
