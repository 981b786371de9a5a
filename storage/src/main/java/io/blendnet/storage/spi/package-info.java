/**
 * What a store of the farm promises: rows and blobs, durable before answered. Implementations live
 * beside this package and prove themselves with the contract suites in this module's tests.
 */
@NullMarked
package io.blendnet.storage.spi;

import org.jspecify.annotations.NullMarked;
