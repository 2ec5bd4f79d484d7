import { describe, expect, it } from 'vitest';
import { shapeOf } from '../../../src/migrate/migrateEntities/entityShape.js';
import { createStagingSql } from '../../../src/migrate/migrateEntities/stagingTable.js';
import type { ColumnType, PlannedNode, RefreshPlan } from '../../../src/plan/refreshPlan.js';

function text(collation: string): ColumnType {
  return { name: 'nvarchar', length: 20, precision: null, scale: null, collation, nullable: true };
}

function node(number: number, entity: string, collation: string): PlannedNode {
  const table = { database: null, schema: 'dbo', table: `OSUSR_1_${entity}` };
  const key = { table, column: 'CODE', type: text(collation), identity: false };
  return {
    node: number,
    kind: 'entity',
    espace: 'Shop',
    entity,
    espaceKey: 'shop',
    entityKey: entity,
    keyAttributeKey: 'code',
    keyKind: 'text',
    origin: 'preserved',
    source: key,
    destination: key,
  };
}

/** Article.CountryCode -> Country, whose key has a collation of its own. */
function plan(): Pick<RefreshPlan, 'nodes' | 'entities' | 'processes'> {
  const column = (name: string) => ({
    attribute: name,
    source: { column: name, type: text('Latin1_General_CI_AI') },
    destination: { column: name, type: text('Latin1_General_CI_AI') },
  });
  const nodes = [node(0, 'Country', 'Greek_CI_AI'), node(1, 'Article', 'Latin1_General_CI_AI')];
  const table = { database: null, schema: 'dbo', table: 'OSUSR_1_Article' };
  return {
    nodes,
    processes: null,
    entities: [
      {
        node: 1,
        stage: 'migrateEntities',
        sourceTable: table,
        destinationTable: table,
        columns: [
          { ...column('CODE'), treatment: { kind: 'key' } },
          { ...column('NAME'), treatment: { kind: 'copy' } },
          {
            ...column('COUNTRYCODE'),
            treatment: {
              kind: 'reference',
              node: 0,
              unmapped: 'fail',
              orphans: 'fail',
              enforcedInSource: true,
              enforcedInDestination: true,
              deferred: false,
            },
          },
        ],
        data: 'deleteFirst',
        match: [],
        onMatch: 'insert',
        where: null,
        processPath: null,
        highWater: null,
        splitAt: [],
        rows: 1,
        hasTriggers: false,
      },
    ],
  };
}

describe('the staging table', () => {
  it('never takes its collation from tempdb: text is collated as the database, identifiers as what they are compared with (trap 50)', () => {
    const given = plan() as RefreshPlan;
    const sql = createStagingSql(given, shapeOf(given, 0));
    expect(sql).toContain('c1 nvarchar(20) COLLATE DATABASE_DEFAULT NULL');
    expect(sql).toContain('c2 nvarchar(20) COLLATE Greek_CI_AI NULL');
    expect(sql.match(/nvarchar/g)).toHaveLength(sql.match(/COLLATE/g)?.length ?? 0);
  });

  it('is the same for entities with as many columns of each type, whatever the order of their attributes', () => {
    const given = plan() as RefreshPlan;
    const [entity] = given.entities;
    const [key, name, country] = entity!.columns;
    const number = {
      name: 'int',
      length: null,
      precision: null,
      scale: null,
      collation: null,
      nullable: true,
    } as const;
    const amount = {
      attribute: 'AMOUNT',
      source: { column: 'AMOUNT', type: number },
      destination: { column: 'AMOUNT', type: number },
      treatment: { kind: 'copy' },
    } as const;
    const sqlOf = (columns: NonNullable<typeof entity>['columns']): string => {
      const changed = { ...given, entities: [{ ...entity!, columns }] };
      return createStagingSql(changed, shapeOf(changed, 0));
    };
    expect(sqlOf([key!, name!, amount])).toBe(sqlOf([key!, amount, name!]));
    expect(sqlOf([key!, name!, amount])).not.toBe(sqlOf([key!, name!, country!]));
  });
});
