/** All kernels of the tracing backend; importing this registers them. */
import './elementwise.ts';
import './shape.ts';
import './reduce.ts';
import './linear.ts';
