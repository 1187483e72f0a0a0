/** The part of `jstat` that is used; the package brings no types. */
declare module 'jstat' {
  const jstat: {
    readonly studentt: {
      /** The quantile of Student's t at probability `p` with `degrees` of freedom. */
      inv(p: number, degrees: number): number;
    };
  };
  export default jstat;
}
