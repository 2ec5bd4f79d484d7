import { currentDatetime } from '../clock.js';
import type { CheckEntity, ColumnEntity } from '../catalog/entities.js';
import { quotePostgres } from '../catalog/names.js';
import { checkName } from '../session/postgresErrors.js';
import type { CheckConstraint } from '../../tsql/ast.js';
import { translateCheck } from '../interpreter/translation.js';
import { conditionDefinition } from './definitionText.js';
import type { TableDraft } from './tableDraft.js';

/** Adds a CHECK constraint; `trusted` false (WITH NOCHECK) leaves the rows that are there unchecked. */
export async function addCheck(
  draft: TableDraft,
  constraint: CheckConstraint,
  column: ColumnEntity | undefined,
  trusted: boolean,
): Promise<void> {
  const objectId = draft.nextObjectId();
  const name = constraint.name ?? draft.generatedName('CK', objectId, column?.name);
  draft.claimName(name);
  const postgresExpression = translateCheck(draft.session, constraint.condition, draft.entity);
  const entity: CheckEntity = {
    objectId,
    name,
    systemNamed: constraint.name === undefined,
    createDate: currentDatetime().toString(),
    postgresName: checkName(objectId),
    definition: conditionDefinition(constraint.condition) ?? `(${constraint.definition.trim()})`,
    postgresExpression,
    columnId: column?.id ?? 0,
    disabled: false,
    notTrusted: !trusted,
    notForReplication: constraint.notForReplication,
  };
  draft.change({ checks: [...draft.entity.checks, entity] });
  await createCheck(draft, entity, trusted);
}

/** Makes the constraint in PostgreSQL. Bulk loads that ignore constraints switch sandbox.skip_checks on. */
export async function createCheck(draft: TableDraft, check: CheckEntity, validate: boolean): Promise<void> {
  const condition = `(${check.postgresExpression}) or sandbox.skips_checks()`;
  const later = validate ? '' : ' not valid';
  await draft.execute(
    `alter table ${draft.entity.postgresName} add constraint ${quotePostgres(check.postgresName)} check (${condition})${later}`,
  );
}

export async function dropCheck(draft: TableDraft, check: CheckEntity): Promise<void> {
  await draft.execute(
    `alter table ${draft.entity.postgresName} drop constraint if exists ${quotePostgres(check.postgresName)}`,
  );
}
