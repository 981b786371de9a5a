/**
 * The stores of a farm that needs no other program: {@link io.blendnet.storage.SqliteFarmStore} and
 * {@link io.blendnet.storage.FileBlobStore}. What they promise is in {@code spi}.
 */
@NullMarked
package io.blendnet.storage;

import org.jspecify.annotations.NullMarked;
