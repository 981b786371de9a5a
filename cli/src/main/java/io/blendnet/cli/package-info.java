/** The one executable: composition root of every command. */
@NullMarked
package io.blendnet.cli;

import org.jspecify.annotations.NullMarked;
