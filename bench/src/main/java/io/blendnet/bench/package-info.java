/** Benchmarks, one command each. */
@NullMarked
package io.blendnet.bench;

import org.jspecify.annotations.NullMarked;
