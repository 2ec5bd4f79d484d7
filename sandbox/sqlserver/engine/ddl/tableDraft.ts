import { currentDatetime } from '../clock.js';
import type { ColumnEntity, TableEntity } from '../catalog/entities.js';
import { nameKey } from '../catalog/names.js';
import type { Session } from '../session/session.js';
import { objectExists } from './ddlErrors.js';
import { nameIsTaken } from './tableLookup.js';

/**
 * A table under change: constraints and columns are added one by one, each to PostgreSQL at once, and the entity is
 * written when all is done. All of it happens in one PostgreSQL transaction or savepoint.
 */
export class TableDraft {
  private readonly namesAdded = new Set<string>();

  constructor(
    readonly session: Session,
    public entity: TableEntity,
    /** The table is being made by this statement. */
    readonly isNew: boolean,
  ) {}

  get databaseCollation(): string {
    return this.session.catalog.collationOf(this.entity.databaseId);
  }

  change(changes: Partial<TableEntity>): void {
    this.entity = { ...this.entity, ...changes };
  }

  replaceColumn(column: ColumnEntity): void {
    this.change({ columns: this.entity.columns.map((other) => (other.id === column.id ? column : other)) });
  }

  column(name: string): ColumnEntity | undefined {
    const key = nameKey(name, this.databaseCollation);
    return this.entity.columns.find((column) => nameKey(column.name, this.databaseCollation) === key);
  }

  async execute(text: string): Promise<void> {
    await this.session.connection.execute(text);
  }

  nextObjectId(): number {
    const { store } = this.session.catalog;
    return this.entity.temporary === undefined ? store.nextObjectId() : store.nextTemporaryId();
  }

  /** Takes a constraint's name: error 2714 when it is in use. Temporary tables' names are free for all. */
  claimName(name: string): void {
    if (this.entity.temporary !== undefined) return;
    const key = nameKey(name, this.databaseCollation);
    const taken = nameIsTaken(this.session, this.entity.databaseId, this.entity.schemaId, name);
    if (taken || this.namesAdded.has(key)) throw objectExists(name);
    this.namesAdded.add(key);
  }

  /** A name such as SQL Server makes: PK__Customer__A4AE64D8. */
  generatedName(prefix: string, objectId: number, column?: string): string {
    const table = this.entity.name.replace(/^[#@]+/, '');
    const suffix = (objectId >>> 0).toString(16).toUpperCase().padStart(8, '0');
    const columnPart = column === undefined ? '' : `${column.slice(0, 5)}__`;
    return `${prefix}__${table.slice(0, 9).padEnd(9, '_')}__${columnPart}${suffix}`;
  }

  /** Writes the entity. */
  async save(): Promise<void> {
    this.change({ modifyDate: currentDatetime().toString() });
    await this.session.catalog.put(this.entity);
  }
}
