/** A function that cannot be made into a program, or a backend that is not there. */
export class CompileError extends Error {
  override name = 'CompileError';
}

/** The first line of a stack that is the user's own, as ` (at file:line:column)`. */
export function lineOf(stack: string | undefined): string {
  const frames = (stack ?? '').split('\n').slice(1);
  const own = frames.find(
    (frame) =>
      !/node_modules|node:|agents\/engine\/(?:onnx|errors|tensorflow)/.test(frame) &&
      /[:]\d+:\d+/.test(frame),
  );
  const place = own === undefined ? null : /(?:file:\/\/)?((?:\/|[A-Za-z]:)[^\s()]*:\d+:\d+)/.exec(own);
  return place === null ? '' : ` (at ${place[1]})`;
}
