/** OpenEXR scanline files: streaming read and write, assembly of tiles, sample-weighted merge. */
@NullMarked
package io.blendnet.exr;

import org.jspecify.annotations.NullMarked;
