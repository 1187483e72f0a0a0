/**
 * tfjs's JavaScript backend without the advertisement for tfjs-node that it prints with its first write in Node: here
 * that write is made, unseen, as the backend is.
 */
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';

const make = tf.findBackendFactory('cpu') as () => tf.KernelBackend;
tf.removeBackend('cpu');
tf.registerBackend('cpu', () => {
  const backend = make();
  const production = tf.env().getBool('PROD');
  tf.env().set('PROD', true);
  backend.disposeData(backend.write(new Float32Array(1), [1], 'float32'), true);
  tf.env().set('PROD', production);
  return backend;
});
