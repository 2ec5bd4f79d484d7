/** A producer application that others refer to: text and natural keys, amounts near the limits of decimal(37,8). */
import { autoNumber, decimal, entity, module, reference, simple, text } from '../define.js';
import type { ModuleModel } from '../model.js';

export const country = 'Core.Country';

/** Keys in mixed case; no two differ in case only, because the key is unique under a case-insensitive collation. */
const countries: readonly (readonly [code: string, name: string])[] = [
  ['PT', 'Portugal'],
  ['de', 'Deutschland'],
  ['Fr', 'France'],
  ['IS', 'Ísland'],
  ['CD', 'République démocratique du Congo'],
  ['br', 'Brasil'],
  ['JP', '日本'],
  ['GR', 'Ελλάδα'],
  ['ua', 'Україна'],
  ['Eg', 'مصر'],
  ['US', 'United States'],
  ['x1', 'Neutral zone 🏳️'],
];

function countryAt(index: number): readonly [string, string] {
  const found = countries[index];
  if (!found) throw new RangeError(`No country ${index}.`);
  return found;
}

/** The code as an application may have stored it: the reference holds under the collation although the case differs. */
export function countryCodeInOtherCase(index: number): string {
  const [code] = countryAt(index % countries.length);
  return code === code.toUpperCase() ? code.toLowerCase() : code.toUpperCase();
}

const extremes = [
  '99999999999999999999999999999.99999999',
  '-99999999999999999999999999999.99999999',
  '0.00000001',
  '-0.00000001',
  '9007199254740993.12345678',
  '0.00000000',
];

export const core: ModuleModel = module('Core', {
  roles: [{ name: 'CoreAdministrator' }],
  entities: [
    entity('Country', {
      primaryKey: 'Code',
      marker: 'Code',
      scale: { share: 0, minimum: countries.length, maximum: countries.length, qaMinimum: 9 },
      attributes: [
        text('Code', 3, {
          mandatory: true,
          value: ({ index, environment }) =>
            environment === 'qa' && index < 3 ? countryCodeInOtherCase(index) : countryAt(index)[0],
        }),
        text('Name', 100, { value: ({ index }) => countryAt(index)[1] }),
        simple('IsActive', 'boolean'),
      ],
      isActiveAttribute: 'IsActive',
      labelAttribute: 'Name',
    }),
    entity('CurrencyRate', {
      marker: 'Code',
      scale: { share: 0.02, minimum: 12 },
      firstKey: { production: 9007199254740993n, qa: 9007199254740000n },
      indexes: [{ attributes: ['Code'], unique: true }],
      attributes: [
        autoNumber(),
        text('Code', 40, { mandatory: true }),
        reference('CountryCode', country, 'Ignore'),
        simple('Rate', 'currency', {
          value: ({ index, random }) =>
            extremes[index] ??
            `${random.integer(1_000_000_000)}.${String(random.integer(100_000_000)).padStart(8, '0')}`,
        }),
        decimal('Spread', 18, 8),
        simple('ValidOn', 'date', { mandatory: true }),
        simple('ReadAt', 'time'),
      ],
    }),
    entity('Contact', {
      marker: 'Code',
      scale: { share: 0.05, minimum: 15 },
      attributes: [
        autoNumber('integer'),
        text('Code', 40, { mandatory: true }),
        simple('Phone', 'phone'),
        simple('Email', 'email'),
        reference('CountryCode', country, 'Ignore', {
          value: ({ index, random }) =>
            index % 11 === 10
              ? 'ZZ'
              : index % 7 === 6
                ? ''
                : index % 5 === 4
                  ? countryCodeInOtherCase(random.integer(9))
                  : { row: random.integer(9) },
        }),
        text('Order', 20),
        text('Key', 20),
      ],
    }),
  ],
  timers: [{ name: 'ImportRates', shared: true, schedule: 'Daily 03:00', lastRunDays: -2, nextRunDays: -1 }],
});
