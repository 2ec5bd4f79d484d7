import { quoteText } from '../../sqlserver/quoteName.js';
import { withDestination, type StageContext } from '../stageContext.js';
import { isMapped, type EntityShape } from './entityShape.js';
import type { LookupContext } from './lookup.js';

/** Keys of an entity from which on a plan that expects none of them costs more than the statistics do. */
const worthwhileKeys = 1_000;

/**
 * Renews the statistics of the key map once an entity's keys are written, before others look them up. SQL Server renews
 * them by itself only after changes of a fifth of the table or so, and until then they say that no row is of this
 * run: its number is higher than any they know. An update that is refused (it needs ALTER on the table) or that meets
 * another one costs nothing but speed, so it fails no batch.
 */
export async function renewMapStatistics(
  context: StageContext,
  lookupContext: LookupContext,
  shape: EntityShape,
  keys: number,
): Promise<void> {
  if (keys < worthwhileKeys || !isMapped(lookupContext.plan, shape.node)) return;
  const map = lookupContext.state.table(shape.node.keyKind === 'text' ? 'key_map_text' : 'key_map');
  // In a scope of its own: an error that arises as the statement is compiled is not caught where it stands.
  const update = `EXEC (${quoteText(`UPDATE STATISTICS ${map};`)});`;
  const [refused] = await withDestination(context, (session) =>
    session.rows(`BEGIN TRY ${update} END TRY BEGIN CATCH SELECT ERROR_NUMBER(); END CATCH;`),
  );
  if (refused !== undefined) {
    const details = { entity: shape.name, sqlNumber: Number(refused[0]) };
    context.log.info(details, 'statistics of the key map could not be renewed');
  }
}
