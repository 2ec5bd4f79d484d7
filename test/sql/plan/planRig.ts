import type mssql from 'mssql';
import { parseConfigurationText, type Configuration } from '../../../src/config.js';
import { planRefresh } from '../../../src/plan/planRefresh.js';
import type { PlannedEntity, RefreshPlan } from '../../../src/plan/refreshPlan.js';
import { parseRequest } from '../../../src/request.js';
import type { FactoryDescription } from '../../../sandbox/factories/index.js';
import type { FactoryModel } from '../../../sandbox/factories/model.js';
import { connectTo, dropFactories, passwords, server, writeSmallFactories } from '../factories/support.js';

/** Two environments and plans between them, made through the real driver with the logins that a refresh uses. */
export class PlanRig {
  private constructor(
    readonly factories: FactoryDescription,
    readonly production: mssql.ConnectionPool,
    readonly qa: mssql.ConnectionPool,
  ) {}

  static async open(name: string, model?: FactoryModel): Promise<PlanRig> {
    const factories = await writeSmallFactories(name, model === undefined ? {} : { model });
    return new PlanRig(
      factories,
      await connectTo(factories.production.database),
      await connectTo(factories.qa.database),
    );
  }

  /** Environments production and qa; what is given changes one of them. */
  configuration(changes: { readonly production?: object; readonly qa?: object } = {}): Configuration {
    const { server: host, port } = server();
    const common = { server: host, port, trustServerCertificate: true };
    const environments = {
      production: {
        ...common,
        purpose: 'production',
        database: this.factories.production.database,
        user: 'prod_reader',
        password: passwords.prod_reader,
        ...changes.production,
      },
      qa: {
        ...common,
        purpose: 'non-production',
        database: this.factories.qa.database,
        user: 'qa_refresh',
        password: passwords.qa_refresh,
        ...changes.qa,
      },
    };
    return parseConfigurationText(JSON.stringify({ environments }), {});
  }

  async plan(request: object = {}, configuration = this.configuration()): Promise<RefreshPlan> {
    const asked = parseRequest({
      source: 'production',
      destination: 'qa',
      scope: { applications: ['Recruiting'] },
      ...request,
    });
    return (await planRefresh(configuration, asked)).plan;
  }

  async close(): Promise<void> {
    await this.production.close();
    await this.qa.close();
    await dropFactories(this.factories);
  }
}

export function nameOf(plan: RefreshPlan, node: number): string {
  const found = plan.nodes[node];
  return `${found?.espace}.${found?.entity}`;
}

export function entityOf(plan: RefreshPlan, name: string): PlannedEntity {
  const found = plan.entities.find((entity) => nameOf(plan, entity.node) === name);
  if (found === undefined) throw new Error(`the plan does not move ${name}`);
  return found;
}

export async function scalar(pool: mssql.ConnectionPool, sql: string): Promise<number> {
  const { recordset } = await pool.request().query<{ n: number }>(sql);
  return Number(recordset[0]?.n);
}
