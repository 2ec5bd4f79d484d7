import type { Random } from '../random.js';

const firstNames = [
  'Ana',
  'José',
  'Zoë',
  'Chidi',
  'Léa',
  'Björn',
  'Yūki',
  'Marta',
  'Ivan',
  'Amélie',
  'Omar',
  'Ngozi',
  'Søren',
  'Ioana',
  'Łukasz',
  'Xochitl',
];
const lastNames = [
  'Silva',
  'Müller',
  'O’Neill',
  'Nkosi',
  'Dąbrowski',
  'Ferreira',
  'Tanaka',
  'García',
  'Öztürk',
  'Dubois',
  'Ivanov',
  'Sá',
  'Haddad',
  'Smith',
  'Ng',
];

const words = [
  'candidate', 'called', 'again', 'about', 'the', 'offer', 'prefers', 'remote', 'work', 'speaks', 'português', 'and', 'Deutsch', 'available', 'from',
  'März', 'salary', 'discussed', '— see', 'attachment', '“quoted”', "it's", '100%', 'naïve', 'Łódź', '東京', 'مرحبا', '🚀', '👩🏽‍💻', 'e\u0301tude', '[x]', 'a_b',
]; // prettier-ignore

/** The same for the same number; not unique. */
export function fullName(index: number): string {
  return `${firstNames[index % firstNames.length]} ${lastNames[Math.floor(index / firstNames.length) % lastNames.length]}`;
}

/** Words up to a length in UTF-16 units, never ending inside a surrogate pair. */
export function sentence(random: Random, length: number): string {
  let text = '';
  for (;;) {
    const next = text === '' ? random.pick(words) : `${text} ${random.pick(words)}`;
    if (next.length > length) return text;
    text = next;
    if (text.length > 12 && random.chance(0.12)) return text;
  }
}

export function longText(random: Random, length: number): string {
  let text = '';
  while (text.length < length) text += `${sentence(random, 200)}\r\n`;
  return text;
}
