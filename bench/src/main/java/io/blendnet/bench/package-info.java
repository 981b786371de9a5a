/** Benchmarks, one command each; every one prints its ratio to a reference from the same run. */
@NullMarked
package io.blendnet.bench;

import org.jspecify.annotations.NullMarked;
