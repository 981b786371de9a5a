/** Where machines come from: the contract, and agents on this computer. */
@NullMarked
package io.blendnet.provider;

import org.jspecify.annotations.NullMarked;
