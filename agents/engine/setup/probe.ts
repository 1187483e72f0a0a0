/** Run in a process of its own: loads tfjs-node, multiplies two matrices, and prints what it is. */
import { loadEager } from '../tensorflow.ts';
import * as tf from '../tf.ts';

try {
  const { version } = await loadEager('tfjs-node');
  const product = tf.matMul(tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([5, 6, 7, 8], [2, 2])).dataSync();
  if (product.join() !== '19,22,43,50')
    throw new Error(`[1 2; 3 4] [5 6; 7 8] came out as ${product.join()}`);
  console.log(version);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
