/** FarmStore and BlobStore: the contracts, and their embedded implementations. */
@NullMarked
package io.blendnet.storage;

import org.jspecify.annotations.NullMarked;
