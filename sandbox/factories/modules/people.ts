/** The People module of the guide (Factory Database, example), with its keys. */
import { autoNumber, entity, module, reference, simple, text } from '../define.js';
import type { Cell, GeneratedValue, ModuleModel } from '../model.js';
import { fullName } from '../data/words.js';

export const city = 'People.City';
export const icon = 'People.Icon';
export const person = 'People.Person';

const guideCities = ['Kinshasa', 'Reykjavik', 'Beja'];

/** Sizes differ much, so that pages bounded by rows alone would grow too large. */
function image({ index, random }: Cell): GeneratedValue {
  if (index === 1) return null;
  if (index === 2) return Buffer.alloc(0);
  const size = index === 3 ? 300_000 : 200 + random.integer(3_000);
  const bytes = Buffer.alloc(size);
  for (let i = 0; i < size; i++) bytes[i] = i < 1_000 ? random.integer(256) : (i * 31) & 0xff;
  return bytes;
}

/** Real birthdays on the null date exist, and cannot be told from it; they must arrive unchanged. */
function birthday({ index, random }: Cell): GeneratedValue {
  if (index % 50 === 7) return '1900-01-01T00:00:00.000';
  if (index % 50 === 8) return '1899-12-31T00:00:00.000';
  const day = new Date(Date.UTC(1930 + random.integer(75), random.integer(12), 1 + random.integer(28)));
  return day.toISOString().slice(0, 23);
}

export const people: ModuleModel = module('People', {
  key: '02632668-1434-43c2-82b1-e59ea75a0388',
  roles: [{ name: 'PeopleEditor' }],
  entities: [
    entity('City', {
      key: '0f3b6288-e5b3-4804-97e2-9b1ea18fc12e',
      marker: 'Name',
      scale: { share: 0.01, minimum: 12 },
      attributes: [
        autoNumber('longInteger', { key: 'ab9b9108-55a5-42a6-bdf0-85238d963c58' }),
        text('Name', 50, { value: ({ index, marker }) => guideCities[index] ?? marker }),
      ],
    }),
    entity('Icon', {
      key: 'a280d501-0a34-4fe0-9626-0f825f10c999',
      marker: 'Name',
      scale: { share: 0.005, minimum: 9 },
      attributes: [
        autoNumber('longInteger', { key: '7ebc6cae-dc3c-44b0-a8e9-f3f54a111edd' }),
        text('Name', 50, { value: ({ marker }) => marker }),
        simple('BinaryInfo', 'binary', { value: image }),
      ],
    }),
    entity('Person', {
      key: 'ceaae4ec-0c65-4e1c-964a-52edd72bb7c1',
      marker: 'Name',
      scale: { share: 0.25, minimum: 40 },
      indexes: [{ attributes: ['Name'], unique: true }],
      attributes: [
        autoNumber('longInteger', { key: '953a931a-57e6-48b8-90f1-db7b0b2db387' }),
        text('Name', 70, {
          key: 'b2db87d9-093f-41b5-b881-972f5229809c',
          mandatory: true,
          value: ({ environment, index }) =>
            `${fullName(index)} ${environment === 'qa' ? 'QA ' : ''}${index + 1}${index % 97 === 5 ? '  ' : ''}`,
        }),
        simple('DateofBirth', 'date', { value: birthday }),
        simple('IsAlive', 'boolean', { key: 'e7e604c0-2b2d-454a-b84d-9309fa8316df', mandatory: true }),
        reference('CityId', city, 'Protect'),
        reference('IconId', icon, 'Ignore'),
        text('Nickname', 30, { active: false }),
        simple('LegacyNumber', 'integer', { active: false, notNull: true }),
      ],
      isActiveAttribute: 'IsAlive',
      labelAttribute: 'Name',
      orderByAttribute: 'Id',
    }),
  ],
});

/**
 * An older People, deleted before the present one was published again: entities and attributes keep their keys and
 * their tables with old rows, the module got another key.
 */
export const deletedPeople: ModuleModel = {
  ...people,
  name: 'People(deleted0)',
  key: 'b1d7c1f2-5b07-4c05-9f4c-0f3e8d6a7a10',
  active: false,
  roles: [],
  entities: people.entities
    .filter((each) => each.name !== 'Person')
    .map((each) => ({ ...each, active: false, scale: { share: 0, minimum: 4 } })),
};
