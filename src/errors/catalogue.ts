import { findingCatalogue, type FindingCode } from '../plan/findings.js';
import { sqlErrors } from '../sqlserver/errorCatalogue.js';
import { badInputs } from './badInputs.js';
import type { CatalogueEntry, CodeText } from './catalogueEntry.js';
import { findingMeanings } from './findingMeanings.js';
import { runFailures } from './runFailures.js';
import { stageFailures } from './stageFailures.js';

export interface CatalogueSection {
  readonly title: string;
  readonly introduction: string;
  readonly entries: readonly CatalogueEntry[];
}

/** Every code of the product, in the order of docs/errors.md. */
export function errorSections(): readonly CatalogueSection[] {
  return [
    {
      title: 'How a run ends',
      introduction:
        'Failure types of the workflow, and codes of what the operator or a timer decided. `refresh status` and `refresh report` show them.',
      entries: entriesOf(runFailures),
    },
    {
      title: 'What the operator gave is wrong',
      introduction:
        'The command exits with 2, or the workflow fails with type `BadInput`. Nothing was written; correct it and start again.',
      entries: entriesOf(badInputs),
    },
    {
      title: 'What SQL Server and the network say',
      introduction:
        'Retried ones are tried again on a new connection, without end, and are shown while they last. The others park their stage or entity, which then waits for `refresh retry` or `refresh skip`.',
      entries: sqlErrors.map(({ code, message, type, remedy }) => ({
        code,
        meaning: sentence(message),
        retried: type === 'Infrastructure',
        remedy,
      })),
    },
    {
      title: 'What a stage found',
      introduction:
        'Those that are not retried park their stage or entity, unless it says that the run ends. The message names the entity or table concerned.',
      entries: entriesOf(stageFailures),
    },
    {
      title: 'What a plan says',
      introduction:
        'Findings of `refresh plan` and of stage `plan`. A blocking one fails the plan (PLAN_BLOCKED); warnings are what an approver looks at; the others only inform.',
      entries: (Object.keys(findingCatalogue) as FindingCode[]).map((code) => ({
        code,
        meaning: `(${findingCatalogue[code][0]}) ${findingMeanings[code]}`,
        retried: false,
        remedy: findingCatalogue[code][1],
      })),
    },
  ];
}

function entriesOf(texts: Readonly<Record<string, CodeText>>): CatalogueEntry[] {
  return Object.entries(texts).map(([code, text]) => ({ code, ...text }));
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}
