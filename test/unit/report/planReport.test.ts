import { describe, expect, it } from 'vitest';
import { buildPlan, planHash } from '../../../src/plan/buildPlan.js';
import { warningsHash } from '../../../src/plan/findings.js';
import type { RefreshPlan } from '../../../src/plan/refreshPlan.js';
import { planHtml } from '../../../src/report/planReportHtml.js';
import { planJson, planText } from '../../../src/report/planReport.js';
import { configuration, factsOf, request } from '../plan/facts.js';
import type { FactorySpec } from '../plan/specFactory.js';

const hostile = 'Sales<script>alert(1)</script>&"\'';
const spec: FactorySpec = {
  modules: {
    Core: { entities: { Country: {} } },
    [hostile]: {
      entities: {
        Order: { events: true, attributes: { CountryId: { to: 'Core.Country' }, Note: { rule: 'Ignore' } } },
      },
    },
  },
  applications: { [hostile]: [hostile] },
};

function plan(columns: object = {}): RefreshPlan {
  const asked = request({ scope: { applications: [hostile] } });
  const facts = factsOf(spec, asked, { source: { columns: { [`${hostile}.Order.CountryId`]: columns } } });
  return buildPlan(asked, configuration, facts.source, facts.destination);
}

describe('the report of a plan', () => {
  const made = plan({ orphans: 7 });
  const hash = planHash(made);

  it('says the same in every format: scope, order, deletions, findings with remedies, verdict', () => {
    const text = planText(made, hash).replace(/\u001b\[\d+m/g, '');
    const html = planHtml(made, hash);
    for (const part of ['Core.Country', 'ORPHANS_FOUND', 'This plan can run, with 1 warning to look at.']) {
      expect(text).toContain(part);
      expect(html).toContain(part);
    }
    for (const { remedy } of made.findings.filter((each) => each.severity === 'warning'))
      expect(text).toContain(remedy);
    const data = JSON.parse(planJson(made, hash)) as { planHash: string; warningsHash: string; plan: RefreshPlan };
    expect(data).toMatchObject({ planHash: hash, warningsHash: warningsHash(made) });
    expect(data.plan).toEqual(made);
  });

  it('says of a large entity in how many key ranges its rows move', () => {
    const large = { rows: 1_000_000, lowest: '1', highest: '1000000' };
    const asked = request({ scope: { applications: [hostile] }, batch: { rows: 10_000 }, parallelRanges: 2 });
    const facts = factsOf(spec, asked, { source: { entities: { 'Core.Country': large } } });
    const split = buildPlan(asked, configuration, facts.source, facts.destination);
    expect(planText(split, planHash(split))).toContain('1000000 in 8 key ranges');
  });

  it('as HTML needs nothing from elsewhere, and lets no name become markup', () => {
    const html = planHtml(made, hash);
    expect(html).not.toContain('<script');
    expect(html).toContain('Sales&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;&#39;.Order');
    expect(html).not.toMatch(/\b(src|href)=|url\(|@import/i);
    expect(html.match(/<tr>/g)?.length).toBe(html.match(/<\/tr>/g)?.length);
  });

  it('says first what stands in the way', () => {
    const blocked = plan({ tooLong: 2 });
    expect(planText(blocked, planHash(blocked))).toContain('This plan cannot run: 1 finding in the way.');
    expect(planHtml(blocked, planHash(blocked))).toContain('class="verdict refused"');
  });
});
