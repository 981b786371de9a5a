/** End-to-end tests on a real Blender. */
@NullMarked
package io.blendnet.e2e;

import org.jspecify.annotations.NullMarked;
