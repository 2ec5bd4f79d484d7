import { autoNumber, entity, module, reference, simple, text } from '../sandbox/factories/define.js';
import { keyFor } from '../sandbox/factories/keys.js';
import type { Cell, FactoryModel, ModuleModel } from '../sandbox/factories/model.js';
import { serviceCenter, users } from '../sandbox/factories/modules/serviceCenter.js';

/** The application that most benches refresh; its tables are all that is written. */
export const application = 'Sales';

/** The entity that has as many rows as were asked for: 11 columns, two references, an amount, dates, texts. */
export const bigEntity = 'Sales.Order';

const city = 'Sales.City';
const customer = 'Sales.Customer';

const amount = ({ random }: Cell): string =>
  `${random.integer(1_000_000)}.${String(random.integer(1e8)).padStart(8, '0')}`;

/** Three entities; one row in ten of the biggest is a customer. */
export function salesFactory(): FactoryModel {
  const sales = module('Sales', {
    entities: [
      entity('City', {
        marker: 'Name',
        scale: { share: 0.005, minimum: 20 },
        attributes: [autoNumber(), text('Name', 50, { value: ({ marker }) => marker })],
      }),
      entity('Customer', {
        marker: 'Name',
        scale: { share: 0.1, minimum: 20 },
        attributes: [
          autoNumber(),
          text('Name', 60, { value: ({ marker }) => marker }),
          simple('Email', 'email'),
          reference('CityId', city, 'Protect'),
        ],
      }),
      entity('Order', {
        marker: 'Number',
        scale: { share: 1 },
        attributes: [
          autoNumber(),
          text('Number', 30, { mandatory: true, value: ({ marker }) => marker.slice(0, 30) }),
          reference('CustomerId', customer, 'Protect', { mandatory: true }),
          reference('CityId', city, 'Ignore'),
          text('Note', 200),
          simple('Amount', 'currency', { value: amount }),
          simple('Discount', 'currency', { value: amount }),
          simple('Quantity', 'integer'),
          simple('PlacedOn', 'dateTime'),
          simple('DueOn', 'date'),
          simple('IsPaid', 'boolean'),
        ],
      }),
    ],
  });
  return withPlatform([sales]);
}

/** Many entities of few rows each, every one referring to the one before it. */
export function manyEntities(count: number): FactoryModel {
  const names = Array.from({ length: count }, (_, index) => `Entity${index + 1}`);
  const small = module('Sales', {
    entities: names.map((name, index) =>
      entity(name, {
        marker: 'Name',
        scale: { share: 0, minimum: 10 },
        attributes: [
          autoNumber(),
          text('Name', 60, { value: ({ marker }) => marker }),
          simple('Amount', 'currency', { value: amount }),
          ...(index % 10 === 0 ? [] : [reference('PreviousId', `Sales.${names[index - 1] ?? ''}`, 'Protect' as const)]),
        ],
      }),
    ),
  });
  return withPlatform([small]);
}

/** One entity whose rows hold large values. */
export function largeValues(kind: 'binary' | 'text'): FactoryModel {
  const value =
    kind === 'binary'
      ? simple('Content', 'binary', { value: ({ index }) => Buffer.alloc(2_000_000, index & 0xff) })
      : text('Content', 2_000, { value: ({ index }) => `${index} `.padEnd(2_000, 'lorem ipsum ') });
  const documents = module('Sales', {
    entities: [
      entity('Document', {
        marker: 'Name',
        scale: { share: 1 },
        attributes: [autoNumber(), text('Name', 60, { value: ({ marker }) => marker }), value],
      }),
    ],
  });
  return withPlatform([documents]);
}

function withPlatform(modules: readonly ModuleModel[]): FactoryModel {
  return {
    modules: [serviceCenter, users, ...modules],
    applications: [
      { name: 'Service Center', key: keyFor('application Service Center'), active: true, modules: ['ServiceCenter'] },
      { name: 'Users', key: keyFor('application Users'), active: true, modules: ['Users'] },
      { name: application, key: keyFor('application Sales'), active: true, modules: modules.map(({ name }) => name) },
    ],
    solutions: [],
    tenants: [
      { name: 'ServiceCenter', provider: 'ServiceCenter' },
      { name: 'Users', provider: 'Users' },
    ],
  };
}
