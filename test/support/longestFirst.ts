import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Projects in the order of how long their files take, from minutes down; those of others take seconds or less. */
const longest = ['e2e', 'chaos', 'property', 'sql', 'workflow', 'browser', 'replay'];

/** Starts the longest files first, so that no core idles at the end while one of them is still running. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ project }: TestSpecification): number => {
      const place = longest.indexOf(project.name);
      return place < 0 ? longest.length : place;
    };
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}
