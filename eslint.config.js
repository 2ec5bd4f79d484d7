import tseslint from 'typescript-eslint';
import { builtinModules } from 'node:module';

const nodeBuiltins = builtinModules.flatMap((name) => [name, `node:${name}`]);

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'coverage', '.sandbox'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    // Workflow code is replayed: whatever reads the outside world breaks replay, and zod costs memory per cached run.
    files: ['workflows/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [...nodeBuiltins, 'zod', 'pino', 'mssql', 'tedious'].map((name) => ({ name })),
          patterns: [
            {
              regex: '^(\\.\\./)+src/(?!contract\\.js$)',
              allowTypeImports: false,
              message: 'Workflows take only src/contract.ts from the product.',
            },
          ],
        },
      ],
      'no-restricted-globals': ['error', 'process'],
    },
  },
  {
    // contract.ts is what every part may import, so it imports nothing.
    files: ['src/contract.ts'],
    rules: { 'no-restricted-syntax': ['error', 'ImportDeclaration'] },
  },
);
