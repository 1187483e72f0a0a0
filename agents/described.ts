/** What a registry's entry says of itself, for people: pages and `--help` are made of it. */
export interface Described {
  readonly name: string;
  readonly title: string;
  /** What it is, in a sentence or two. */
  readonly summary: string;
  readonly source: string;
  /** What it computes, equations in ```, for documentation: a line of Markdown each. */
  readonly details: readonly string[];
}
