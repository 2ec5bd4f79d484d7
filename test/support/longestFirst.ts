import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Projects whose files take minutes, in the order of their length. */
const longest = ['e2e', 'chaos', 'property'];

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
