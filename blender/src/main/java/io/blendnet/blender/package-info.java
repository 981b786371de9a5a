/** A Blender on this machine: find it, run a session, parse its output. Owns the Python it runs. */
@NullMarked
package io.blendnet.blender;

import org.jspecify.annotations.NullMarked;
